"""HTTP to a pinned address, with one deadline over the whole exchange.

Limits per socket operation, which HTTP libraries offer, let a server that sends a byte a second
hold a worker for hours. Here connecting, the TLS handshake, sending and every read share what is
left of the time. Redirects are not followed and no proxy, cookie or password file is looked at.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.events.target_guard import PinnedTarget


class NoAnswer(Exception):
    """No valid answer within the time; the message says why. The request may have arrived."""


class Answer(BaseModel):
    """The status of an answer, and its beginning, as far as it came in time."""

    model_config = ConfigDict(frozen=True)

    status: int
    excerpt: bytes


class Deadline:
    """A moment of the monotonic clock, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left


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
    connection = _Connection(target, deadline)
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Answer(status=response.status, excerpt=_beginning(response, excerpt_bytes))
    except TimeoutError as error:
        raise NoAnswer("no answer in time") from error
    except ssl.SSLError as error:
        raise NoAnswer(f"TLS: {error.reason or type(error).__name__}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # The texts of protocol errors repeat what the peer sent: they stay out.
        raise NoAnswer(getattr(error, "strerror", None) or type(error).__name__) from error
    finally:
        connection.hang_up()


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
        peer = (self._target.address, self._target.port)
        self._connected = socket.create_connection(peer, timeout=self._deadline.remaining())
        if self._target.scheme == "https":
            self._connected.settimeout(self._deadline.remaining())
            self._connected = _tls().wrap_socket(self._connected, server_hostname=self._target.host)
        # http.client uses no more of a socket than what the wrapper offers.
        self.sock: Any = _TimedSocket(self._connected, self._deadline)

    def hang_up(self) -> None:
        """Close the socket, whether or not the answer was read to its end."""
        if self._connected is not None:
            self._connected.close()


class _TimedSocket:
    """A connected socket whose every operation has only what is left until the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.remaining())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        """Nothing: http.client lets go of a socket before the body was read."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.remaining())
        return self._sock.recv_into(buffer)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Kept, because loading the machine's certificate authorities takes a while.
    return ssl.create_default_context()
