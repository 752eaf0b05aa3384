"""From an access key id to its secret and to who uses it."""

import re
import time
from dataclasses import dataclass, field

from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import (
    AccessKeyInactive,
    AccessKeyNotFound,
    TokenMissing,
    TokenOfAnotherKey,
)
from chalicelib.identity.policies import Rights
from chalicelib.identity.sealing import Sealed, unseal
from chalicelib.identity.tokens import KEY_ID_PREFIX, open_token
from chalicelib.store import identities as store

CACHE_SECONDS = 30
_CACHED_KEYS = 1024
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credential:
    """The secret that a request must be signed with, and the caller it then comes from."""

    secret: str = field(repr=False)
    caller: Caller


@dataclass(frozen=True, slots=True)
class _Known:
    secret: str = field(repr=False)
    account_id: str
    user_name: str
    active: bool
    rights: Rights
    read_at: float


_cache: dict[str, _Known] = {}


def authenticate_key(
    access_key_id: str, security_token: str | None, source_ip: str, secure: bool
) -> Credential:
    """The secret and the caller behind an access key id; nothing is proven until the signature is.

    Keys of users are read from the database and kept for up to 30 s; temporary keys (``STS.``)
    are taken from their token without any read. Raises AccessKeyNotFound, AccessKeyInactive,
    TokenMissing, TokenMalformed, TokenOfAnotherKey, TokenExpired.
    """
    if access_key_id.startswith(KEY_ID_PREFIX):
        if not security_token:
            raise TokenMissing(access_key_id)
        claims, secret = open_token(access_key_id, security_token)
        account_id, principal, rights = claims.account_id, claims.principal, claims.rights
    else:
        known = _lookup(access_key_id)
        if security_token:
            raise TokenOfAnotherKey(access_key_id)
        if not known.active:
            raise AccessKeyInactive(access_key_id)
        secret, account_id, rights = known.secret, known.account_id, known.rights
        principal = f"user/{known.user_name}"
    caller = Caller(
        account_id=account_id,
        access_key_id=access_key_id,
        principal=principal,
        rights=rights,
        source_ip=source_ip,
        secure=secure,
    )
    return Credential(secret, caller)


def forget(access_key_id: str) -> None:
    """Drop a key from this process's cache; other processes follow within 30 s."""
    _cache.pop(access_key_id, None)


def forget_all() -> None:
    """Drop every key from this process's cache."""
    _cache.clear()


def _lookup(access_key_id: str) -> _Known:
    known = _cache.get(access_key_id)
    if known is not None and time.time() - known.read_at < CACHE_SECONDS:
        return known
    row = store.access_key(access_key_id) if _ID.fullmatch(access_key_id) else None
    if row is None:
        forget(access_key_id)
        raise AccessKeyNotFound(access_key_id)
    if len(_cache) >= _CACHED_KEYS:
        forget_all()  # only keys that exist get here, so this is rare
    sealed = Sealed(text=row.secret, master_key_id=row.master_key_id)
    known = _cache[access_key_id] = _Known(
        secret=unseal(sealed, access_key_id),
        account_id=row.account_id,
        user_name=row.user_name,
        active=row.active,
        rights=(row.policies,),
        read_at=time.time(),
    )
    return known
