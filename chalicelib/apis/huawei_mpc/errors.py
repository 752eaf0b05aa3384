"""The domain's and the protocol's errors under MPC's codes: one table for all chapters.

The status of a failure is the operation's own (``catalog``), with three exceptions that clients
and proxies act upon: 401 when nobody knows who asks, so that tokens are renewed; 429 when calls
come too fast, upon which the official SDK tries again; 5xx when it is our own fault.
"""

from collections.abc import Callable

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest import errors as protocol
from chalicelib.apis.protocol.huawei_rest.errors import Errors, RestError
from chalicelib.identity import errors as identity
from chalicelib.identity.call_rates import CallsTooFrequent
from chalicelib.processing import errors as processing
from chalicelib.store.database import DatabaseUnavailable
from chalicelib.store.master_keys import KeyServiceUnavailable


def known(code: str, status: int | None = None) -> Callable[[Exception], RestError]:
    """An entry for an error that the code says everything about."""
    return lambda _: failure(code, status=status)


def told(code: str, status: int | None = None) -> Callable[[Exception], RestError]:
    """An entry for an error whose message is for the client."""
    return lambda error: failure(code, str(error), status)


UNEXPECTED = failure("MPC.10221", status=500)

ERRORS: Errors = {
    protocol.InvalidRequest: told("MPC.10202"),
    protocol.MethodNotSupported: known("MPC.10204"),
    protocol.ContentTypeNotSupported: known("MPC.10205"),
    protocol.WrongProject: known("MPC.10208"),
    protocol.TokenWithoutProject: known("MPC.10235"),
    protocol.Unauthenticated: told("MPC.10203", 401),
    identity.AccessKeyNotFound: known("MPC.10203", 401),
    identity.AccessKeyInactive: known("MPC.10203", 401),
    identity.TokenMissing: known("MPC.10203", 401),
    identity.TokenMalformed: known("MPC.10203", 401),
    identity.TokenExpired: known("MPC.10203", 401),
    identity.TokenOfAnotherKey: known("MPC.10203", 401),
    identity.UserGone: known("MPC.10203", 401),
    identity.PermissionDenied: known("MPC.10229"),
    processing.ParameterSetNotFound: known("MPC.10089"),
    processing.ParameterNameTaken: known("MPC.10091"),
    processing.TaskNotFound: known("MPC.10211"),
    processing.FileTaskBegun: known("MPC.10212"),
    processing.FileTaskNotFailed: known("MPC.10212"),
    processing.FileTaskNotEnded: known("MPC.10213"),
    CallsTooFrequent: known("MPC.10237", 429),
    processing.AgencyExists: known("MPC.10223"),
    processing.AgencyMissing: known("MPC.10224"),
    processing.BucketDenied: told("MPC.10236"),
    processing.BucketNotAuthorised: known("MPC.10236"),
    processing.BucketUnusable: told("MPC.10209"),
    processing.CoveredByAgency: told("MPC.10223"),
    processing.StorageUnavailable: known("MPC.10002", 503),
    DatabaseUnavailable: known("MPC.10221", 503),
    KeyServiceUnavailable: known("MPC.10221", 503),
}
