"""What the edge's KeyValueStore holds: the domains as ``infra/edge/viewer_request.js`` reads them.

A value of the store has at most 1024 bytes, so a domain may be spread over several: ``{domain}``,
``{domain}/1`` and so on; the first begins with a digit that tells how many there are.
"""

import ipaddress
import json
from collections.abc import Iterable

from chalicelib.playback.domains import PlayDomain

_VALUE_BYTES = 1000
_MOST_VALUES = 9
_SOURCES = {"connection": "c", "forwarded": "f", "both": "b"}


class LimitsTooLong(Exception):
    """The lists of a domain do not fit into the edge's store (9 kB as compact JSON)."""


def entries(domains: Iterable[PlayDomain]) -> dict[str, str]:
    """Keys and values of the store for these domains. They hold secrets. Raises LimitsTooLong."""
    found: dict[str, str] = {}
    for domain in domains:
        text = json.dumps(_document(domain), separators=(",", ":"))  # ASCII: bytes are characters
        parts = [text[at : at + _VALUE_BYTES] for at in range(0, len(text), _VALUE_BYTES)]
        if len(parts) > _MOST_VALUES:
            raise LimitsTooLong(domain.name)
        found[domain.name] = f"{len(parts)}{parts[0]}"
        found |= {f"{domain.name}/{n}": part for n, part in enumerate(parts[1:], start=1)}
    return found


def _document(domain: PlayDomain) -> dict[str, object]:
    limits = domain.limits
    document: dict[str, object] = {
        "v": domain.validity_seconds,
        "k": list(domain.keys),
        "s": domain.secrets.edge_secret,
    }
    if limits.count:
        document["n"] = 1
    if limits.referer:
        sites = {"a": int(limits.referer.allow), "p": limits.referer.sites}
        document["r"] = sites | {"e": int(limits.referer.empty)}
    if limits.agent:
        document["u"] = {"a": int(limits.agent.allow), "p": limits.agent.agents}
    if limits.address:
        networks = [_digits(network) for network in limits.address.networks]
        document["i"] = {
            "a": int(limits.address.allow),
            "p": networks,
            "f": _SOURCES[limits.address.source],
        }
    return document


def _digits(text: str) -> str:
    """A network as its version, hexadecimal digits and bits: ``4ac100000/24``."""
    network = ipaddress.ip_network(text)
    digits = network.network_address.packed.hex()[: -(-network.prefixlen // 4) or 1]
    return f"{network.version}{digits}/{network.prefixlen}"
