"""Why tasks failed, under the codes of this vendor (MPC API manual 14.2)."""

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.store.file_tasks import FileTaskKind

# Why work failed -> the code that says so; what is not here is the kind of task's own failure.
_REASONS = {
    "BucketNotAuthorised": "MPC.10236",
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


def wire_error(
    kind: FileTaskKind, reason: str | None, message: str | None
) -> tuple[str, str] | None:
    """Code and description for a reason of the domain, None where there is none.

    The description is the printed message of the code, followed by what was found.
    """
    if not reason:
        return None
    error = failure(_REASONS.get(reason, _FAILED[kind]), message or "")
    return error.code, error.message
