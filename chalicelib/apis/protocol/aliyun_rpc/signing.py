"""What the two signature algorithms have in common."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request claims to be from, and the means to check it.

    ``expected`` computes the right signature from a secret. ``explanation`` tells a developer
    what was signed on this side; it is made of the request alone and holds no secret.
    """

    access_key_id: str
    security_token: str | None
    timestamp: str
    nonce: str
    signature: str
    explanation: str
    expected: Callable[[str], str] = field(repr=False)


def percent_encode(text: str) -> str:
    """RFC 3986 over UTF-8: everything but letters, digits and ``-_.~`` (VOD API manual 4.4)."""
    # Most texts have nothing to encode, and finding that out is much cheaper than encoding them.
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="~")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """``name=value`` pairs, percent-encoded and in the order of their names."""
    return "&".join(
        [f"{_encoded_name(name)}={percent_encode(parameters[name])}" for name in sorted(parameters)]
    )


# The names are few and short, unlike the values: not worth a look each time.
_encoded_name = lru_cache(maxsize=512)(percent_encode)


def parse_timestamp(text: str) -> datetime:
    """``2017-03-29T09:22:32Z``, in UTC; raises ValueError. The manual also prints ``2017-3-29``."""
    if _TIMESTAMP.fullmatch(text):
        return datetime.fromisoformat(text)
    return datetime.strptime(text + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
