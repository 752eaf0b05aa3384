"""GET by `requests` from a pinned address, its body streamed, every step under a deadline.

`requests` itself would look the name up again, follow redirects anywhere, read proxies and
password files from the environment, and wait for a server that sends a byte now and then.
"""

import http.client
import logging
import ssl
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from chalicelib.outbound.target_guard import PinnedTarget
from chalicelib.outbound.timed_socket import Deadline, TimedSocket, connect

# At DEBUG it writes whole URLs, whose queries may hold secrets.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class FetchBroken(Exception):
    """No answer, or one that broke off; the message says why and quotes nothing of either side."""


class Fetched:
    """An answer whose body has not been read. Close it, or use it as a context."""

    def __init__(self, response: requests.Response, line: "_Line") -> None:
        self._response = response
        self._line = line

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in any case."""
        return self._response.headers

    def read(self, size: int, deadline: Deadline) -> bytes:
        """The next `size` bytes of the body, fewer only at its end; encodings are undone.

        Raises FetchBroken where they do not come in time, or the body ends before its length.
        """
        self._line.set_deadline(deadline)
        try:
            data: bytes = self._response.raw.read(size, decode_content=True)
        except _FAILURES as error:
            raise _broken(error) from None
        return data

    def close(self) -> None:
        """Hang up, whether or not the body was read to its end."""
        self._response.close()
        self._line.hang_up()

    def __enter__(self) -> "Fetched":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def get(target: PinnedTarget, headers: Mapping[str, str], deadline: Deadline) -> Fetched:
    """Ask for the target's path; returns when the answer's headers are there. Raises FetchBroken.

    Certificates are checked against the target's host name, not the pinned address.
    """
    line = _Line(target, deadline)
    try:
        # Without a session: one would look into where a redirect leads and read all of its body.
        request = requests.Request("GET", _url(target), headers=dict(headers)).prepare()
        response = _PinnedAdapter(line).send(request, stream=True)
    except _FAILURES as error:
        line.hang_up()
        raise _broken(error) from None
    return Fetched(response, line)


class _Line:
    """Where a connection goes, its present deadline, and its socket once there is one."""

    def __init__(self, target: PinnedTarget, deadline: Deadline) -> None:
        self.target = target
        self._deadline = deadline
        self._sock: TimedSocket | None = None

    def dial(self) -> Any:
        return connect(self.target, self._deadline)

    def timed(self, connected: Any) -> Any:
        self._sock = TimedSocket(connected, self._deadline)
        return self._sock

    def set_deadline(self, deadline: Deadline) -> None:
        self._deadline = deadline
        if self._sock is not None:
            self._sock.deadline = deadline

    def hang_up(self) -> None:
        if self._sock is not None:
            self._sock.hang_up()


class _HttpConnection(HTTPConnection):
    def __init__(self, *arguments: Any, line: _Line, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line

    def _new_conn(self) -> Any:
        return self._line.dial()

    def connect(self) -> None:
        super().connect()
        self.sock = self._line.timed(self.sock)


class _HttpsConnection(HTTPSConnection):
    def __init__(self, *arguments: Any, line: _Line, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line

    def _new_conn(self) -> Any:
        return self._line.dial()

    def connect(self) -> None:
        super().connect()
        self.sock = self._line.timed(self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _PinnedAdapter(HTTPAdapter):
    """Has one connection, to the line's target, whatever URL is asked for."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        target = self._line.target
        if target.scheme == "https":
            return _HttpsPool(target.host, target.port, ssl_context=_tls(), line=self._line)
        return _HttpPool(target.host, target.port, line=self._line)

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: the connection's own context says whom to trust."""


def _url(target: PinnedTarget) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.scheme}://{host}:{target.port}{target.path}"


def _broken(error: Exception) -> FetchBroken:
    """The texts of these errors repeat URLs and what the peer sent: only their kind goes on."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TimeoutError | urllib3.exceptions.TimeoutError):
            return FetchBroken("no data came in time")
        if isinstance(seen, ssl.SSLError):
            return FetchBroken(f"TLS: {seen.reason or type(seen).__name__}")
        if isinstance(seen, urllib3.exceptions.IncompleteRead | http.client.IncompleteRead):
            return FetchBroken("the answer ended before its length")
        if isinstance(seen, urllib3.exceptions.DecodeError):
            return FetchBroken("the answer's encoding is damaged")
        if isinstance(seen, OSError) and seen.strerror:
            return FetchBroken(seen.strerror)
        seen = seen.__cause__ or seen.__context__
    return FetchBroken(type(error).__name__)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Kept, because loading the machine's certificate authorities takes a while.
    return ssl.create_default_context()
