"""Why tasks failed, under the codes of this vendor (MPC API manual 14.2)."""

from chalicelib.apis.huawei_mpc.codes import CODES

_CODES = {
    "SourceBad": "MPC.10102",
    "NoStreams": "MPC.10082",
    "NoVideoStream": "MPC.10071",
    "SourceUnsupported": "MPC.10085",
    "SourceUnreachable": "MPC.10111",
    "EncoderFailed": "MPC.10105",
    "TimeLimitExceeded": "MPC.10105",
    "OutputTooLarge": "MPC.10105",
    "TargetUnfit": "MPC.10087",
    "ConditionRefused": "MPC.10122",
    "EncoderMissing": "MPC.10083",
    "BucketNotAuthorised": "MPC.10236",
}
_INTERNAL = "MPC.10104"


def wire_error(reason: str | None, message: str | None) -> tuple[str, str] | None:
    """Code and description for a reason of the domain, None where there is none.

    The description is the printed message of the code, followed by what was found.
    """
    if not reason:
        return None
    code = _CODES.get(reason, _INTERNAL)
    printed = CODES[code][1]
    return code, f"{printed.removesuffix('.')}: {message}" if message else printed
