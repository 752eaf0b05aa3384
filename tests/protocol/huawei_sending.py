"""Requests in Huawei's protocol, signed by code of the tests' own."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from chalicelib.apis.protocol.http import HttpRequest

HOST = "mpc.example.com"


def now(seconds: float = 0) -> str:
    """The time in so many seconds as the protocol writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")


def request(
    method: str,
    path: str,
    query: list[tuple[str, str]] | None = None,
    body: bytes = b"",
    **headers: str,
) -> HttpRequest:
    """Any request, signed or not; names of headers with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"host": HOST, "content-type": "application/json", **named}
    return HttpRequest(method, path, query or [], sent, body, "203.0.113.7", True)


def signed(
    key: tuple[str, str],
    method: str,
    path: str,
    query: list[tuple[str, str]] | None = None,
    body: bytes = b"",
    *,
    unsigned: tuple[str, ...] = (),
    **headers: str,
) -> HttpRequest:
    """A request with SDK-HMAC-SHA256 in its simplest form; ``headers`` are sent and signed."""
    sent = request(method, path, query, body, **{"x_sdk_date": now(), **headers})
    names = sorted(set(sent.headers) - set(unsigned))
    pairs = sorted(sent.query)
    lines = (
        method,
        path.rstrip("/") + "/",
        "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs),
        *(f"{name}:{sent.headers[name]}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(body).hexdigest(),
    )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{sent.headers['x-sdk-date']}\n{digest}"
    signature = hmac.new(key[1].encode(), text.encode(), "sha256").hexdigest()
    sent.headers["authorization"] = (
        f"SDK-HMAC-SHA256 Access={key[0]}, SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return sent


def sdk_requests() -> dict[str, HttpRequest]:
    """Requests as the official SDK's signer makes them.

    Made by huaweicloudsdkcore 3.1.219 with the keys ``testAccessKeyId`` and
    ``testSecretAccessKey``.
    """
    path = Path(__file__).parent / "huawei_requests.json"
    return {
        one["name"]: HttpRequest(
            method=one["method"],
            path=urlsplit(one["target"]).path,
            query=parse_qsl(urlsplit(one["target"]).query, keep_blank_values=True),
            headers=one["headers"],
            body=one["body"].encode(),
            source_ip="203.0.113.7",
            secure=True,
        )
        for one in json.loads(path.read_text("utf-8"))
    }
