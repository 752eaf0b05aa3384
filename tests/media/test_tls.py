"""Over https the server has to prove who it is, to both engines: ffmpeg's default is not to ask."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.media.errors import SourceUnreachable
from chalicelib.media.probe import probe
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from tests import clips
from tests.media.encoding import run
from tests.media.file_server import serving


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "media tests")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def encode(url: str, facts: MediaFacts, folder: Path) -> None:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    run(url, RenditionSpec(container="mp4", audio=AudioEncoding()), out, facts=facts)


def test_only_a_trusted_server_is_read(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = clips.make("audio_only")
    facts = probe(clip)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(clip.parent, context) as server:
        url = server.url(clip.name)
        assert url.startswith("https:")
        with pytest.raises(SourceUnreachable):
            probe(url)
        with pytest.raises(SourceUnreachable):
            encode(url, facts, tmp_path)
        assert server.sent == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert probe(url) == facts
        encode(url, facts, tmp_path)
    assert (tmp_path / "out" / "out.mp4").exists()
