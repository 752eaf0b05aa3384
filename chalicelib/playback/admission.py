"""Counting who opens a signed URL, on domains that limit it (VOD developer guide 13.2).

The edge cannot count. On such a domain it sends the first request of a URL here; what is admitted
gets a grant for this URL and this address, with which the edge lets the bytes pass. The parts of an
HLS stream get theirs with the manifest, whose opening is what is counted.
"""

import hashlib
import hmac
import ipaddress
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from chalicelib.playback.domains import PlayDomain
from chalicelib.playback.edge_requests import EdgeRequest, Forbidden, sealed
from chalicelib.playback.limits import CountLimit
from chalicelib.store import database, play_counters
from chalicelib.store.database import Transaction

# Marks the signatures of a manifest's parts: they are opened by their grants alone.
PART_MARK = "part."

_BATCH = 1000


def admit(request: EdgeRequest, auth_key: str) -> str:
    """Count an opening; returns where to go on: path and query with a grant. Raises Forbidden."""
    parts = auth_key.split("-")
    if len(parts) == 4 and parts[1].startswith(PART_MARK):
        raise Forbidden("A part of a stream opens through its manifest.")
    count(request, auth_key)
    given = grant(request.domain, request.path, request.address)
    return f"{request.path}?auth_key={quote(auth_key)}&grant={given}"


def grant(domain: PlayDomain, path: str, address: str) -> str:
    """Leave for one address to read one path, as long as the domain counts in one period."""
    limit = domain.limits.count or CountLimit()
    ends = str(int(time.time()) + limit.period_seconds)
    return f"{ends}.{sealed(domain, 'grant', path, address, ends)}"


def require_grant(request: EdgeRequest, given: str) -> None:
    """For the manifests that a counted one names. Raises Forbidden where openings are counted and
    this one has no grant for its path and address."""
    if request.domain.limits.count is None:
        return
    ends, _, seal = given.partition(".")
    expected = sealed(request.domain, "grant", request.path, request.address, ends)
    genuine = hmac.compare_digest(expected.encode(), seal.encode("utf-8", "replace"))
    if not genuine or int(ends) < time.time():
        raise Forbidden("The URL was opened from another address.")


def count(request: EdgeRequest, auth_key: str) -> None:
    """Count one opening of a signed URL. Raises Forbidden beyond the domain's limits."""
    limit = request.domain.limits.count
    if limit is None:
        return
    url_id = _url_id(request, auth_key)
    now = datetime.now(UTC)

    def write(tx: Transaction) -> bool:
        openings, known = play_counters.openings_of(tx, url_id, now)
        addresses = set(filter(None, known.split(",")))
        addresses.add(_plain(request.address))
        if (limit.openings is not None and openings >= limit.openings) or (
            limit.addresses is not None and len(addresses) > limit.addresses
        ):
            return False
        ends_at = now + timedelta(seconds=limit.period_seconds)
        # Without a limit of addresses nobody needs to know them.
        kept = ",".join(sorted(addresses)) if limit.addresses is not None else ""
        play_counters.count_opening(tx, url_id, kept, now, ends_at)
        return True

    if not database.run(write):
        raise Forbidden("The URL was opened too often, or from too many addresses.")


def forget_counters() -> int:
    """Delete counters that cannot matter any more (a timer's work); returns how many."""
    now = datetime.now(UTC)
    return database.run(lambda tx: play_counters.forget_openings(tx, now, _BATCH)) + database.run(
        lambda tx: play_counters.forget_tokens(tx, now, _BATCH)
    )


def _url_id(request: EdgeRequest, auth_key: str) -> str:
    text = f"{request.domain.name}\n{request.path}\n{auth_key}"
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(address: str) -> str:
    """One spelling for each address: IPv6 has several."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return "unknown"
