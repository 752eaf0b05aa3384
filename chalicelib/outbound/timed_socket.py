"""Sockets with one deadline over many operations.

Limits per socket operation, which HTTP libraries offer, let a server that sends a byte a second
hold a worker for hours. Here whatever is done shares what is left of the time.
"""

import io
import socket
import time
from typing import Any

from chalicelib.outbound.target_guard import PinnedTarget


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


def connect(target: PinnedTarget, deadline: Deadline) -> socket.socket:
    """A connection to the pinned address, whatever the host's name leads to by now."""
    peer = (target.address, target.port)
    connected = socket.create_connection(peer, timeout=deadline.remaining())
    # Header and body are two packets; the second must not wait for the first one's receipt.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


class TimedSocket:
    """A connected socket whose every operation has only what is left until `deadline`.

    Offers what HTTP libraries use of a socket. `deadline` may be replaced between operations.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self.deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self.deadline.remaining())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self))

    def receive_into(self, buffer: Any) -> int:
        """What comes next, at least one byte of it unless the peer has ended."""
        self._sock.settimeout(self.deadline.remaining())
        return self._sock.recv_into(buffer)

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing: the deadline decides."""

    def close(self) -> None:
        """Nothing: http.client lets go of a socket before the body was read."""

    def hang_up(self) -> None:
        """Really close it."""
        self._sock.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: TimedSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.receive_into(buffer)
