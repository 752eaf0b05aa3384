"""A customer's callback server: keeps what it receives and checks each signature."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.layout import HOST


@dataclass(frozen=True)
class Callback:
    """One callback: the event, and whether its signature is right (VOD developer guide 12.2)."""

    event: dict[str, Any]
    is_authentic: bool


@dataclass
class Receiver:
    """Where callbacks go, the key they are signed with, and what has come in."""

    auth_key: str
    url: str = ""
    received: list[Callback] = field(default_factory=list)

    def take(self, headers: Any, body: bytes) -> None:
        """Keep one callback."""
        timestamp = headers.get("X-VOD-TIMESTAMP", "")
        content = f"{self.url}|{timestamp}|{self.auth_key}".encode()
        expected = hashlib.md5(content, usedforsecurity=False).hexdigest()
        is_authentic = headers.get("X-VOD-SIGNATURE", "") == expected
        self.received.append(Callback(json.loads(body), is_authentic))


@contextlib.contextmanager
def callback_receiver(auth_key: str) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, for as long as the block runs."""
    receiver = Receiver(auth_key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            receiver.take(self.headers, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    receiver.url = f"http://{HOST}:{server.server_port}/callback"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
