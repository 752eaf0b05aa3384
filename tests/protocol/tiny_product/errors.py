"""The product's errors."""

from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, Errors


class Lost(Exception):
    """Something is not there."""


class LostForGood(Lost):
    """A kind of Lost that the table does not name."""


ERRORS: Errors = {Lost: lambda error: ApiError("NoSuchThing", 404, f"There is no {error}.")}
