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
    "TimeLimitExceeded": "MPC.10220",
    "BucketNotAuthorised": "MPC.10236",
}
# What went wrong with the work itself has a code for each kind of task.
_WORK = ("EncoderFailed", "OutputTooLarge")
_FAILED = {"transcode": "MPC.10105", "remux": "MPC.10233", "animated": "MPC.10232"}
_OTHERS = "MPC.10104"


def wire_error(reason: str, message: str, kind: str) -> RestError:
    """The code of a reason in a task of this kind, and the printed message with what was found."""
    code = _FAILED.get(kind, _OTHERS) if reason in _WORK else _CODES.get(reason, _OTHERS)
    return failure(code, message)
