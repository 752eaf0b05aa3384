"""Requests as clients send them, signed by code of the tests' own after the manual."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from chalicelib.apis.protocol.http import HttpRequest

HOST = "vod.example.com"
FORM = "application/x-www-form-urlencoded"


def now(offset: float = 0) -> str:
    """The time in ``offset`` seconds as the protocol writes it."""
    return (datetime.now(UTC) + timedelta(seconds=offset)).strftime("%Y-%m-%dT%H:%M:%SZ")


def request(
    query: dict[str, str] | list[tuple[str, str]] | None = None,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    source_ip: str = "203.0.113.7",
    secure: bool = True,
) -> HttpRequest:
    """Any request, signed or not."""
    pairs = list(query.items()) if isinstance(query, dict) else query or []
    return HttpRequest(
        method, "/", pairs, {"host": HOST, **(headers or {})}, body, source_ip, secure
    )


def v1(
    key: tuple[str, str],
    action: str,
    parameters: dict[str, str] | None = None,
    *,
    form: bool = False,
    token: str = "",
    source_ip: str = "203.0.113.7",
    secure: bool = True,
    **common: str,
) -> HttpRequest:
    """A request with signature version 1; ``common`` replaces common parameters."""
    signed = {
        "Action": action,
        "Version": "2099-01-01",
        "Format": "JSON",
        "AccessKeyId": key[0],
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": secrets.token_hex(16),
        "Timestamp": now(),
        **({"SecurityToken": token} if token else {}),
        **common,
        **(parameters or {}),
    }
    method = "POST" if form else "GET"
    canonical = "&".join(f"{_encode(name)}={_encode(signed[name])}" for name in sorted(signed))
    text = f"{method}&%2F&{_encode(canonical)}"
    digest = hmac.new(f"{key[1]}&".encode(), text.encode(), "sha1").digest()
    signed["Signature"] = base64.b64encode(digest).decode()
    place = {"source_ip": source_ip, "secure": secure}
    if form:
        body = urlencode(signed).encode()
        return request(method="POST", headers={"content-type": FORM}, body=body, **place)
    return request(signed, **place)


def acs3(
    key: tuple[str, str],
    action: str,
    query: dict[str, str] | None = None,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    unsigned: tuple[str, ...] = (),
    token: str = "",
) -> HttpRequest:
    """A POST with ACS3-HMAC-SHA256; ``headers`` are added, those in ``unsigned`` not signed."""
    sent = {
        "host": HOST,
        "x-acs-action": action,
        "x-acs-version": "2099-01-01",
        "x-acs-date": now(),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        **({"x-acs-security-token": token} if token else {}),
        **(headers or {}),
    }
    names = sorted(set(sent) - set(unsigned))
    lines = (
        "POST",
        "/",
        "&".join(f"{_encode(n)}={_encode(v)}" for n, v in sorted((query or {}).items())),
        *(f"{name}:{sent[name]}" for name in names),
        "",
        ";".join(names),
        sent["x-acs-content-sha256"],
    )
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
    signature = hmac.new(key[1].encode(), text.encode(), "sha256").hexdigest()
    sent["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key[0]},SignedHeaders={';'.join(names)},"
        f"Signature={signature}"
    )
    return request(query, method="POST", headers=sent, body=body)


def sdk_requests() -> dict[str, HttpRequest]:
    """Requests that official SDKs sent, as they came over the wire.

    Made with the keys ``testAccessKeyId`` and ``testAccessKeySecret`` by alibabacloud-tea-openapi
    0.4.6 and aliyun-python-sdk-core 2.16.1; headers that nobody signs are left out.
    """
    recorded = json.loads((Path(__file__).parent / "sdk_requests.json").read_text("utf-8"))
    return {
        one["name"]: HttpRequest(
            method=one["method"],
            path=urlsplit(one["target"]).path,
            query=parse_qsl(urlsplit(one["target"]).query, keep_blank_values=True),
            headers=one["headers"],
            body=one["body"].encode(),
            source_ip="203.0.113.7",
            secure=False,
        )
        for one in recorded
    }


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
