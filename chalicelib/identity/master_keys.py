"""The deployment's master keys: made and wrapped by KMS, held in memory for five minutes.

All tokens and stored secrets hang on them. The first one is made at first use. A rotation adds one
and keeps the one before it: tokens of both are accepted. A new key is published for ten minutes
before anything is issued under it, so that every process has loaded it by then.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.identity.errors import MasterKeyRetired
from chalicelib.store import master_keys as store

CACHE_SECONDS = 300
PUBLISH_SECONDS = 2 * CACHE_SECONDS
# An unknown key id may mean that another process rotated; forged ids must not cost a query each.
RELOAD_SECONDS = 10
ACCEPTED_KEYS = 2


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One master key in the clear: 32 bytes, never to be written anywhere."""

    key_id: int
    secret: bytes = field(repr=False)
    created_at: datetime


@dataclass(slots=True)
class _Cache:
    """Newest first; ``older`` holds keys that only stored secrets still need."""

    accepted: tuple[MasterKey, ...] = ()
    older: dict[int, MasterKey] = field(default_factory=dict)
    loaded_at: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


_cache = _Cache()


def issuing_key() -> MasterKey:
    """The key for new tokens and secrets: the newest that every process knows already."""
    accepted = _accepted(CACHE_SECONDS)
    published = datetime.now(UTC) - timedelta(seconds=PUBLISH_SECONDS)
    return next((key for key in accepted if key.created_at <= published), accepted[-1])


def accepted_keys() -> tuple[MasterKey, ...]:
    """Every key whose tokens are accepted, the issuing one first."""
    issuing = issuing_key()
    return issuing, *(key for key in _accepted(CACHE_SECONDS) if key.key_id != issuing.key_id)


def accepted_key(key_id: int) -> MasterKey | None:
    """The key if it is one of the two newest, whose tokens are accepted."""
    for max_age in (CACHE_SECONDS, RELOAD_SECONDS):
        for key in _accepted(max_age):
            if key.key_id == key_id:
                return key
    return None


def stored_key(key_id: int) -> MasterKey:
    """The key of a stored secret, however old; raises MasterKeyRetired when it is gone for good."""
    key = accepted_key(key_id) or _cache.older.get(key_id)
    if key is None:
        row = store.get(key_id)
        if row is None or row.retired_at is not None:
            raise MasterKeyRetired(str(key_id))
        key = _cache.older[key_id] = _unwrapped(row)
    return key


def add_master_key() -> MasterKey:
    """Make the next master key; of two processes that do so at once, one wins and both see it."""
    latest = store.latest(1)
    key_id = latest[0].key_id + 1 if latest else 1
    store.add(key_id, store.new_wrapped_key(key_id), datetime.now(UTC))
    forget()
    return _accepted(CACHE_SECONDS)[0]


def forget() -> None:
    """Drop the keys from memory; the next use loads them again."""
    _cache.loaded_at = float("-inf")
    _cache.older.clear()


def _accepted(max_age: float) -> tuple[MasterKey, ...]:
    if time.time() - _cache.loaded_at < max_age:
        return _cache.accepted
    with _cache.lock:
        if time.time() - _cache.loaded_at >= max_age:
            _cache.accepted = _loaded()
            _cache.older.clear()
            _cache.loaded_at = time.time()
        return _cache.accepted


def _loaded() -> tuple[MasterKey, ...]:
    rows = store.latest(ACCEPTED_KEYS)
    if not rows:
        # Two first starts meet here: the insert of one does nothing, and both read the same key.
        store.add(1, store.new_wrapped_key(1), datetime.now(UTC))
        rows = store.latest(ACCEPTED_KEYS)
    return tuple(_unwrapped(row) for row in rows)


def _unwrapped(row: store.WrappedKey) -> MasterKey:
    secret = store.unwrap(row)
    return MasterKey(key_id=row.key_id, secret=secret, created_at=row.created_at)
