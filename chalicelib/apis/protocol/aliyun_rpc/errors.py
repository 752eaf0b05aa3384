"""Errors of the protocol itself, under the codes that Alibaba Cloud's gateway uses.

Chapter 3 of the VOD API manual prints the common codes. For signatures, keys, timestamps and
tokens it prints none; there the codes are those that Alibaba Cloud publishes for its gateway and
for STS, because the official SDKs and many apps look at them.
"""

from collections.abc import Callable

from chalicelib.apis.protocol.error_tables import ErrorTable, translated
from chalicelib.identity import errors as identity
from chalicelib.identity.call_rates import CallsTooFrequent
from chalicelib.store.database import DatabaseUnavailable
from chalicelib.store.master_keys import KeyServiceUnavailable


class ApiError(Exception):
    """A failure under its wire code: what the client gets instead of a result.

    ``status`` is the HTTP status; ``message`` is shown to the client and must hold no secret.
    """

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message


Errors = ErrorTable[ApiError]


def fixed(code: str, status: int, message: str) -> Callable[[Exception], ApiError]:
    """An entry of an error table that does not look at the exception."""
    return lambda _: ApiError(code, status, message)


def lookup(error: Exception, *tables: Errors) -> ApiError | None:
    """The wire error of an exception; None for one that nobody expects."""
    return error if isinstance(error, ApiError) else translated(error, *tables)


def missing_parameter(name: str) -> ApiError:
    """A mandatory parameter is absent or empty."""
    return ApiError(
        "MissingParameter",
        400,
        f'The input parameter "{name}" that is mandatory for processing this request is not'
        " supplied.",
    )


def invalid_parameter(name: str, problem: str) -> ApiError:
    """A parameter has a value that cannot be used; ``problem`` says why, without repeating it."""
    return ApiError(
        "InvalidParameter", 400, f'The specified parameter "{name}" is not valid. {problem}'.strip()
    )


def unsupported_operation() -> ApiError:
    """No such action in this version."""
    return ApiError("UnsupportedOperation", 400, "The specified action is not supported.")


def internal_error() -> ApiError:
    """Something broke here; the log has the details under the request's id."""
    return ApiError(
        "InternalError", 500, "The request processing has failed due to some unknown error."
    )


_UNAVAILABLE = fixed(
    "ServiceUnAvailable", 503, "The request has failed due to a temporary failure of the server."
)

# What every product answers unless its own table says otherwise.
COMMON_ERRORS: Errors = {
    identity.PermissionDenied: fixed(
        "Forbidden", 403, "User not authorized to operate on the specified resource."
    ),
    identity.ApplicationForbidden: fixed(
        "Forbidden", 403, "User not authorized to operate on the specified resource."
    ),
    identity.AccessKeyNotFound: fixed(
        "InvalidAccessKeyId.NotFound", 404, "Specified access key is not found."
    ),
    identity.AccessKeyInactive: fixed(
        "InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled."
    ),
    identity.TokenMissing: fixed(
        "MissingSecurityToken", 400, "SecurityToken is mandatory for this action."
    ),
    identity.TokenMalformed: fixed(
        "InvalidSecurityToken.Malformed", 400, "Specified SecurityToken is malformed."
    ),
    identity.TokenExpired: fixed(
        "InvalidSecurityToken.Expired", 400, "Specified SecurityToken is expired."
    ),
    identity.TokenOfAnotherKey: fixed(
        "InvalidSecurityToken.MismatchWithAccessKey",
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
    ),
    identity.NonceUsed: fixed(
        "SignatureNonceUsed", 400, "Specified signature nonce was used already."
    ),
    CallsTooFrequent: fixed(
        "Throttling.User", 503, "Request was denied due to request throttling."
    ),
    DatabaseUnavailable: _UNAVAILABLE,
    KeyServiceUnavailable: _UNAVAILABLE,
}
