"""A local HTTP server of files with ranges that counts what it sends, and fails when asked to."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
SIGNATURE = "s3cr3t+signature"


@dataclass
class FileServer:
    """Serves `folder` to whoever sends the signature in the query, as a presigned URL does.

    `sent` counts body bytes. `drop_after`: connections are cut off once that many bytes were sent
    in all, `drops` times. `stall`: requests are accepted and never answered. `may_send` is asked
    before every 16 KiB, which wait until it says so.
    """

    folder: Path
    port: int = 0
    sent: int = 0
    requests: list[str] = field(default_factory=list)
    drop_after: int | None = None
    drops: int = 1
    missing: set[str] = field(default_factory=set)
    stall: threading.Event | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    scheme: str = "http"
    may_send: Callable[[], bool] = lambda: True

    def url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}?X-Signature=s3cr3t%2Bsignature"

    def unsigned_url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"

    def count(self, length: int) -> None:
        with self.lock:
            self.sent += length

    def drops_now(self) -> bool:
        with self.lock:
            if self.drop_after is None or self.sent < self.drop_after or self.drops <= 0:
                return False
            self.drops -= 1
            return True


@contextmanager
def serving(folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    state = FileServer(folder)

    class Handler(_Handler):
        files = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        state.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        if state.stall is not None:
            state.stall.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: FileServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = parts.path.removeprefix("/")
        self.files.requests.append(f"{name} {self.headers.get('Range', '')}".strip())
        if self.files.stall is not None:
            self.files.stall.wait(60)
            self.close_connection = True
            return
        path = self.files.folder / name
        if parse_qs(parts.query).get("X-Signature") != [SIGNATURE]:
            self.send_error(403)
        elif name in self.files.missing or not path.is_file():
            self.send_error(404)
        else:
            self._send(path.read_bytes())

    def _send(self, content: bytes) -> None:
        first, last = 0, len(content) - 1
        asked = _RANGE.match(self.headers.get("Range", ""))
        if asked:
            first = int(asked[1])
            last = min(last, int(asked[2])) if asked[2] else last
            if first > last:
                self.send_error(416)
                return
        self.send_response(206 if asked else 200)
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        for begin in range(first, last + 1, 16384):
            piece = content[begin : min(begin + 16384, last + 1)]
            if self.files.drops_now():
                self.close_connection = True
                return
            while not self.files.may_send():
                time.sleep(0.02)
            self.wfile.write(piece)
            self.files.count(len(piece))

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ssl.SSLError):  # the client has seen enough
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Silence: pytest shows what matters."""
