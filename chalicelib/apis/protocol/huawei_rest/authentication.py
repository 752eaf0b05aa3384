"""Whether a request comes from whom it says: signed with an access key."""

from datetime import UTC, datetime, timedelta

from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.apis.protocol.huawei_rest import projects, signature
from chalicelib.apis.protocol.huawei_rest.errors import Unauthenticated, WrongProject
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.caller import Caller
from chalicelib.settings import settings

_PROJECT_HEADERS = ("x-project-id", "x-project_id")


def authenticate(request: HttpRequest) -> Caller:
    """The sender of a request.

    Raises Unauthenticated, and the identity room's errors for keys and tokens.
    """
    return _by_signature(request)


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


def check_project(request: HttpRequest, caller: Caller, named: str | None) -> None:
    """Raises WrongProject unless the path, and the headers if there, name the caller's project."""
    own = projects.project_id(caller.account_id)
    given = [request.headers[name] for name in _PROJECT_HEADERS if request.headers.get(name)]
    if named is not None and any(one != own for one in (named, *given)):
        raise WrongProject(caller.account_id)


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
