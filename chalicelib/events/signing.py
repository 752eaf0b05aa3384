"""The signature of HTTP callbacks (VOD developer guide 12.2)."""

import hashlib


def signature(callback_url: str, timestamp: int, auth_key: str) -> str:
    """MD5 of ``callback_url|timestamp|auth_key``, 32 lower-case hexadecimal digits.

    The scheme is the one that existing receivers check; `timestamp` is UNIX time in seconds.
    """
    content = f"{callback_url}|{timestamp}|{auth_key}".encode()
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
