"""Play domains: under which names media are played, with which keys and limits.

Domains belong to the deployment. The one in the setting ``play_url`` is the default and is there
from the first use on; an operator adds others and changes any (``python -m local play-domains``).
"""

import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from chalicelib.identity.sealing import Sealed, seal, unseal
from chalicelib.playback.limits import Limits
from chalicelib.settings import settings
from chalicelib.store import database
from chalicelib.store import play_domains as store
from chalicelib.store.play_domains import PlayDomainRow

CACHE_SECONDS = 30


@dataclass(frozen=True)
class Secrets:
    """What only the deployment and its edge know.

    ``main_key`` signs, ``backup_key`` (or none) is accepted beside it; both may be handed to a
    customer who signs URLs himself. ``edge_secret`` is between edge and origin alone.
    """

    main_key: str = field(repr=False)
    backup_key: str = field(repr=False)
    edge_secret: str = field(repr=False)


@dataclass(frozen=True)
class PlayDomain:
    """A play domain, ready for use. ``signed``: URLs open with a signature only."""

    name: str
    signed: bool
    validity_seconds: int
    secrets: Secrets
    limits: Limits

    @cached_property
    def base_url(self) -> str:
        """Scheme, name and port under which clients reach it; the port is the default domain's."""
        default = urlsplit(settings().play_url)
        port = f":{default.port}" if default.port else ""
        return f"{default.scheme}://{self.name}{port}"

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys whose signatures are accepted, the signing one first; none if unsigned."""
        if not self.signed:
            return ()
        return tuple(filter(None, (self.secrets.main_key, self.secrets.backup_key)))


@dataclass(slots=True)
class _Cache:
    domains: dict[str, PlayDomain] = field(default_factory=dict)
    loaded_at: float = float("-inf")


_cache = _Cache()


def default_name() -> str:
    """The name of the default domain."""
    return _host(settings().play_url)


@lru_cache(maxsize=4)
def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def find(name: str | None = None) -> PlayDomain:
    """The domain of this name, or the default one if there is none; cached for 30 s."""
    domains = every(CACHE_SECONDS)
    found = domains.get(name.lower().partition(":")[0]) if name else None
    return found or domains.get(default_name()) or _made()


def every(max_age: float = 0) -> dict[str, PlayDomain]:
    """All domains by name, as they were at most ``max_age`` seconds ago."""
    if time.monotonic() - _cache.loaded_at >= max_age:
        rows = database.run(store.every)
        _cache.domains = {row.domain: _opened(row) for row in rows}
        _cache.loaded_at = time.monotonic()
    return _cache.domains


def forget() -> None:
    """Drop what this process knows of domains."""
    _cache.loaded_at = float("-inf")


def save(domain: PlayDomain) -> None:
    """Add a domain or replace it; other processes follow within 30 s."""
    row = _sealed(domain)
    database.run(lambda tx: store.put(tx, row))
    forget()


def remove(name: str) -> bool:
    """Remove a domain; the default one comes back with new keys."""
    removed = database.run(lambda tx: store.delete(tx, name))
    forget()
    return bool(removed)


def new_domain(name: str) -> PlayDomain:
    """A signed domain with keys of its own and no limits, not saved yet."""
    made = Secrets(new_key(), "", secrets.token_hex(32))
    return PlayDomain(name.lower(), True, settings().play_url_seconds, made, Limits())


def new_key() -> str:
    """A signing key as the vendor's console makes them: 32 letters and digits."""
    return secrets.token_hex(16)


def reseal_secrets() -> None:
    """Move the domains' secrets to the master key in use; see identity.rotation."""
    for row in database.run(store.every):
        _reseal(row)


def _reseal(row: PlayDomainRow) -> None:
    sealed = seal(unseal(_stored(row), _place(row.domain)), _place(row.domain))
    database.run(lambda tx: store.replace_secrets(tx, row, sealed.text, sealed.master_key_id))


def _made() -> PlayDomain:
    # Several processes may come here at once: the first row stays, and all read it.
    row = _sealed(new_domain(default_name()))
    database.run(lambda tx: store.add(tx, row))
    return every()[default_name()]


def _opened(row: PlayDomainRow) -> PlayDomain:
    return PlayDomain(
        name=row.domain,
        signed=row.signed,
        validity_seconds=row.validity_seconds,
        secrets=Secrets(**json.loads(unseal(_stored(row), _place(row.domain)))),
        limits=Limits.model_validate_json(row.limits),
    )


def _sealed(domain: PlayDomain) -> PlayDomainRow:
    text = json.dumps(vars(domain.secrets))
    sealed = seal(text, _place(domain.name))
    return PlayDomainRow(
        domain=domain.name,
        signed=domain.signed,
        validity_seconds=domain.validity_seconds,
        sealed_secrets=sealed.text,
        master_key_id=sealed.master_key_id,
        limits=domain.limits.model_dump_json(exclude_none=True),
        modified_at=datetime.now(UTC),
    )


def _stored(row: PlayDomainRow) -> Sealed:
    return Sealed(text=row.sealed_secrets, master_key_id=row.master_key_id)


def _place(name: str) -> str:
    return f"play-domain/{name}"
