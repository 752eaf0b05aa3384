"""One deadline over the whole exchange; the connection goes to the pinned address."""

import datetime
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.events import pinned_http
from chalicelib.events.pinned_http import Answer, NoAnswer, post
from chalicelib.outbound.target_guard import PinnedTarget
from chalicelib.outbound.timed_socket import Deadline
from tests.events.receivers import Behaviour, answers, drips_body, drips_headers, hangs, receiver

HOST = "callbacks.example.test"


def target(port: int, scheme: str = "http", host: str = "127.0.0.1") -> PinnedTarget:
    return PinnedTarget.model_validate(
        {"scheme": scheme, "host": host, "port": port, "path": "/cb", "address": "127.0.0.1"}
    )


def send(to: PinnedTarget, seconds: float = 10) -> Answer:
    return post(to, b"{}", {"Connection": "close"}, Deadline(seconds), 4)


@pytest.mark.parametrize("behaviour", [hangs, drips_headers])
def test_no_answer_in_time(behaviour: Behaviour) -> None:
    with receiver(behaviour) as there, pytest.raises(NoAnswer, match="in time"):
        send(target(there.port), 0.5)


def test_a_body_that_does_not_end_is_cut_off() -> None:
    with receiver(drips_body) as there:
        assert send(target(there.port)) == Answer(status=200, excerpt=b"....")


def test_a_body_that_stalls_does_not_spoil_the_status() -> None:
    with receiver(answers(200, headers={"X": "1"}, body=b"ab")) as there:
        assert send(target(there.port)) == Answer(status=200, excerpt=b"ab")

    def stalls(handler: http.server.BaseHTTPRequestHandler, state: object) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
        hangs(handler, there)

    with receiver(stalls) as there:
        assert send(target(there.port), 1) == Answer(status=200, excerpt=b"ab")


def test_a_peer_that_never_speaks_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NoAnswer, match="in time"):
            send(target(port, "https"), 0.5)


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    with receiver(answers(200)) as there:
        with pytest.raises(NoAnswer, match="in time"):
            send(target(there.port), 0)
        assert there.requests == []


def test_names_are_not_looked_up_again() -> None:
    with receiver(answers(200)) as there:
        assert send(target(there.port, host="does-not-resolve.invalid")).status == 200
        (request,) = there.requests
        assert request.headers["host"] == f"does-not-resolve.invalid:{there.port}"


class TlsReceiver:
    def __init__(self, port: int, names: list[str | None]) -> None:
        self.port = port
        self.names = names


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsReceiver]:
    """A receiver with a certificate for HOST, from an authority that this process trusts."""
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            names.append(self.headers["Host"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Clients that do not trust the certificate hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    pinned_http._tls.cache_clear()
    yield TlsReceiver(server.server_address[1], names)
    pinned_http._tls.cache_clear()
    server.shutdown()
    server.server_close()


def test_tls_is_spoken_with_the_host(tls: TlsReceiver) -> None:
    assert send(target(tls.port, "https", HOST)).status == 200
    assert tls.names == [HOST, f"{HOST}:{tls.port}"]


def test_a_certificate_for_another_name_is_refused(tls: TlsReceiver) -> None:
    with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        send(target(tls.port, "https", "other.example.test"))


def test_an_authority_that_nobody_knows_is_refused(
    tls: TlsReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    pinned_http._tls.cache_clear()
    with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        send(target(tls.port, "https", HOST))


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path
