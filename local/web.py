"""A WSGI application as a process: waitress in front of the gateway, or of the edge."""

import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import waitress
from waitress import wasyncore

_THREADS = 16
_LARGEST_BODY = 10 * 1024 * 1024  # API Gateway's limit
GRACE_SECONDS = 5.0


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
