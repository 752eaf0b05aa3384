"""Why work failed, under the codes that MPC's tasks carry (MPC API manual 14.2)."""

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest.errors import RestError

_CODES = {
    "SourceMissing": "MPC.10053",
    "SourceUnreachable": "MPC.10111",
    "SourceBad": "MPC.10119",
    "NoStreams": "MPC.10082",
    "NoVideoStream": "MPC.10071",
    "SourceUnsupported": "MPC.10112",
    "TargetUnfit": "MPC.10101",
    "ConditionRefused": "MPC.10122",
    "EncoderMissing": "MPC.10083",
    "EncoderFailed": "MPC.10105",
    "TimeLimitExceeded": "MPC.10220",
    "OutputTooLarge": "MPC.10105",
    "BucketNotAuthorised": "MPC.10236",
}
_OTHERS = "MPC.10104"


def wire_error(reason: str, message: str) -> RestError:
    """The code of a reason, and the printed message with what was found."""
    return failure(_CODES.get(reason, _OTHERS), message)
