"""Whether a request comes from whom it says: signed with an access key, or bearing a token."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.apis.protocol.huawei_rest import projects, signature
from chalicelib.apis.protocol.huawei_rest.errors import (
    TokenWithoutProject,
    Unauthenticated,
    WrongProject,
)
from chalicelib.identity import user_tokens
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.caller import Caller
from chalicelib.settings import settings

BEARER = "x-auth-token"
PROJECT_SCOPE, DOMAIN_SCOPE = "project", "domain"
"""What a user token may be for."""

# The manual spells it both ways.
_PROJECT_HEADERS = ("x-project-id", "x-project_id")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a request; ``in_project``: with the right to work in the account's project."""

    caller: Caller
    in_project: bool


def authenticate(request: HttpRequest) -> Sender:
    """The sender of a request; a signature counts for more than a token.

    Raises Unauthenticated, and the identity room's errors for keys and tokens.
    """
    token = request.headers.get(BEARER, "")
    if token and not request.headers.get("authorization", "").startswith(signature.ALGORITHM):
        known, caller = user_tokens.opened(token, request.source_ip, request.secure)
        return Sender(caller, known.scope == PROJECT_SCOPE)
    return Sender(_by_signature(request), in_project=True)


def anybody(request: HttpRequest) -> Caller:
    """The sender of a request that needs to prove nothing; may do nothing."""
    return Caller(
        account_id="",
        access_key_id="",
        principal="anybody",
        rights=(),
        source_ip=request.source_ip,
        secure=request.secure,
    )


def check_project(request: HttpRequest, sender: Sender, named: str | None) -> None:
    """Whether the sender may work in the project that a path names; None: it names none.

    Raises TokenWithoutProject, and WrongProject unless path and headers name the account's own.
    """
    if named is None:
        return
    if not sender.in_project:
        raise TokenWithoutProject(sender.caller.account_id)
    own = projects.project_id(sender.caller.account_id)
    given = [request.headers[name] for name in _PROJECT_HEADERS if request.headers.get(name)]
    if any(one != own for one in (named, *given)):
        raise WrongProject(sender.caller.account_id)


def _by_signature(request: HttpRequest) -> Caller:
    claim = signature.claim(request)
    if abs(datetime.now(UTC) - claim.time) > timedelta(seconds=settings().timestamp_window_seconds):
        raise Unauthenticated("X-Sdk-Date is too far from the present time")
    credential = authenticate_key(
        claim.access_key_id,
        claim.security_token,
        source_ip=request.source_ip,
        secure=request.secure,
    )
    if not claim.is_signed_with(credential.secret):
        raise Unauthenticated("the signature is not that of the request")
    return credential.caller
