"""Temporary access keys that carry their own rights (stateless security tokens).

A security token is a sealed token (``sealed_tokens``) that begins with ``OV1``; its secret access
key comes from the master key and the whole token by HKDF. Issuing and checking therefore need the
master keys in memory and nothing else: no database, no KMS.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

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
from chalicelib.identity.sealed_tokens import (
    MAX_TOKEN_CHARS,
    TokenKind,
    open_sealed,
    seal_token,
)

MAX_SECONDS = 43200
KEY_ID_PREFIX = "STS."

_KIND = TokenKind("OV1", b"openvod security token")


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
    token = seal_token(_KIND, claims.model_dump_json(by_alias=True).encode(), key)
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
    opened = open_sealed(_KIND, token)
    try:
        claims = Claims.model_validate_json(opened.content)
    except ValidationError as error:
        raise TokenMalformed("the token was issued by another version") from error
    if claims.access_key_id != access_key_id:
        raise TokenOfAnotherKey(access_key_id)
    if claims.expires <= time.time():
        raise TokenExpired(access_key_id)
    return claims, _secret(opened.key, token)


def _secret(key: master_keys.MasterKey, token: str) -> str:
    info = b"openvod temporary secret " + token.encode()
    return HKDF(SHA256(), 24, None, info).derive(key.secret).hex()
