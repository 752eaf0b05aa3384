"""Passwords of users, which some APIs trade for a token.

Kept as scrypt hashes with a salt of their own. Guessing is slowed down for each name that is tried,
whether there is such a user or not: ten attempts at once, then one every six seconds. Somebody who
tries on purpose can so keep a user from getting new tokens by password; keys, and tokens that the
user has, go on working.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from datetime import UTC, datetime

from chalicelib.identity import users
from chalicelib.identity.call_rates import CallRate, count_call
from chalicelib.identity.errors import IdentityNotFound, PasswordUnusable, PasswordWrong
from chalicelib.store import identities as store

MIN_CHARS, MAX_CHARS = 8, 128
ATTEMPTS = CallRate(10, seconds=60)

# 32 MiB and about a tenth of a second of one core for each attempt.
_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
_MAX_MEMORY = 64 * 1024 * 1024
_SALT_BYTES, _HASH_BYTES = 16, 32
_SLOT_CHARS = 4
# However many threads ask at the same time: the memory of a process is bounded.
_turns = threading.BoundedSemaphore(2)


def set_password(account_id: str, user_name: str, password: str) -> None:
    """Give a user a password; tokens that were issued for the one before end within 30 s.

    Raises PasswordUnusable, IdentityNotFound.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise PasswordUnusable(f"a password has {MIN_CHARS} to {MAX_CHARS} characters")
    if not store.set_password_hash(account_id, user_name, _hashed(password), datetime.now(UTC)):
        raise IdentityNotFound(user_name)
    users.forget(account_id, user_name)


def remove_password(account_id: str, user_name: str) -> None:
    """Take a user's password away, and so the tokens that were issued for it."""
    store.remove_password(account_id, user_name)
    users.forget(account_id, user_name)


def check_password(account_id: str, user_name: str, password: str) -> users.Standing:
    """The user whose password this is. Raises PasswordWrong, CallsTooFrequent."""
    # A bounded number of counters, so that made-up names cannot fill the table.
    name = hashlib.sha256(f"{account_id}\0{user_name}".encode()).hexdigest()
    count_call("", f"password/{name[:_SLOT_CHARS]}", ATTEMPTS)
    row = store.user(account_id, user_name)
    # The same work for a user who does not exist, so that time does not tell.
    kept = row.password_hash if row and row.password_hash else _NOBODYS
    is_right = _matches(password, kept)
    if row is None or row.password_hash is None or not is_right:
        raise PasswordWrong(user_name)
    return users.standing_of(row)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    texts = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *texts))


def _matches(password: str, kept: str) -> bool:
    _, cost, block, parallel, salt, digest = kept.split("$")
    own = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(own, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    with _turns:
        return hashlib.scrypt(
            password.encode(),
            salt=salt,
            n=cost,
            r=block,
            p=parallel,
            maxmem=_MAX_MEMORY,
            dklen=_HASH_BYTES,
        )


_NOBODYS = f"scrypt${_COST}${_BLOCK}${_PARALLEL}${'A' * 22}==${'A' * 43}="
"""The hash of no password that anybody could find."""
