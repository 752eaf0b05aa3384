"""One call of KMS, Decrypt, without botocore's client: it is on the way of every cold start.

Importing botocore and making its client took a quarter of the API's first answer; signing and
sending the one request takes a few milliseconds. Signature version 4 as AWS documents it; a test
compares the signature with botocore's.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

_ATTEMPTS = 4
_TIMEOUT_SECONDS = 5.0
_TARGET = "TrentService.Decrypt"


class KeyServiceFailed(Exception):
    """KMS refused or could not be reached. The message holds KMS's error code, never a key."""


@dataclass(frozen=True)
class Credentials:
    """What AWS gives a function in its environment."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


def environment_credentials() -> Credentials | None:
    """The credentials of this process's environment, as every Lambda function has them."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return None
    return Credentials(key, secret, os.environ.get("AWS_SESSION_TOKEN", ""))


def decrypt(
    credentials: Credentials, key_id: str, ciphertext: bytes, context: Mapping[str, str]
) -> bytes:
    """The plaintext of ``ciphertext``; tries again while KMS is overloaded or out of reach.

    Raises KeyServiceFailed.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    address = endpoint(region)
    document = {
        "KeyId": key_id,
        "CiphertextBlob": base64.b64encode(ciphertext).decode(),
        "EncryptionContext": dict(context),
    }
    body = json.dumps(document).encode()
    reason = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - spreads the retries
        try:
            status, answer = _send(address, _signed(credentials, address, region, body), body)
        except (OSError, http.client.HTTPException) as error:
            reason = type(error).__name__
            continue
        if status == 200:
            return base64.b64decode(json.loads(answer)["Plaintext"])
        reason = _error_code(status, answer)
        if status < 500 and "Throttling" not in reason:
            break
    raise KeyServiceFailed(reason)


def signature_headers(
    credentials: Credentials, host: str, region: str, body: bytes, moment: datetime
) -> dict[str, str]:
    """The headers of a signed call of Decrypt (AWS signature version 4)."""
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": stamp,
        "x-amz-target": _TARGET,
    }
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    signed = ";".join(names)
    canonical = f"POST\n/\n\n{lines}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{region}/kms/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/{scope},"
        f" SignedHeaders={signed}, Signature={key.hex()}"
    )
    return headers


def endpoint(region: str) -> SplitResult:
    """Where botocore would call; the environment may name another place, as the emulator's does."""
    named = os.environ.get("AWS_ENDPOINT_URL_KMS") or os.environ.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return urlsplit(named or f"https://kms.{region}.{suffix}")


def _signed(
    credentials: Credentials, address: SplitResult, region: str, body: bytes
) -> dict[str, str]:
    return signature_headers(credentials, address.netloc, region, body, datetime.now(UTC))


def _send(address: SplitResult, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    host, port = address.hostname or "", address.port
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, port, timeout=_TIMEOUT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _error_code(status: int, answer: bytes) -> str:
    try:
        return str(json.loads(answer)["__type"]).rpartition("#")[2]
    except (ValueError, KeyError, TypeError):
        return f"status {status}"
