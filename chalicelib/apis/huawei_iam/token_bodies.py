"""What the answer to a request for a token says about it, as IAM describes tokens."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from chalicelib.apis.protocol.huawei_rest.authentication import PROJECT_SCOPE
from chalicelib.apis.protocol.huawei_rest.operation import RestResult
from chalicelib.apis.protocol.huawei_rest.projects import domain_id, project_id, user_id
from chalicelib.identity.caller import Caller
from chalicelib.identity.policies import is_named
from chalicelib.identity.user_tokens import UserToken
from chalicelib.settings import settings


class Domain(RestResult):
    """An account."""

    id: str
    name: str


class Project(RestResult):
    """The project of a token that has one."""

    id: str
    name: str
    domain: Domain


class User(RestResult):
    """The user that a token stands for; the password never expires."""

    id: str
    name: str
    domain: Domain
    password_expires_at: str = ""


class Role(RestResult):
    """A policy of the user."""

    id: str
    name: str


class Endpoint(RestResult):
    """Where a service is."""

    id: str
    interface: str = "public"
    region: str
    region_id: str
    url: str


class Service(RestResult):
    """A service that the token may be used with."""

    id: str
    name: str
    type: str
    endpoints: list[Endpoint]


class Token(RestResult):
    """A token; times are UTC, ``2026-11-21T08:00:00.000000Z``."""

    expires_at: str
    issued_at: str
    methods: list[str]
    project: Project | None = None
    domain: Domain | None = None
    user: User
    roles: list[Role]
    catalog: list[Service]


def token_body(token: UserToken, user: Caller, methods: Sequence[str], project: str) -> Token:
    """The description of a token whose project, if it has one, was asked for by this name."""
    account = Domain(id=domain_id(token.account_id), name=token.account_id)
    own = project_id(token.account_id)
    in_project = token.scope == PROJECT_SCOPE
    return Token(
        expires_at=_time(token.expires_at),
        issued_at=_time(token.issued_at),
        methods=list(methods),
        project=Project(id=own, name=project, domain=account) if in_project else None,
        domain=None if in_project else account,
        user=User(
            id=user_id(token.account_id, token.user_name), name=token.user_name, domain=account
        ),
        roles=[_role(text) for layer in user.rights for text in layer],
        catalog=[
            _service("iam", project, "/v3"),
            *([_service("mpc", project, f"/v1/{own}")] if in_project else []),
        ],
    )


def _role(policy: str) -> Role:
    # A document has no name of its own, and may be long.
    return Role(id=_id(policy), name=policy if is_named(policy) else "custom")


def _service(name: str, region: str, path: str) -> Service:
    url = settings().public_url + path
    endpoint = Endpoint(id=_id(url), region=region, region_id=region, url=url)
    return Service(id=_id(name), name=name, type=name, endpoints=[endpoint])


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
