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
from chalicelib.identity import errors as identity
from chalicelib.store.visibility import NotWritable


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


def _not_empty(error: Exception) -> ApiError:
    found = cast(identity.ApplicationNotEmpty, error)
    return ApiError(
        "Forbidden.ResourceNotEmpty",
        403,
        f"The App: {found.app_id} has {found.held} resource, can not be deleted.",
    )


FORBIDDEN_APP = fixed("Forbidden.OperateApp", 403, "User not authorized to operate app.")

ERRORS: Errors = {
    library.MediaNotFound: fixed("InvalidVideo.NotFound", 404, "The video does not exist."),
    library.IllegalStatus: _illegal_status,
    library.StreamNotFound: fixed("InvalidStream.NotFound", 404, "The stream does not exist."),
    library.CategoryNotFound: fixed("InvalidCateId.NotFound", 404, "The CateId not exist."),
    library.CategoryTooDeep: fixed(
        "LevelExceededMax", 400, "The level of categories exceeded maximum."
    ),
    library.TooManySubcategories: fixed(
        "SubTotalExceededMax", 400, "The total of sub categories exceeded maximum."
    ),
    library.CategoryIsBuiltIn: fixed(
        "Forbidden", 403, "User not authorized to operate on the specified resource."
    ),
    library.ScrollTokenExpired: fixed(
        "InvalidScrollToken.Expired", 400, "The ScrollToken is expired，please refresh it."
    ),
    library.TooFarFromScrollToken: lambda _: invalid_parameter(
        "PageNo", "It is further from the page of the ScrollToken than 1200 records."
    ),
    ingest.UnsupportedExtension: fixed(
        "InvalidFileName.Extension", 400, "The specified FileName's extension is illegal."
    ),
    ingest.StorageNotFound: fixed(
        "InvalidStorage.NotFound", 404, "The StorageLocation does not exist."
    ),
    ingest.UploadsNotSetUp: fixed(
        "Forbidden.InitFailed",
        403,
        "Initialization of your account has failed while opening service.",
    ),
    ingest.SourceElsewhere: fixed("InvalidVideo.Damaged", 400, "The video has been Damaged."),
    library.SourceMissing: lambda _: no_such_resource("VideoId"),
    ingest.UrlUnusable: fixed(
        "InvalidParameter.UploadURLs", 400, "The specified parameter UploadURLs is not valid."
    ),
    ingest.SessionIdUsed: fixed(
        "InvalidParameter",
        400,
        'The specified parameter "SessionId" is not valid. It was used within the last 10 minutes.',
    ),
    ingest.NoMultipartUpload: fixed(
        "InvalidMultipartUpload.NotFound", 400, "The multipart upload not exist."
    ),
    ingest.WorkflowNotFound: fixed(
        "InvalidWorkflowId.NotFound", 404, "The WorkflowId does not exist."
    ),
    processing.TemplateGroupNotFound: fixed(
        "InvalidTemplateGroupId.NotFound", 404, "The TemplateGroupId does not exist."
    ),
    # The codes of 8.2 as the manual spells them.
    processing.TemplateGroupLocked: fixed(
        "Forbidden.LockedTemplateGroup", 403, "The transcode template group has been locked."
    ),
    processing.TemplateGroupSpecial: fixed(
        "Forbidden.SpecialTemplateGroup",
        403,
        "The transcode template group is using for special purpose.",
    ),
    processing.TemplateGroupIsDefault: fixed(
        "Forbidden.DefaultTemplateGroup", 403, "The transcode template group is default."
    ),
    processing.TemplateGroupEmpty: fixed(
        "InvalidParameter",
        400,
        'The specified parameter "TemplateGroupId" is not valid. The group has no templates.',
    ),
    processing.TooManyTemplateGroups: fixed(
        "TrasncodeTemplateGroupExceededMax",
        400,
        "The transcode template group size exceeded maximum.",
    ),
    processing.TooManyTemplates: fixed(
        "TranscodeTemplateExceededMax",
        400,
        "The template transcode template config size exceeded maximum.",
    ),
    processing.WatermarkNotFound: lambda _: no_such_resource("WatermarkId"),
    processing.WatermarkIsDefault: fixed(
        "Forbidden.DefaultWatermark", 403, "The watermark is default."
    ),
    processing.WorkflowNotFound: lambda _: no_such_resource("WorkflowId"),
    processing.PictureTemplateNotFound: lambda _: no_such_resource("VodTemplateId"),
    processing.TooManyAnimatedImages: lambda _: invalid_parameter(
        "DynamicImageIds", "It is needed where a video has more than 10 dynamic images."
    ),
    processing.TaskNotFound: lambda _: no_such_resource("TranscodeTaskId"),
    playback.OnlyPrivateStreams: fixed(
        "Forbidden.AliyunVoDEncryption",
        403,
        "Currently only the AliyunVoDEncryption stream exists, you must use the Aliyun player to"
        " play or set the value of ResultType to Multiple.",
    ),
    playback.NoMatchingStream: fixed(
        "InvalidVideo.NoneStream", 404, "The video has no stream to play."
    ),
    # Of chapter 15. For a name that is taken and for an eleventh application it prints no codes.
    identity.ApplicationForbidden: FORBIDDEN_APP,
    identity.ApplicationNotFound: FORBIDDEN_APP,
    identity.DefaultApplication: FORBIDDEN_APP,
    identity.ApplicationNotEmpty: _not_empty,
    identity.NameTaken: fixed(
        "InvalidAppName.Duplicate", 400, "An application with this AppName exists already."
    ),
    identity.TooManyApplications: lambda error: ApiError(
        "AppExceededMax",
        400,
        f"The application count has exceeded {cast(identity.TooManyApplications, error).limit}.",
    ),
    NotWritable: fixed(
        "Forbidden.OperateAppResource",
        403,
        "Invalid app permission to operate on the specified resource.",
    ),
}
