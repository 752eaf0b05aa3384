"""The signatures of HTTP callbacks: the vendor's, and that of Standard Webhooks beside it."""

import base64
import hashlib
import hmac

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the prefix of secrets


def signature(callback_url: str, timestamp: int, auth_key: str) -> str:
    """MD5 of ``callback_url|timestamp|auth_key``, 32 lower-case hexadecimal digits.

    The scheme is the one that existing receivers check (VOD developer guide 12.2); `timestamp` is
    UNIX time in seconds.
    """
    content = f"{callback_url}|{timestamp}|{auth_key}".encode()
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def standard_secret(auth_key: str) -> str:
    """The secret that a receiver gives to a Standard Webhooks library: "whsec_" and base64.

    It follows from the AuthKey, so that whoever set that knows this.
    """
    return SECRET_PREFIX + base64.b64encode(auth_key.encode()).decode()


def standard_signature(webhook_id: str, timestamp: int, body: bytes, auth_key: str) -> str:
    """The header webhook-signature: "v1," and base64 of HMAC-SHA256 of ``id.timestamp.body``."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(auth_key.encode(), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
