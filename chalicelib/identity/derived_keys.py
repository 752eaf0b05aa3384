"""Keys for single purposes, taken from the master keys by HKDF: nothing of theirs is stored."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.identity import master_keys

_BYTES = 32


def derived_keys(purpose: str) -> tuple[bytes, ...]:
    """One 32-byte key for each accepted master key; the first one signs, all are accepted."""
    return tuple(_derive(key.secret, purpose) for key in master_keys.accepted_keys())


@lru_cache(maxsize=64)
def _derive(master_key: bytes, purpose: str) -> bytes:
    info = f"openvod/derived/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(master_key)
