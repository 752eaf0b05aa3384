"""Tokens that stand for a user: a bearer's proof of having shown a password or an access key.

A sealed token (``sealed_tokens``) that begins with ``OVU1``. It says who, not what this user may
do: rights are looked up when it is used, and so is whether the password or the access key is still
good. So they can be taken away before the token ends, within the 30 s that a process keeps what it
read, and no token has to be remembered.
"""

import time
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.identity import master_keys, passwords, users
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import (
    AccessKeyInactive,
    AccessKeyNotFound,
    TokenExpired,
    TokenMalformed,
    UserGone,
)
from chalicelib.identity.sealed_tokens import TokenKind, open_sealed, seal_token

SECONDS = 24 * 3600

_KIND = TokenKind("OVU1", b"openvod user token")


class UserToken(BaseModel):
    """What a token says. The names are short because it travels with every request.

    ``proof``: the access key's id, or the mark of the password. ``scope`` is what the API that
    issues the token made it for.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    account_id: str = Field(alias="a")
    user_name: str = Field(alias="u")
    proven_by: Literal["password", "key"] = Field(alias="b")
    proof: str = Field(alias="p", repr=False)
    scope: str = Field(alias="s")
    issued: int = Field(alias="i", description="Seconds since 1970.")
    expires: int = Field(alias="e", description="Seconds since 1970.")

    @property
    def issued_at(self) -> datetime:
        return datetime.fromtimestamp(self.issued, UTC)

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)


def by_password(account_id: str, user_name: str, password: str, scope: str) -> UserToken:
    """A token for a user who shows the password. Raises PasswordWrong, CallsTooFrequent."""
    found = passwords.check_password(account_id, user_name, password)
    users.remember(account_id, user_name, found)
    return _token(account_id, user_name, "password", found.password_mark, scope)


def by_key(caller: Caller, scope: str) -> UserToken:
    """A token for a user who has shown an access key and its secret."""
    name = caller.principal.removeprefix("user/")
    return _token(caller.account_id, name, "key", caller.access_key_id, scope)


def sealed(token: UserToken) -> str:
    """The token as its bearer gets it."""
    content = token.model_dump_json(by_alias=True).encode()
    return seal_token(_KIND, content, master_keys.issuing_key())


def opened(text: str, source_ip: str, secure: bool) -> tuple[UserToken, Caller]:
    """A bearer's token, and the caller that it makes.

    Raises TokenMalformed, TokenExpired, UserGone.
    """
    try:
        token = UserToken.model_validate_json(open_sealed(_KIND, text).content)
    except ValidationError as error:
        raise TokenMalformed("the token was issued by another version") from error
    if token.expires <= time.time():
        raise TokenExpired(token.user_name)
    return token, caller_of(token, source_ip, secure)


def caller_of(token: UserToken, source_ip: str, secure: bool) -> Caller:
    """The user of a token, with the rights of now. Raises UserGone."""
    if token.proven_by == "key":
        return _by_key_still(token, source_ip, secure)
    known = users.standing(token.account_id, token.user_name)
    if known is None or known.password_mark != token.proof:
        # What is remembered here may be older than the token.
        users.forget(token.account_id, token.user_name)
        known = users.standing(token.account_id, token.user_name)
    if known is None or known.password_mark != token.proof:
        raise UserGone(token.user_name)
    return Caller(
        account_id=token.account_id,
        access_key_id="",
        principal=f"user/{token.user_name}",
        rights=known.rights,
        source_ip=source_ip,
        secure=secure,
    )


def _by_key_still(token: UserToken, source_ip: str, secure: bool) -> Caller:
    try:
        return authenticate_key(token.proof, None, source_ip=source_ip, secure=secure).caller
    except (AccessKeyNotFound, AccessKeyInactive) as error:
        raise UserGone(token.user_name) from error


def _token(
    account_id: str,
    user_name: str,
    proven_by: Literal["password", "key"],
    proof: str,
    scope: str,
) -> UserToken:
    now = int(time.time())
    return UserToken(
        account_id=account_id,
        user_name=user_name,
        proven_by=proven_by,
        proof=proof,
        scope=scope,
        issued=now,
        expires=now + SECONDS,
    )
