"""A remote file of which the parts that will be needed are fetched ahead, several at once.

Pictures from many places of a file in a bucket are a request for each place; one after the other,
they mostly wait for the network. Whoever knows the places beforehand names them here.
"""

import http.client
import ssl
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit

from chalicelib.media.errors import SourceUnreachable
from chalicelib.media.source import NETWORK_TIMEOUT_SECONDS, REQUEST_BYTES, Deadline, ca_bundle

_AT_ONCE = 8
_TRIES = 3
# Two parts with less than this between them are one request.
_NEAR_BYTES = 16 * 1024
_LARGEST_PART_BYTES = 8 * 1024 * 1024


class _Part(NamedTuple):
    begin: int
    length: int
    data: "Future[bytes]"


class FileAhead:
    """A file object for PyAV (`read`, `seek`, `tell`) at an http(s) URL; a context manager.

    Raises SourceUnreachable where ranges cannot be had, TimeLimitExceeded.
    """

    def __init__(self, url: str, deadline: Deadline) -> None:
        self._parts_of_url = urlsplit(url)
        self._deadline = deadline
        self._position = 0
        self._size: int | None = None
        self._block = (0, b"")
        self._wanted: deque[tuple[int, int]] = deque()
        self._coming: deque[_Part] = deque()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ahead")
        self._connections = threading.local()

    def __enter__(self) -> "FileAhead":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def want(self, places: Iterable[tuple[int, int]]) -> None:
        """These will be read, in this order: where each begins, and its length in bytes."""
        joined: list[tuple[int, int]] = []
        for begin, length in places:
            last = joined[-1] if joined else (0, -1)
            gap = begin - sum(last)
            if last[1] >= 0 and 0 <= gap < _NEAR_BYTES and length < _LARGEST_PART_BYTES:
                joined[-1] = (last[0], last[1] + gap + length)
            elif begin >= 0 and 0 < length < _LARGEST_PART_BYTES:
                joined.append((begin, length))
        self._wanted = deque(joined)
        self._ask()

    def read(self, count: int) -> bytes:
        """At least a byte, at most `count`; none at the end."""
        begin, data = self._block
        if not begin <= self._position < begin + len(data):
            self._block = self._fetched_ahead() or self._fetched_now()
            begin, data = self._block
        offset = self._position - begin
        found = data[offset : offset + count]
        self._position += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        if whence == 2 and self._size is None:
            self._fetched_now()
        self._position = offset + (0, self._position, self._size or 0)[whence]
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def _ask(self) -> None:
        """Have as many requests on their way as may be; what was passed over is forgotten."""
        while self._wanted and len(self._coming) < _AT_ONCE:
            begin, length = self._wanted.popleft()
            self._coming.append(_Part(begin, length, self._pool.submit(self._get, begin, length)))

    def _fetched_ahead(self) -> tuple[int, bytes] | None:
        found = [part for part in self._coming if self._is_in(part)]
        if not found:
            return None
        while self._coming[0] is not found[0]:
            self._coming.popleft()
        part = self._coming.popleft()
        self._ask()
        data = part.data.result()
        return (part.begin, data) if self._position < part.begin + len(data) else None

    def _is_in(self, part: _Part) -> bool:
        return part.begin <= self._position < part.begin + part.length

    def _fetched_now(self) -> tuple[int, bytes]:
        if self._size is not None and self._position >= self._size:
            return self._position, b""
        return self._position, self._get(self._position, REQUEST_BYTES)

    def _get(self, begin: int, length: int) -> bytes:
        for attempt in range(_TRIES):
            self._deadline.check()
            try:
                return self._got(begin, length)
            except (OSError, http.client.HTTPException) as error:
                self._connections.open = None
                if attempt == _TRIES - 1:
                    raise SourceUnreachable(f"the source cannot be read: {error}") from None
        raise AssertionError

    def _got(self, begin: int, length: int) -> bytes:
        connection = getattr(self._connections, "open", None) or self._connected()
        target = f"{self._parts_of_url.path or '/'}?{self._parts_of_url.query}"
        connection.request("GET", target, headers={"Range": f"bytes={begin}-{begin + length - 1}"})
        with connection.getresponse() as answer:
            if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                answer.read()
                return b""
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise http.client.HTTPException(f"status {answer.status}")
            if answer.status != HTTPStatus.PARTIAL_CONTENT:
                raise SourceUnreachable(f"the source cannot be read: status {answer.status}")
            size = answer.headers.get("Content-Range", "").rpartition("/")[2]
            self._size = int(size) if size.isdigit() else self._size
            return answer.read(length)

    def _connected(self) -> http.client.HTTPConnection:
        host, port = self._parts_of_url.hostname or "", self._parts_of_url.port
        seconds = min(NETWORK_TIMEOUT_SECONDS, max(1.0, self._deadline.left))
        made: http.client.HTTPConnection
        if self._parts_of_url.scheme == "https":
            trusted = ssl.create_default_context(cafile=ca_bundle())
            made = http.client.HTTPSConnection(host, port, timeout=seconds, context=trusted)
        else:
            made = http.client.HTTPConnection(host, port, timeout=seconds)
        self._connections.open = made
        return made
