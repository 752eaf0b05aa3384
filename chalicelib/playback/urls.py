"""Play URLs: stable addresses of sources and outputs, and their signatures (type A).

The signature is the vendor's CDN scheme "A" (VOD developer guide 13.3): the parameter
``auth_key={timestamp}-{rand}-{uid}-{md5}`` with ``md5("{path}-{timestamp}-{rand}-{uid}-{key}")``.
A URL is good until its timestamp plus the domain's validity; one that is to live longer or shorter
gets a timestamp that is later or earlier. The edge checks it (``infra/edge/viewer_request.js``).
"""

import hashlib
import random
import re
import time
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from chalicelib.playback import domains
from chalicelib.playback.domains import PlayDomain
from chalicelib.settings import settings

_PLAIN = re.compile(r"[A-Za-z0-9/{}_.~-]*")


@dataclass(frozen=True)
class Signing:
    """What a signature covers beside the path.

    ``timestamp`` is that of the signature, not of its end; ``rand`` and ``uid`` have no dashes.
    """

    timestamp: int
    rand: str
    uid: str = "0"


def plain_url(key: str) -> str:
    """The address of an object without a signature: it names the object and opens nothing, unless
    the default domain is unsigned.

    Braces stay, since patterns of snapshot names carry a placeholder.
    """
    return settings().play_url + path_of(key)


def signed_url(
    key: str,
    seconds: int | None = None,
    *,
    domain: PlayDomain | None = None,
    rand: str | None = None,
    uid: str | None = None,
    prefix: str = "",
) -> str:
    """An address that opens one object for a time (default: the domain's validity).

    ``prefix`` stands before the object's path and is covered by the signature. The address is a
    secret: never log it.
    """
    domain = domain or domains.find()
    path = prefix + path_of(key)
    if not domain.keys:
        return domain.base_url + path
    validity = domain.validity_seconds
    timestamp = int(time.time()) + (validity if seconds is None else seconds) - validity
    # Nothing hangs on nobody knowing it: it only makes one URL differ from the next.
    signing = Signing(timestamp, rand or f"{random.getrandbits(64):016x}", uid or "0")
    return f"{domain.base_url}{path}?auth_key={auth_key(path, signing, domain.keys[0])}"


def path_of(key: str) -> str:
    """The path of an object on every play domain, percent-encoded."""
    # Nearly all keys are made here, and need no encoding.
    return "/" + (key if _PLAIN.fullmatch(key) else quote(key, safe="/{}"))


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
        *((urlsplit(base).netloc, "/") for base in _play_bases()),
        (f"{bucket}.{storage}", "/"),
        (storage, f"/{bucket}/"),
    ]


def _play_bases() -> list[str]:
    known = domains.every(domains.CACHE_SECONDS).values()
    return [settings().play_url, *(domain.base_url for domain in known)]


def _is_clean(key: str) -> bool:
    parts = key.split("/")
    return all(part not in ("", ".", "..") for part in parts) and key.isprintable()


def auth_key(path: str, signing: Signing, key: str) -> str:
    """The value of ``auth_key`` that opens a percent-encoded path."""
    head = f"{signing.timestamp}-{signing.rand}-{signing.uid}"
    text = f"{path}-{head}-{key}"
    return f"{head}-{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"


def parse_auth_key(text: str) -> Signing | None:
    """What an ``auth_key`` that the edge has checked is made of."""
    parts = text.split("-")
    if len(parts) != 4 or not (parts[0].isascii() and parts[0].isdecimal()):
        return None
    return Signing(int(parts[0]), parts[1], parts[2])
