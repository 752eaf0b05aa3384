"""Texts that only this deployment can make and read, in which tokens of every kind travel.

A sealed token is its kind's mark + base64url of ``master key id | salt | AES-256-GCM ciphertext``.
The encryption key and its IV come from the master key, the kind and the salt by HKDF. Making and
opening one need the master keys in memory and nothing else: no database, no KMS.
"""

import base64
import binascii
import secrets
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.identity import master_keys
from chalicelib.identity.errors import TokenMalformed

MAX_TOKEN_CHARS = 6144
"""So that a token fits into a URL or a header."""

_SALT_BYTES = 16
_HEAD = struct.Struct(f">I{_SALT_BYTES}s")


@dataclass(frozen=True, slots=True)
class TokenKind:
    """``mark``: how its tokens begin. ``purpose``: keeps its keys apart from other kinds'."""

    mark: str
    purpose: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token holds, and the master key that it was made under."""

    content: bytes = field(repr=False)
    key: master_keys.MasterKey


def seal_token(kind: TokenKind, content: bytes, key: master_keys.MasterKey) -> str:
    """The token that holds the content."""
    salt = secrets.token_bytes(_SALT_BYTES)
    cipher, iv = _cipher(kind, key, salt)
    raw = _HEAD.pack(key.key_id, salt) + cipher.encrypt(iv, content, None)
    return kind.mark + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def open_sealed(kind: TokenKind, token: str) -> Opened:
    """What is in a token.

    Raises TokenMalformed for one that is foreign, of another kind, changed, or under a master key
    that is no longer accepted.
    """
    key, salt, ciphertext = _parts(kind, token)
    cipher, iv = _cipher(kind, key, salt)
    try:
        return Opened(cipher.decrypt(iv, ciphertext, None), key)
    except InvalidTag as error:
        raise TokenMalformed("the token was not issued here or was changed") from error


def _parts(kind: TokenKind, token: str) -> tuple[master_keys.MasterKey, bytes, bytes]:
    if not token.startswith(kind.mark) or len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise TokenMalformed("not a token of this service")
    text = token.removeprefix(kind.mark)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise TokenMalformed("not base64") from error
    # Base64 has several spellings of the same bytes; secrets hang on the one that was issued.
    if len(raw) <= _HEAD.size or base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise TokenMalformed("not a token of this service")
    key_id, salt = _HEAD.unpack_from(raw)
    key = master_keys.accepted_key(key_id)
    if key is None:
        raise TokenMalformed("the token's master key is not accepted")
    return key, salt, raw[_HEAD.size :]


def _cipher(kind: TokenKind, key: master_keys.MasterKey, salt: bytes) -> tuple[AESGCM, bytes]:
    # Every token has a key of its own, so the number of tokens under one master key is not
    # bounded by what AES-GCM allows for one key.
    derived = HKDF(SHA256(), 32 + 12, salt, kind.purpose).derive(key.secret)
    return AESGCM(derived[:32]), derived[32:]
