"""Requests that the edge hands to the origin: what it has checked, sealed with the domain's secret.

The origin is reached through the API's address, too, by anybody. So it believes nothing about a
request to play unless the edge's seal says that the domain's limits and the URL's signature held.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.playback import domains
from chalicelib.playback.domains import PlayDomain

# From the edge to the origin; clocks may differ, so a little both ways.
_SEAL_SECONDS = 120
_NAMES = ("domain", "path", "address", "time", "seal")


class Forbidden(Exception):
    """Not allowed to play; the message is fit for the client."""


@dataclass(frozen=True)
class EdgeRequest:
    """A request that passed the edge: ``path`` is percent-encoded, ``address`` the viewer's."""

    domain: PlayDomain
    path: str
    address: str


def opened(headers: Mapping[str, str]) -> EdgeRequest:
    """The request whose headers (lower-case names) these are. Raises Forbidden."""
    name, path, address, sent, seal = (headers.get(f"x-openvod-{part}", "") for part in _NAMES)
    domain = domains.every(domains.CACHE_SECONDS).get(name)
    if domain is None or not sent.isdecimal() or len(sent) > 12:
        raise Forbidden("This is no play domain.")
    expected = sealed(domain, "edge", name, path, address, sent)
    if not hmac.compare_digest(expected.encode(), seal.encode("utf-8", "replace")):
        raise Forbidden("The request did not come through the edge.")
    if abs(time.time() - int(sent)) > _SEAL_SECONDS:
        raise Forbidden("The request came too late from the edge.")
    return EdgeRequest(domain, path, address)


def sealed(domain: PlayDomain, *parts: str) -> str:
    """The seal that edge and origin put on what they tell each other."""
    text = "\n".join(parts)
    return hmac.new(domain.secrets.edge_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
