"""The domain's and the protocol's errors under IAM's codes, as the vendor publishes them.

The MPC manual prints none for these operations; their body is the one of all others.
"""

from chalicelib.apis.protocol.huawei_rest import errors as protocol
from chalicelib.apis.protocol.huawei_rest.errors import Errors, RestError, fixed
from chalicelib.identity import errors as identity
from chalicelib.identity.call_rates import CallsTooFrequent
from chalicelib.store.database import DatabaseUnavailable
from chalicelib.store.master_keys import KeyServiceUnavailable

_UNAUTHENTICATED = "The request you have made requires authentication."
_BROKEN = "An unexpected error prevented the server from fulfilling your request."

_anonymous = fixed("IAM.0001", _UNAUTHENTICATED, 401)
_unavailable = fixed("IAM.0006", _BROKEN, 503)

UNEXPECTED = RestError("IAM.0006", _BROKEN, 500)

ERRORS: Errors = {
    protocol.InvalidRequest: lambda error: RestError(
        "IAM.0011", f"Request body is invalid: {error}."
    ),
    protocol.ContentTypeNotSupported: fixed(
        "IAM.0011", "Request body is invalid: it must be JSON."
    ),
    protocol.MethodNotSupported: fixed("APIG.0101", "The API does not exist.", 405),
    protocol.Unauthenticated: lambda error: RestError(
        "IAM.0001", f"{_UNAUTHENTICATED} {error}.", 401
    ),
    identity.AccessKeyNotFound: _anonymous,
    identity.AccessKeyInactive: _anonymous,
    identity.TokenMissing: _anonymous,
    identity.TokenMalformed: _anonymous,
    identity.TokenExpired: _anonymous,
    identity.TokenOfAnotherKey: _anonymous,
    identity.UserGone: _anonymous,
    identity.PasswordWrong: fixed("IAM.0001", "The username or password is wrong.", 401),
    CallsTooFrequent: fixed("APIG.0308", "The throttling threshold has been reached.", 429),
    DatabaseUnavailable: _unavailable,
    KeyServiceUnavailable: _unavailable,
}


def not_found(kind: str) -> RestError:
    """Something that a token was asked for does not exist, or is not the user's."""
    return RestError("IAM.0004", f"Could not find {kind}.", 404)
