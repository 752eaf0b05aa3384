"""Which module holds which action; a module is imported when its first action is called."""

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
    "configuration": ("SetMessageCallback", "GetMessageCallback", "DeleteMessageCallback"),
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
