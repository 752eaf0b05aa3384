"""Data keys of HLS standard encryption (VOD developer guide 13.5): made and opened by KMS.

What a customer keeps is the ciphertext; it opens within the customer's own account only.
"""

import base64
from dataclasses import dataclass, field

from chalicelib.store import stream_keys
from chalicelib.store.stream_keys import KeyUnusable

KEY_BYTES = 16


@dataclass(frozen=True)
class DataKey:
    """An AES-128 key in both forms. ``ciphertext`` has letters and digits only."""

    plaintext: bytes = field(repr=False)
    ciphertext: str


def new_data_key(account_id: str) -> DataKey:
    """A new key; nothing of it is stored here."""
    ciphertext = stream_keys.new_wrapped(_owner(account_id))
    return DataKey(open_data_key(account_id, ciphertext), ciphertext)


def open_data_key(account_id: str, ciphertext: str) -> bytes:
    """The 16 bytes of a ciphertext of this account. Raises KeyUnusable."""
    key = stream_keys.unwrap(ciphertext, _owner(account_id))
    if len(key) != KEY_BYTES:
        raise KeyUnusable
    return key


def encoded(key: bytes) -> str:
    """A key as the key service's API returns it: base64."""
    return base64.b64encode(key).decode()


def _owner(account_id: str) -> str:
    return f"account/{account_id}"
