"""Whether a user is still there, and what this user may do now."""

import hashlib
import time
from dataclasses import dataclass

from chalicelib.identity.policies import Rights
from chalicelib.store import identities as store

CACHE_SECONDS = 30
_CACHED_USERS = 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """A user's rights; ``password_mark`` changes with the password and is empty without one."""

    rights: Rights
    password_mark: str


_cache: dict[tuple[str, str], tuple[float, Standing]] = {}


def standing(account_id: str, user_name: str) -> Standing | None:
    """A user as of at most 30 s ago; None when there is none."""
    key = (account_id, user_name)
    read_at, known = _cache.get(key, (0.0, None))
    if known is not None and time.time() - read_at < CACHE_SECONDS:
        return known
    row = store.user(account_id, user_name)
    if row is None:
        forget(account_id, user_name)
        return None
    found = standing_of(row)
    remember(account_id, user_name, found)
    return found


def remember(account_id: str, user_name: str, found: Standing) -> None:
    """Keep what was read just now."""
    if len(_cache) >= _CACHED_USERS:
        _cache.clear()  # only users that exist get here, so this is rare
    _cache[account_id, user_name] = (time.time(), found)


def standing_of(row: store.UserRow) -> Standing:
    """What a row says."""
    kept = row.password_hash
    mark = hashlib.sha256(kept.encode()).hexdigest()[:16] if kept else ""
    return Standing((row.policies,), mark)


def forget(account_id: str, user_name: str) -> None:
    """Drop a user from this process's cache; other processes follow within 30 s."""
    _cache.pop((account_id, user_name), None)


def forget_all() -> None:
    """Drop every user from this process's cache."""
    _cache.clear()
