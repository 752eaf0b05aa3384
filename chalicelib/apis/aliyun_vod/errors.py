"""The domain's errors under this vendor's codes: one table for all chapters.

Where two chapters print different statuses for the same code, an action's class says so itself.
"""

from typing import cast

from chalicelib import ingest, library, playback, processing
from chalicelib.apis.aliyun_vod.formats import STATUS
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    Errors,
    fixed,
    invalid_parameter,
)


def no_such_resource(name: str) -> ApiError:
    """NoSuchResource, naming the parameter that led nowhere."""
    return ApiError("NoSuchResource", 404, f"The specified resource {name} does not exist.")


def _illegal_status(error: Exception) -> ApiError:
    status = STATUS[cast(library.IllegalStatus, error).status]
    return ApiError(
        "Forbidden.IllegalStatus",
        400,
        f"Status of the video is illegal. Current Status is {status}.",
    )


ERRORS: Errors = {
    library.MediaNotFound: fixed("InvalidVideo.NotFound", 404, "The video does not exist."),
    library.IllegalStatus: _illegal_status,
    ingest.UnsupportedExtension: fixed(
        "InvalidFileName.Extension", 400, "The specified FileName's extension is illegal."
    ),
    ingest.StorageNotFound: fixed(
        "InvalidStorage.NotFound", 404, "The StorageLocation does not exist."
    ),
    ingest.WorkflowNotFound: fixed(
        "InvalidWorkflowId.NotFound", 404, "The WorkflowId does not exist."
    ),
    processing.TemplateGroupNotFound: fixed(
        "InvalidTemplateGroupId.NotFound", 404, "The TemplateGroupId does not exist."
    ),
    processing.PictureTemplateNotFound: lambda _: no_such_resource("VodTemplateId"),
    processing.TooManyAnimatedImages: lambda _: invalid_parameter(
        "DynamicImageIds", "It is needed where a video has more than 10 dynamic images."
    ),
    processing.TaskNotFound: lambda _: no_such_resource("TranscodeTaskId"),
    playback.NoMatchingStream: fixed(
        "InvalidVideo.NoneStream", 404, "The video has no stream to play."
    ),
}
