"""Connections that are used again: for the same peer only, and only when they are still good."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.events import pinned_http
from chalicelib.events.pinned_http import Answer, NoAnswer, post
from chalicelib.outbound.target_guard import PinnedTarget
from chalicelib.outbound.timed_socket import Deadline


@dataclass
class Server:
    """A server that keeps connections; `answer` is what it says, `peers` who has asked."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    close_after_answer: bool = False
    peers: list[int] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            state.peers.append(self.client_address[1])
            self.wfile.write(state.answer)
            self.close_connection = state.close_after_answer

        def finish(self) -> None:
            super().finish()
            self.connection.shutdown(socket.SHUT_RDWR)
            state.closed.set()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        state.port = running.server_port
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        running.shutdown()


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned_http, "_idle", pinned_http._IdleConnections())


def send(port: int, host: str = "callbacks.example.test", seconds: float = 5) -> Answer:
    target = PinnedTarget.model_validate(
        {"scheme": "http", "host": host, "port": port, "path": "/cb", "address": "127.0.0.1"}
    )
    return post(target, b"{}", {}, Deadline(seconds), 64)


def test_one_connection_carries_many_callbacks() -> None:
    with server() as there:
        assert [send(there.port).excerpt for _ in range(5)] == [b"ok"] * 5
        assert len(there.peers) == 5
        assert len(set(there.peers)) == 1


def test_another_host_at_the_same_address_has_its_own() -> None:
    with server() as there:
        send(there.port)
        send(there.port, host="other.example.test")
        assert len(set(there.peers)) == 2


def test_one_that_the_peer_has_closed_is_replaced() -> None:
    with server() as there:
        there.close_after_answer = True
        send(there.port)
        assert there.closed.wait(10)
        assert send(there.port).status == 200
        assert len(set(there.peers)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100,
    ],
    ids=["said so", "not read to its end"],
)
def test_one_that_cannot_be_trusted_is_not_used_again(answer: bytes) -> None:
    with server() as there:
        there.answer = answer
        for _ in range(2):
            assert send(there.port).status == 200
        assert len(set(there.peers)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
    ids=["empty", "no content", "chunked"],
)
def test_answers_of_every_form_leave_it_usable(answer: bytes) -> None:
    with server() as there:
        there.answer = answer
        for _ in range(3):
            send(there.port)
        assert len(set(there.peers)) == 1


def test_every_exchange_has_its_own_deadline() -> None:
    with server() as there:
        send(there.port, seconds=1)
        there.answer = b""
        with pytest.raises(NoAnswer, match="in time"):
            send(there.port, seconds=0.3)
        there.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        assert send(there.port).status == 200


def test_nonsense_on_a_kept_one_is_asked_about_once_more() -> None:
    with server() as there:
        there.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"x" * 9000
        assert send(there.port).status == 200
        there.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        assert send(there.port).status == 200


def test_no_more_are_kept_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned_http._IdleConnections, "_AT_MOST", 2)
    with server() as there:
        for number in range(5):
            send(there.port, host=f"host{number}.example.test")
        assert len(pinned_http._idle._kept) == 2
        send(there.port, host="host4.example.test")
        assert len(set(there.peers)) == 5


def test_those_that_waited_too_long_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as there:
        send(there.port)
        monkeypatch.setattr(pinned_http._IdleConnections, "_SECONDS", 0.0)
        send(there.port)
        assert len(set(there.peers)) == 2
