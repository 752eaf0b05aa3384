"""Replay protection: every signed request brings a nonce that its key has not used before."""

from datetime import UTC, datetime

from chalicelib.identity.errors import NonceUsed
from chalicelib.store import identities as store

_BATCH = 1000


def use_nonce(access_key_id: str, nonce: str, request_id: str, expires_at: datetime) -> None:
    """Mark a nonce as used until ``expires_at``; raises NonceUsed when another request had it.

    To be called once the signature is proven, so that strangers can neither fill the table nor
    use up somebody else's nonces.
    """
    if not store.remember_nonce(access_key_id, nonce, request_id, expires_at):
        raise NonceUsed(access_key_id)


def forget_old_nonces() -> int:
    """Delete nonces that cannot matter any more (a timer's work); returns how many."""
    deleted = total = store.forget_nonces(datetime.now(UTC), _BATCH)
    while deleted == _BATCH:
        deleted = store.forget_nonces(datetime.now(UTC), _BATCH)
        total += deleted
    return total
