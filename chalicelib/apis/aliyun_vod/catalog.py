"""Which module holds which action; a module is imported when its first action is called."""

SERVICE = "vod"

_CHAPTERS = {
    "media_upload": ("CreateUploadVideo", "RefreshUploadVideo"),
    "playback": ("GetPlayInfo", "GetVideoPlayAuth"),
    "media_assets": ("GetVideoInfo", "GetVideoInfos", "GetMezzanineInfo"),
    "media_processing": ("SubmitTranscodeJobs", "GetTranscodeTask"),
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
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
