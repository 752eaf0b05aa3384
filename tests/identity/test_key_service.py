"""The one call of KMS that is made without botocore's client."""

import hashlib
import os
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from chalicelib.settings import settings
from chalicelib.store import aws, key_service
from chalicelib.store.key_service import Credentials, KeyServiceFailed


@pytest.mark.parametrize("token", ["", "a-session/token+of=some&length"])
def test_it_signs_as_botocore_does(token: str) -> None:
    body = b'{"KeyId":"k","CiphertextBlob":"AAAA","EncryptionContext":{"stage":"\\u00fc"}}'
    moment = datetime(2026, 3, 1, 9, 5, 7, tzinfo=UTC)
    host = "kms.eu-central-1.amazonaws.com"
    mine = key_service.signature_headers(
        Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token),
        host,
        "eu-central-1",
        body,
        moment,
    )
    sent = {name: value for name, value in mine.items() if name != "authorization"}
    request = AWSRequest("POST", f"https://{host}/", headers=sent, data=body)
    request.context["timestamp"] = sent["x-amz-date"]
    signer = SigV4Auth(
        BotocoreCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token or None),
        "kms",
        "eu-central-1",
    )
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signature = signer.signature(text, request)
    assert mine["authorization"].endswith(f"Signature={signature}")
    assert hashlib.sha256(body).hexdigest() in signer.canonical_request(request)


def test_kms_takes_the_call(deployment: None) -> None:
    context = {"openvod:stage": "a stage"}
    key_id = settings().kms_key_id
    wrapped = aws.kms().generate_data_key(
        KeyId=key_id, KeySpec="AES_256", EncryptionContext=context
    )
    credentials = key_service.environment_credentials()
    assert credentials is not None
    ciphertext = wrapped["CiphertextBlob"]
    assert key_service.decrypt(credentials, key_id, ciphertext, context) == wrapped["Plaintext"]
    with pytest.raises(KeyServiceFailed, match="InvalidCiphertextException"):
        key_service.decrypt(credentials, key_id, ciphertext, {"openvod:stage": "another"})


class _Overloaded(BaseHTTPRequestHandler):
    """Answers 500 and Throttling before it answers; a fault that the emulator cannot be told to
    have."""

    answers: list[tuple[int, bytes]]

    def do_POST(self) -> None:
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def overloaded(monkeypatch: pytest.MonkeyPatch) -> type[_Overloaded]:
    handler = type("Handler", (_Overloaded,), {"answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{server.server_port}")
    return handler


def test_it_tries_again_while_kms_is_overloaded(overloaded: type[_Overloaded]) -> None:
    throttled = b'{"__type":"com.amazonaws.kms#ThrottlingException"}'
    overloaded.answers = [(500, b""), (400, throttled), (200, b'{"Plaintext":"aGVsbG8="}')]
    assert key_service.decrypt(Credentials("a", "b"), "k", b"x", {}) == b"hello"


def test_it_gives_up_at_once_when_kms_refuses(overloaded: type[_Overloaded]) -> None:
    refusal = b'{"__type":"AccessDeniedException","message":"no"}'
    overloaded.answers = [(400, refusal), (200, b'{"Plaintext":"aGVsbG8="}')]
    with pytest.raises(KeyServiceFailed, match=r"^AccessDeniedException$"):
        key_service.decrypt(Credentials("a", "b"), "k", b"x", {})
    assert len(overloaded.answers) == 1


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "kms.eu-west-1.amazonaws.com"),
        ("cn-north-1", "kms.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_it_calls_where_botocore_would(
    region: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        monkeypatch.delenv(name)
    import botocore.session

    client = botocore.session.get_session().create_client("kms", region_name=region)
    assert urlsplit(client.meta.endpoint_url).netloc == host
    assert key_service.endpoint(region).netloc == host
