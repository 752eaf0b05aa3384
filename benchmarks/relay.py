"""A TCP relay that counts the bytes it carries: what reading from the bucket really takes."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Relay:
    """Carries connections to ``host:port``; ``received`` counts what came back."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.received = 0

    def serve(self) -> None:
        """Accept until the relay is closed."""
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()
                continue
            for pumped in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=pumped, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _pump(self, source: socket.socket, target: socket.socket, count: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if count:
                    with self._lock:
                        self.received += len(data)
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relaying(host: str, port: int) -> Iterator[Relay]:
    """A relay for the length of the block."""
    relay = Relay(host, port)
    thread = threading.Thread(target=relay.serve, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join(5)
