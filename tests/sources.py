"""A real HTTP server of media that behaves as sources on the internet do, well and badly."""

import gzip
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Asked:
    path: str
    headers: dict[str, str]


@dataclass
class SourceServer:
    """A running server: `answers` by path, `asked` in order; `released` lets what hangs go on."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def ranges(self, path: str) -> list[str]:
        """What ranges the path was asked for."""
        return [asked.headers.get("range", "") for asked in self.asked if asked.path == path]


@contextmanager
def serving_sources() -> Iterator[SourceServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.asked.append(Asked(self.path, headers))
            answer = state.answers.get(self.path.partition("?")[0], status(404))
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that hang up are what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    state = SourceServer(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()


def status(code: int, **headers: str) -> Answer:
    """An answer without a body; names of headers are written with underscores."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def redirect(location: str) -> Answer:
    return status(302, Location=location)


def file(body: bytes, etag: str = '"v1"', *, first: int | None = None) -> Answer:
    """A file that knows ranges; with ``first`` each answer breaks off after that many bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        offset = 0
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if asked and handler.headers.get("If-Range") in (None, etag):
            offset = int(asked[1])
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {offset}-{len(body) - 1}/{len(body)}")
        else:
            handler.send_response(200)
        rest = body[offset:]
        handler.send_header("Content-Length", str(len(rest)))
        if etag:
            handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(rest if first is None else rest[:first])
        if first is not None and first < len(rest):
            handler.close_connection = True

    return answer


def chunked(body: bytes) -> Answer:
    """The body in chunks, without a length."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("ETag", '"c1"')
        handler.end_headers()
        for start in range(0, len(body), 5000):
            part = body[start : start + 5000]
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    return answer


def gzipped(body: bytes) -> Answer:
    """The body in gzip, though nobody asked for it."""
    packed = gzip.compress(body, mtime=0)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.send_header("ETag", '"g1"')
        handler.end_headers()
        handler.wfile.write(packed)

    return answer


def bomb(size: int) -> Answer:
    """A few kilobytes that unpack to ``size`` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    return answer


def dripping(server: SourceServer) -> Answer:
    """A byte now and then, for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not server.released.wait(0.05):
            handler.wfile.write(b".")
            handler.wfile.flush()

    return answer
