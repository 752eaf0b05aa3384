"""Tokens for users (MPC API manual 3.1 and 3.2)."""

import hmac
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.apis.huawei_iam.errors import not_found
from chalicelib.apis.huawei_iam.projects import is_project_name
from chalicelib.apis.huawei_iam.token_bodies import Token, token_body
from chalicelib.apis.protocol.huawei_rest.authentication import DOMAIN_SCOPE, PROJECT_SCOPE
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.projects import domain_id, project_id
from chalicelib.identity import user_tokens
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import AccessKeyNotFound
from chalicelib.identity.user_tokens import UserToken
from chalicelib.settings import settings

_Text = Annotated[str, Field(min_length=1, max_length=256)]


class Named(RestModel):
    """Something by its id or by its name."""

    id: _Text | None = None
    name: _Text | None = None


class AccountName(RestModel):
    """An account by its name."""

    name: _Text


class User(RestModel):
    """A user with the password; ``domain`` is the account."""

    name: _Text
    password: _Text = Field(repr=False)
    domain: AccountName


class Password(RestModel):
    """The method ``password``."""

    user: User


class Access(RestModel):
    """The access key's id."""

    key: _Text


class Secret(RestModel):
    """The access key's secret."""

    key: _Text = Field(repr=False)


class AccessKey(RestModel):
    """The method ``hw_ak_sk``."""

    access: Access
    secret: Secret


class Identity(RestModel):
    """Who asks, by one method."""

    methods: Annotated[list[Literal["password", "hw_ak_sk"]], Field(min_length=1, max_length=1)]
    password: Password | None = None
    hw_ak_sk: AccessKey | None = None


class Scope(RestModel):
    """What the token is for; without it, and with ``domain``, for the account and no project."""

    project: Named | None = None
    domain: Named | None = None


class Auth(RestModel):
    """What a token is asked for with."""

    identity: Identity
    scope: Scope = Scope()


class UserTokenResult(RestResult):
    """The token's description; the token itself goes into a header."""

    token: Token
    text: str = Field(exclude=True, repr=False)

    def headers(self) -> dict[str, str]:
        return {"X-Subject-Token": self.text}


class CreateUserToken(RestOperation):
    """Issue a token for 24 hours to a user who shows a password or an access key (manual 3.1).

    MPC takes only tokens whose scope is a project.
    """

    auth: Auth

    def perform(self, caller: Caller) -> UserTokenResult:
        project = self.auth.scope.project
        token, user = self._issued(caller, PROJECT_SCOPE if project else DOMAIN_SCOPE)
        self._check_scope(token.account_id)
        name = (project.name if project else None) or settings().region
        return UserTokenResult(
            token=token_body(token, user, self.auth.identity.methods, name),
            text=user_tokens.sealed(token),
        )

    def _issued(self, caller: Caller, scope: str) -> tuple[UserToken, Caller]:
        identity = self.auth.identity
        if identity.methods == ["hw_ak_sk"]:
            if identity.hw_ak_sk is None:
                raise InvalidRequest("auth.identity.hw_ak_sk is required")
            keys = identity.hw_ak_sk
            user = _user_of_key(caller, keys.access.key, keys.secret.key)
            return user_tokens.by_key(user, scope), user
        if identity.password is None:
            raise InvalidRequest("auth.identity.password is required")
        asked = identity.password.user
        token = user_tokens.by_password(asked.domain.name, asked.name, asked.password, scope)
        return token, user_tokens.caller_of(token, caller.source_ip, caller.secure)

    def _check_scope(self, account_id: str) -> None:
        # Only after the user is known, so that strangers do not learn what there is.
        scope = self.auth.scope
        if (project := scope.project) is not None:
            fits = project.id in (None, project_id(account_id))
            if not fits or not (project.id or is_project_name(project.name or "")):
                raise not_found("project")
        elif (domain := scope.domain) is not None:
            fits = domain.id in (None, domain_id(account_id))
            if not fits or domain.name not in (None, account_id):
                raise not_found("domain")


def _user_of_key(caller: Caller, access_key_id: str, secret: str) -> Caller:
    credential = authenticate_key(
        access_key_id, None, source_ip=caller.source_ip, secure=caller.secure
    )
    if not hmac.compare_digest(credential.secret.encode(), secret.encode()):
        raise AccessKeyNotFound(access_key_id)
    return credential.caller
