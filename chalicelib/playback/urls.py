"""Play URLs: stable addresses of sources and outputs, and their signatures (type A).

The signature is the vendor's CDN scheme "A" (VOD developer guide 13.3): the parameter
``auth_key={timestamp}-{rand}-{uid}-{md5}`` with ``md5("{path}-{timestamp}-{rand}-{uid}-{key}")``.
A URL is good until its timestamp plus the validity (setting ``play_url_seconds``); one that is to
live longer or shorter gets a timestamp that is later or earlier.
"""

import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, unquote, urlsplit

from chalicelib.identity.derived_keys import derived_keys
from chalicelib.settings import settings

PATH_PREFIX = "/play/"


def plain_url(key: str) -> str:
    """The address of an object without a signature: it names the object, it opens nothing.

    Braces stay, since patterns of snapshot names carry a placeholder.
    """
    return settings().public_url + PATH_PREFIX + quote(key, safe="/{}")


def signed_url(key: str, seconds: int | None = None) -> str:
    """An address that opens one object for a time (default: the setting). A secret: never log."""
    path = PATH_PREFIX + quote(key, safe="/{}")
    return f"{settings().public_url}{path}?auth_key={_auth_key(path, seconds)}"


def key_of_url(url: str) -> str | None:
    """The object that an address of this deployment names; None for any other address.

    Known are play URLs and addresses of the bucket itself, signed or not, with http or https.
    """
    try:
        parts = urlsplit(url)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    for host, prefix in _places():
        if parts.netloc == host and path.startswith(prefix):
            key = path.removeprefix(prefix)
            return key if _is_clean(key) else None
    return None


def _places() -> list[tuple[str, str]]:
    """Hosts that serve objects of this deployment, each with what stands before an object's key."""
    bucket = settings().media_bucket
    storage = urlsplit(
        settings().storage_endpoint or f"https://s3.{settings().storage_region}.amazonaws.com"
    ).netloc
    return [
        (urlsplit(settings().public_url).netloc, PATH_PREFIX),
        (f"{bucket}.{storage}", "/"),
        (storage, f"/{bucket}/"),
    ]


def _is_clean(key: str) -> bool:
    parts = key.split("/")
    return all(part not in ("", ".", "..") for part in parts) and key.isprintable()


def is_authorised(path: str, auth_key: str, now: float | None = None) -> bool:
    """Whether ``auth_key`` opens ``path`` (percent-encoded, without the query) now."""
    parts = auth_key.split("-")
    if len(parts) != 4 or not parts[0].isdecimal() or len(parts[0]) > 12:
        return False
    timestamp, rand, uid, given = parts
    if int(timestamp) + settings().play_url_seconds < (now or time.time()):
        return False
    return any(
        hmac.compare_digest(_md5(path, timestamp, rand, uid, key), given) for key in signing_keys()
    )


def signing_keys() -> list[str]:
    """The main key, which signs, and the backup key, which is accepted beside it."""
    return [key.hex()[:32] for key in derived_keys("play-url")]


def _auth_key(path: str, seconds: int | None) -> str:
    validity = settings().play_url_seconds
    timestamp = str(int(time.time()) + (validity if seconds is None else seconds) - validity)
    rand = secrets.token_hex(8)
    return f"{timestamp}-{rand}-0-{_md5(path, timestamp, rand, '0', signing_keys()[0])}"


def _md5(path: str, timestamp: str, rand: str, uid: str, key: str) -> str:
    text = f"{path}-{timestamp}-{rand}-{uid}-{key}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
