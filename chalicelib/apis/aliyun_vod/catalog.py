"""Which module holds which action; a module is imported when its first action is called."""

from chalicelib.apis.aliyun_vod.rate_limits import RATE_LIMITS
from chalicelib.apis.aliyun_vod.scopes import SCOPES

__all__ = ["ACTIONS", "RATE_LIMITS", "SCOPES", "SERVICE"]

SERVICE = "vod"

_CHAPTERS = {
    "media_upload": ("CreateUploadVideo", "RefreshUploadVideo"),
    "playback": ("GetPlayInfo", "GetVideoPlayAuth"),
    "media_assets": ("GetVideoInfo", "GetVideoInfos", "GetMezzanineInfo", "ListSnapshots"),
    "media_search": ("SearchMedia", "GetVideoList"),
    "media_categories": ("AddCategory", "UpdateCategory", "DeleteCategory", "GetCategories"),
    "media_changes": ("UpdateVideoInfo", "UpdateVideoInfos"),
    "media_deletion": ("DeleteMezzanines", "DeleteStream", "DeleteVideo"),
    "media_processing": ("SubmitTranscodeJobs", "GetTranscodeTask", "SubmitSnapshotJob"),
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
    "configuration": ("SetMessageCallback", "GetMessageCallback", "DeleteMessageCallback"),
    "storage_management": ("SetCrossdomainContent",),
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
