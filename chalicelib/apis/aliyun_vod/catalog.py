"""Which module holds which action; a module is imported when its first action is called."""

from chalicelib.apis.aliyun_vod.scopes import SCOPES

__all__ = ["ACTIONS", "SCOPES", "SERVICE"]

SERVICE = "vod"

_CHAPTERS = {
    "media_upload": ("CreateUploadVideo", "RefreshUploadVideo"),
    "playback": ("GetPlayInfo", "GetVideoPlayAuth"),
    "media_assets": ("GetVideoInfo", "GetVideoInfos", "GetMezzanineInfo", "ListSnapshots"),
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
    "configuration": (
        "SetMessageCallback",
        "GetMessageCallback",
        "DeleteMessageCallback",
        "SetCrossdomainContent",
    ),
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
