"""Why tasks failed, under the codes of this vendor (MPC API manual 14.2)."""

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest.errors import RestError
from chalicelib.store.file_tasks import FileTaskKind

# What is not here is the chapter's own failure.
_REASONS = {
    "BucketNotAuthorised": "MPC.10236",
    "BucketRefused": "MPC.10118",
    "SourceMissing": "MPC.10053",
    "SourceUnreachable": "MPC.10210",
    "SourceBad": "MPC.10119",
    "NoStreams": "MPC.10082",
    "NoVideoStream": "MPC.10082",
    "SourceUnsupported": "MPC.10112",
    "TargetUnfit": "MPC.10101",
    "ConditionRefused": "MPC.10122",
    "EncoderMissing": "MPC.10083",
    "TimeLimitExceeded": "MPC.10220",
}
_FAILED: dict[FileTaskKind, str] = {
    "transcode": "MPC.10105",
    "remux": "MPC.10233",
    "animated": "MPC.10232",
    "metadata": "MPC.10221",
    "thumbnails": "MPC.10221",
}


def why_failed(kind: FileTaskKind, reason: str, message: str) -> RestError:
    """Code and message for a reason of the domain: the printed message, then what was found."""
    return failure(_REASONS.get(reason, _FAILED[kind]), message)
