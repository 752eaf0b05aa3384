"""Signature version 1 by hand, out of VOD API manual 4.4 alone: what an app without an SDK does."""

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

import requests


def common(access_key_id: str, action: str, **more: str) -> dict[str, str]:
    """The parameters of every request, ready to be changed and signed."""
    return {
        "Action": action,
        "Version": "2017-03-21",
        "AccessKeyId": access_key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **more,
    }


def signed(method: str, parameters: dict[str, str], secret: str) -> dict[str, str]:
    """The parameters with their signature."""
    query = "&".join(f"{_escape(name)}={_escape(parameters[name])}" for name in sorted(parameters))
    text = f"{method}&%2F&{_escape(query)}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return {**parameters, "Signature": base64.b64encode(digest).decode()}


def send(url: str, method: str, parameters: dict[str, str]) -> requests.Response:
    """GET carries them in the query, POST in a form."""
    if method == "GET":
        return requests.get(f"{url}/", params=parameters, timeout=10)
    return requests.post(f"{url}/", data=parameters, timeout=10)


def _escape(text: str) -> str:
    return quote(text, safe="-_.~")
