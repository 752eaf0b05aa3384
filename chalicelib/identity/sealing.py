"""Encryption of stored secrets under the master keys.

A secret is encrypted with AES-256-GCM and bound to its place, so that a ciphertext that is
copied to another row does not open. Whoever stores one keeps the number of its master key beside
it, moves it on when the keys rotate (``rotation.rotate_master_key``), and has its table in
``store.master_keys.retire_unused``: otherwise it is lost when its master key retires.
"""

import base64
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.identity import master_keys

_IV_BYTES = 12


class Sealed(BaseModel):
    """A ciphertext (base64) and the number of the master key it hangs on."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(repr=False)
    master_key_id: int


def seal(secret: str, bound_to: str) -> Sealed:
    """Encrypt a secret for one place, e.g. the access key id that it belongs to."""
    key = master_keys.issuing_key()
    iv = secrets.token_bytes(_IV_BYTES)
    ciphertext = _cipher(key).encrypt(iv, secret.encode(), bound_to.encode())
    return Sealed(text=base64.b64encode(iv + ciphertext).decode(), master_key_id=key.key_id)


def unseal(sealed: Sealed, bound_to: str) -> str:
    """The secret; raises MasterKeyRetired, or InvalidTag for one that was changed or moved."""
    raw = base64.b64decode(sealed.text)
    cipher = _cipher(master_keys.stored_key(sealed.master_key_id))
    return cipher.decrypt(raw[:_IV_BYTES], raw[_IV_BYTES:], bound_to.encode()).decode()


def _cipher(key: master_keys.MasterKey) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"openvod stored secret").derive(key.secret))
