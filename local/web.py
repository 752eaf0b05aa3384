"""A WSGI application as a process: waitress in front of the gateway, or of the edge."""

import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel

_THREADS = 16
_LARGEST_BODY = 10 * 1024 * 1024  # API Gateway's limit
GRACE_SECONDS = 5.0
_LEFT_OVER = 256 * 1024


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose answers are sent by the threads that make them.

    The main loop takes over what is left when the thread is done, or is more than a client takes in
    at once. Waitress's own would have the loop poll without a pause as long as a thread sends.
    """

    def writable(self) -> bool:
        if self.requests and not self.will_close and self.total_outbufs_len < _LEFT_OVER:
            return bool(self.close_when_flushed)
        return bool(super().writable())


def serve(
    application: Any,
    listener: socket.socket,
    ready: Callable[[], None],
    *,
    keep_forwarded: bool = False,
) -> None:
    """Serve on a bound socket until SIGTERM, then finish the requests that are under way.

    ``keep_forwarded``: the application sees what clients say of proxies (X-Forwarded-For).
    """
    stopping = False

    def on_stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, on_stop)
    sockets: dict[int, Any] = {}
    server = waitress.create_server(
        application,
        map=sockets,
        sockets=[listener],
        threads=_THREADS,
        max_request_body_size=_LARGEST_BODY,
        connection_limit=500,
        ident="openvod",
        clear_untrusted_proxy_headers=not keep_forwarded,
    )
    server.channel_class = _Channel
    ready()
    while not stopping:
        wasyncore.loop(timeout=0.5, use_poll=True, map=sockets, count=1)
    sockets.pop(listener.fileno(), None)  # take no new connections
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and _busy(sockets):
        wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)
    server.task_dispatcher.shutdown(timeout=0.1)


def _busy(sockets: dict[int, Any]) -> bool:
    """Whether a request is being worked on or an answer is not yet sent."""
    channels = [channel for channel in sockets.values() if hasattr(channel, "requests")]
    return any(channel.requests or channel.total_outbufs_len for channel in channels)
