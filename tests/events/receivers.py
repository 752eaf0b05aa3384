"""Real HTTP servers that behave as callback receivers do, well and badly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A running receiver; `released` lets handlers that hang go on."""

    port: int
    requests: list[Received] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback"


Behaviour = Callable[[BaseHTTPRequestHandler, Receiver], None]


@contextmanager
def receiver(behaviour: Behaviour) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append(Received(self.path, headers, body))
            state.arrived.set()
            behaviour(self, state)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that hang up are what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    state = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()


def answers(*statuses: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Answer with these statuses in turn, the last one for ever."""

    def behave(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
        handler.send_response(statuses[min(len(state.requests), len(statuses)) - 1])
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def hangs(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    """Take the request and say nothing until released."""
    state.released.wait(30)


def drips_headers(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    """Send a status line, then header lines without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not state.released.wait(0.02):
        handler.wfile.write(b"X-More: and more\r\n")


def drips_body(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    """Answer 200 at once, then a body that does not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not state.released.wait(0.02):
        handler.wfile.write(b".")


def closes(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    """Hang up without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def babbles(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    """Answer something that is not HTTP."""
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")
