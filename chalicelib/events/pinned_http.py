"""HTTP to a pinned address, with one deadline over the whole exchange.

Limits per socket operation, which HTTP libraries offer, let a server that sends a byte a second
hold a worker for hours. Here connecting, the TLS handshake, sending and every read share what is
left of the time. Redirects are not followed and no proxy, cookie or password file is looked at.

A connection whose answer was read to its end is kept for a while and used again, but only for the
same host, port and scheme at the same pinned address: a name that leads elsewhere by now gets a new
connection.
"""

import http.client
import select
import socket
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.outbound.target_guard import PinnedTarget
from chalicelib.outbound.timed_socket import Deadline, TimedSocket, connect

_Peer = tuple[str, str, int, str]


class NoAnswer(Exception):
    """No valid answer within the time; the message says why. The request may have arrived."""


class Answer(BaseModel):
    """The status of an answer, and its beginning, as far as it came in time."""

    model_config = ConfigDict(frozen=True)

    status: int
    excerpt: bytes


def post(
    target: PinnedTarget,
    body: bytes,
    headers: Mapping[str, str],
    deadline: Deadline,
    excerpt_bytes: int,
) -> Answer:
    """POST and return the answer's status with at most `excerpt_bytes` of its body.

    Certificates are checked against the URL's host name, not the pinned address. Raises NoAnswer.
    """
    kept = _idle.take(target)
    try:
        if kept is not None:
            try:
                return _exchange(kept, target, body, headers, deadline, excerpt_bytes)
            except (http.client.BadStatusLine, ConnectionError):
                # The peer had closed it meanwhile, as it may, or what it sent before was longer
                # than it said; a new one tells whether it is well.
                kept = None
        fresh = _Connection(target, deadline)
        return _exchange(fresh, target, body, headers, deadline, excerpt_bytes)
    except TimeoutError as error:
        raise NoAnswer("no answer in time") from error
    except ssl.SSLError as error:
        raise NoAnswer(f"TLS: {error.reason or type(error).__name__}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # The texts of protocol errors repeat what the peer sent: they stay out.
        raise NoAnswer(getattr(error, "strerror", None) or type(error).__name__) from error


def _exchange(
    connection: "_Connection",
    target: PinnedTarget,
    body: bytes,
    headers: Mapping[str, str],
    deadline: Deadline,
    excerpt_bytes: int,
) -> Answer:
    reusable = False
    try:
        connection.set_deadline(deadline)
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        answer = Answer(status=response.status, excerpt=_beginning(response, excerpt_bytes))
        reusable = _is_over(response) and not response.will_close
    finally:
        if reusable:
            _idle.keep(target, connection)
        else:
            connection.hang_up()
    return answer


def _is_over(response: http.client.HTTPResponse) -> bool:
    """Whether all of the body has been read, so that the next answer comes next."""
    if response.length == 0:
        response.read()  # lets go of the connection
    return response.isclosed()


def _beginning(response: http.client.HTTPResponse, size: int) -> bytes:
    """What of the body comes in time: the status has been read, so nothing here is an error."""
    read = b""
    try:
        while len(read) < size and (chunk := response.read1(size - len(read))):
            read += chunk
    except (OSError, http.client.HTTPException, ValueError):
        return read
    return read


class _Connection(http.client.HTTPConnection):
    """Connects to the pinned address; the Host header and the certificate are the host's."""

    def __init__(self, target: PinnedTarget, deadline: Deadline) -> None:
        super().__init__(target.host, target.port)
        self.default_port = 443 if target.scheme == "https" else 80
        self._target = target
        self._deadline = deadline
        self._connected: socket.socket | None = None

    def connect(self) -> None:
        self._connected = connect(self._target, self._deadline)
        if self._target.scheme == "https":
            self._connected.settimeout(self._deadline.remaining())
            self._connected = _tls().wrap_socket(self._connected, server_hostname=self._target.host)
        # http.client uses no more of a socket than what the wrapper offers.
        self.sock: Any = TimedSocket(self._connected, self._deadline)

    def set_deadline(self, deadline: Deadline) -> None:
        """Give the next exchange its own time."""
        self._deadline = deadline
        if self.sock is not None:
            self.sock.deadline = deadline

    def is_quiet(self) -> bool:
        """Whether the peer has neither hung up nor sent what nobody asked for."""
        if self.sock is None or self._connected is None:
            return False
        news = select.poll()
        news.register(self._connected, select.POLLIN)
        return not news.poll(0)

    def hang_up(self) -> None:
        """Close the socket, whether or not the answer was read to its end."""
        if self._connected is not None:
            self._connected.close()


class _IdleConnections:
    """Connections that wait for their next use; the oldest go first when there are too many."""

    _SECONDS = 15.0
    _AT_MOST = 128

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Connection, tuple[_Peer, float]] = OrderedDict()

    def take(self, target: PinnedTarget) -> "_Connection | None":
        peer = _peer(target)
        with self._lock:
            mine = [one for one, (of, _) in reversed(self._kept.items()) if of == peer]
            found = next((one for one in mine if self._is_fit(one)), None)
            if found is not None:
                del self._kept[found]
        return found

    def keep(self, target: PinnedTarget, connection: "_Connection") -> None:
        with self._lock:
            self._kept[connection] = (_peer(target), time.monotonic())
            for one in [one for one in self._kept if not self._is_fresh(one)]:
                self._drop(one)
            while len(self._kept) > self._AT_MOST:
                self._drop(next(iter(self._kept)))

    def _is_fit(self, connection: "_Connection") -> bool:
        fit = self._is_fresh(connection) and connection.is_quiet()
        if not fit:
            self._drop(connection)
        return fit

    def _is_fresh(self, connection: "_Connection") -> bool:
        return time.monotonic() - self._kept[connection][1] < self._SECONDS

    def _drop(self, connection: "_Connection") -> None:
        del self._kept[connection]
        connection.hang_up()


def _peer(target: PinnedTarget) -> _Peer:
    return target.scheme, target.host, target.port, target.address


_idle = _IdleConnections()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Kept, because loading the machine's certificate authorities takes a while.
    return ssl.create_default_context()
