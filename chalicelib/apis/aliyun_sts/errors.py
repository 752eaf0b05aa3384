"""Domain errors under STS's codes."""

from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, Errors, fixed
from chalicelib.identity import errors as identity

BAD_DURATION = ApiError(
    "InvalidParameter.DurationSeconds",
    400,
    "The Min/Max value of DurationSeconds is 15min/1hr.",
)

_BAD_POLICY = fixed(
    "InvalidParameter.PolicyGrammar", 400, "The parameter Policy has not passed grammar check."
)

ERRORS: Errors = {
    identity.PermissionDenied: fixed(
        "NoPermission",
        403,
        "You are not authorized to do this action. You should be authorized by RAM.",
    ),
    identity.RoleNotFound: lambda error: ApiError(
        "EntityNotExist.Role", 404, f"The role not exists: {error}."
    ),
    identity.InvalidRoleArn: fixed(
        "InvalidParameter.RoleArn", 400, "The parameter RoleArn is wrongly formed."
    ),
    identity.InvalidSessionName: fixed(
        "InvalidParameter.RoleSessionName",
        400,
        "The parameter RoleSessionName is wrongly formed.",
    ),
    identity.InvalidDuration: lambda _: BAD_DURATION,
    identity.PolicyMalformed: _BAD_POLICY,
    identity.PolicyTooLarge: _BAD_POLICY,
}
