"""Which module holds which action; a module is imported when its first action is called."""

SERVICE = "vod"

_CHAPTERS = {
    "media_upload": ("CreateUploadVideo", "RefreshUploadVideo"),
    "playback": ("GetPlayInfo", "GetVideoPlayAuth"),
    "media_assets": ("GetVideoInfo", "GetVideoInfos", "GetMezzanineInfo", "ListSnapshots"),
    "media_processing": (
        "SubmitTranscodeJobs",
        "SubmitSnapshotJob",
        "SubmitPreprocessJobs",
        "SubmitWorkflowJob",
    ),
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
    "configuration": ("SetMessageCallback", "GetMessageCallback", "DeleteMessageCallback"),
}

ACTIONS: dict[str, str] = {
    action: f"chalicelib.apis.aliyun_vod.{chapter}"
    for chapter, actions in _CHAPTERS.items()
    for action in actions
}
