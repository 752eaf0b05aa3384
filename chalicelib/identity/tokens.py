"""Temporary access keys that carry their own rights (stateless security tokens).

A security token is ``OV1`` + base64url of ``master key id | salt | AES-256-GCM ciphertext``. The
encryption key and its IV come from the master key and the salt by HKDF, the secret access key from
the master key and the whole token. Issuing and checking therefore need the master keys in memory
and nothing else: no database, no KMS. A token is at most 6144 characters long, so that it fits
into a URL or a header.
"""

import base64
import binascii
import secrets
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.identity import master_keys
from chalicelib.identity.errors import (
    InvalidDuration,
    PolicyTooLarge,
    TokenExpired,
    TokenMalformed,
    TokenOfAnotherKey,
)
from chalicelib.identity.policies import Rights

MAX_TOKEN_CHARS = 6144
MAX_SECONDS = 43200
KEY_ID_PREFIX = "STS."

_MARK = "OV1"
_SALT_BYTES = 16
_HEAD = struct.Struct(f">I{_SALT_BYTES}s")


@dataclass(frozen=True, slots=True)
class TemporaryKey:
    """What a client signs with until ``expires_at`` (with time zone, whole seconds)."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    expires_at: datetime


class Claims(BaseModel):
    """What a token says. The names are short because a token travels in every URL."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    access_key_id: str = Field(alias="k")
    account_id: str = Field(alias="a")
    principal: str = Field(alias="p")
    rights: Rights = Field(alias="r")
    expires: int = Field(alias="e", description="Seconds since 1970.")


def issue_token(
    account_id: str,
    principal: str,
    policies: Sequence[str],
    seconds: int,
    session_policy: str | None = None,
) -> TemporaryKey:
    """A temporary access key for the principal, good for 1 to 43200 seconds.

    ``policies`` are system policies' names and policy documents (see ``policies.allow`` for a
    plain one); together they say what the key may do. ``session_policy`` narrows that further.
    ``principal`` is a path such as ``role/{role}/{session}``. Takes well under a millisecond and
    touches neither database nor KMS once the master keys are loaded. Raises InvalidDuration, and
    PolicyTooLarge when the policies do not fit into a token.
    """
    if not 0 < seconds <= MAX_SECONDS:
        raise InvalidDuration(f"{seconds} is not within 1 to {MAX_SECONDS} seconds")
    layers = [tuple(policies)] + ([(session_policy,)] if session_policy else [])
    claims = Claims(
        access_key_id=KEY_ID_PREFIX + secrets.token_hex(12),
        account_id=account_id,
        principal=principal,
        rights=tuple(layers),
        expires=int(time.time()) + seconds,
    )
    key = master_keys.issuing_key()
    token = _sealed(claims, key)
    if len(token) > MAX_TOKEN_CHARS:
        raise PolicyTooLarge("the policies do not fit into a token")
    return TemporaryKey(
        access_key_id=claims.access_key_id,
        access_key_secret=_secret(key, token),
        security_token=token,
        expires_at=datetime.fromtimestamp(claims.expires, UTC),
    )


def open_token(access_key_id: str, token: str) -> tuple[Claims, str]:
    """The claims of a token and the secret key that belongs to it.

    Raises TokenMalformed (foreign, changed, or under a master key that is no longer accepted),
    TokenOfAnotherKey and TokenExpired, in this order.
    """
    key, salt, ciphertext = _parts(token)
    cipher, iv = _cipher(key, salt)
    try:
        claims = Claims.model_validate_json(cipher.decrypt(iv, ciphertext, None))
    except (InvalidTag, ValidationError) as error:
        raise TokenMalformed("the token was not issued here or was changed") from error
    if claims.access_key_id != access_key_id:
        raise TokenOfAnotherKey(access_key_id)
    if claims.expires <= time.time():
        raise TokenExpired(access_key_id)
    return claims, _secret(key, token)


def _sealed(claims: Claims, key: master_keys.MasterKey) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    cipher, iv = _cipher(key, salt)
    ciphertext = cipher.encrypt(iv, claims.model_dump_json(by_alias=True).encode(), None)
    raw = _HEAD.pack(key.key_id, salt) + ciphertext
    return _MARK + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _parts(token: str) -> tuple[master_keys.MasterKey, bytes, bytes]:
    if not token.startswith(_MARK) or len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise TokenMalformed("not a token of this service")
    text = token.removeprefix(_MARK)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise TokenMalformed("not base64") from error
    # Base64 has several spellings of the same bytes; the secret hangs on the one that was issued.
    if len(raw) <= _HEAD.size or base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise TokenMalformed("not a token of this service")
    key_id, salt = _HEAD.unpack_from(raw)
    key = master_keys.accepted_key(key_id)
    if key is None:
        raise TokenMalformed("the token's master key is not accepted")
    return key, salt, raw[_HEAD.size :]


def _cipher(key: master_keys.MasterKey, salt: bytes) -> tuple[AESGCM, bytes]:
    # Every token has a key of its own, so the number of tokens under one master key is not
    # bounded by what AES-GCM allows for one key.
    derived = HKDF(SHA256(), 32 + 12, salt, b"openvod security token").derive(key.secret)
    return AESGCM(derived[:32]), derived[32:]


def _secret(key: master_keys.MasterKey, token: str) -> str:
    info = b"openvod temporary secret " + token.encode()
    return HKDF(SHA256(), 24, None, info).derive(key.secret).hex()
