"""Which module holds which action; a module is imported when its first action is called."""

from chalicelib.apis.aliyun_vod.rate_limits import RATE_LIMITS
from chalicelib.apis.aliyun_vod.scopes import SCOPES

__all__ = ["ACTIONS", "RATE_LIMITS", "SCOPES", "SERVICE"]

SERVICE = "vod"

_CHAPTERS = {
    "media_upload": (
        "CreateUploadVideo",
        "RefreshUploadVideo",
        "CreateUploadImage",
        "CreateUploadAttachedMedia",
    ),
    "url_upload": ("UploadMediaByURL", "GetURLUploadInfos", "CancelUrlUploadJobs"),
    "upload_details": ("DeleteMultipartUpload", "GetUploadDetails", "RegisterMedia"),
    "playback": ("GetPlayInfo", "GetVideoPlayAuth"),
    "media_assets": ("GetVideoInfo", "GetVideoInfos", "GetMezzanineInfo"),
    "image_assets": ("GetImageInfo", "UpdateImageInfos", "DeleteImage"),
    "attached_assets": ("GetAttachedMediaInfo", "UpdateAttachedMediaInfos", "DeleteAttachedMedia"),
    "media_search": ("SearchMedia", "GetVideoList"),
    "media_categories": ("AddCategory", "UpdateCategory", "DeleteCategory", "GetCategories"),
    "media_changes": ("UpdateVideoInfo", "UpdateVideoInfos"),
    "media_deletion": ("DeleteMezzanines", "DeleteStream", "DeleteVideo"),
    "media_processing": ("SubmitTranscodeJobs", "SubmitPreprocessJobs", "SubmitWorkflowJob"),
    "template_groups": (
        "AddTranscodeTemplateGroup",
        "UpdateTranscodeTemplateGroup",
        "DeleteTranscodeTemplateGroup",
        "ListTranscodeTemplateGroup",
        "GetTranscodeTemplateGroup",
        "SetDefaultTranscodeTemplateGroup",
    ),
    "watermarks": (
        "AddWatermark",
        "UpdateWatermark",
        "DeleteWatermark",
        "SetDefaultWatermark",
        "GetWatermark",
        "ListWatermark",
    ),
    "transcode_tasks": ("GetTranscodeSummary", "ListTranscodeTask", "GetTranscodeTask"),
    "multi_application": (
        "CreateAppInfo",
        "GetAppInfos",
        "ListAppInfo",
        "UpdateAppInfo",
        "DeleteAppInfo",
        "AttachAppPolicyToIdentity",
        "DetachAppPolicyFromIdentity",
        "ListAppPoliciesForIdentity",
        "MoveAppResource",
    ),
    "pictures": (
        "SubmitSnapshotJob",
        "SubmitDynamicImageJob",
        "ListSnapshots",
        "ListDynamicImage",
        "DeleteDynamicImage",
    ),
    "picture_templates": (
        "AddVodTemplate",
        "UpdateVodTemplate",
        "DeleteVodTemplate",
        "GetVodTemplate",
        "ListVodTemplate",
    ),
    "configuration": ("SetMessageCallback", "GetMessageCallback", "DeleteMessageCallback"),
    "storage_management": ("SetCrossdomainContent",),
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
