"""Where each operation is, on the wire and in this package (MPC API manual 2).

A module is imported when the first of its operations is called.
"""

from chalicelib.apis.protocol.huawei_rest.operation import Route

SERVICE = "mpc"

_V1 = "/v1/{project_id}"

_CHAPTERS: dict[str, dict[str, Route]] = {
    "transcoding_templates": {
        "CreateTranscodingTemplate": Route("POST", f"{_V1}/template/transcodings", 201, 403),
        "UpdateTranscodingTemplate": Route("PUT", f"{_V1}/template/transcodings", 204, 403),
        "DeleteTranscodingTemplate": Route("DELETE", f"{_V1}/template/transcodings", 204, 403),
        "ListTranscodingTemplates": Route("GET", f"{_V1}/template/transcodings", 200, 403),
    },
    "template_groups": {
        "CreateTemplateGroup": Route("POST", f"{_V1}/template_group/transcodings", 201, 400),
        "ListTemplateGroups": Route("GET", f"{_V1}/template_group/transcodings", 200, 403),
        "UpdateTemplateGroup": Route("PUT", f"{_V1}/template_group/transcodings", 204, 400),
        "DeleteTemplateGroup": Route("DELETE", f"{_V1}/template_group/transcodings", 204, 400),
    },
    "watermark_templates": {
        "CreateWatermarkTemplate": Route("POST", f"{_V1}/template/watermark", 201, 403),
        "UpdateWatermarkTemplate": Route("PUT", f"{_V1}/template/watermark", 204, 403),
        "DeleteWatermarkTemplate": Route("DELETE", f"{_V1}/template/watermark", 204, 403),
        "ListWatermarkTemplates": Route("GET", f"{_V1}/template/watermark", 200, 403),
    },
    "transcoding": {
        "CreateTranscodingTask": Route("POST", f"{_V1}/transcodings", 202, 403),
        "CancelTranscodingTask": Route("DELETE", f"{_V1}/transcodings", 204, 400),
        "ListTranscodingTasks": Route("GET", f"{_V1}/transcodings", 200, 400),
        "DeleteTranscodingTaskRecord": Route("DELETE", f"{_V1}/transcodings/task", 204, 400),
        "GetTaskSummary": Route("GET", f"{_V1}/transcodings/summaries", 200, 400),
    },
    "remux": {
        "CreateRemuxTask": Route("POST", f"{_V1}/remux", 200, 400),
        "RetryRemuxTask": Route("PUT", f"{_V1}/remux", 200, 403),
        "ListRemuxTasks": Route("GET", f"{_V1}/remux", 200, 400),
        "CancelRemuxTask": Route("DELETE", f"{_V1}/remux", 204, 400),
        "DeleteRemuxTaskRecord": Route("DELETE", f"{_V1}/remux/task", 204, 403),
    },
    "animated_graphics": {
        "CreateAnimatedGraphicsTask": Route("POST", f"{_V1}/animated-graphics", 200, 400),
        "ListAnimatedGraphicsTasks": Route("GET", f"{_V1}/animated-graphics", 200, 400),
        "CancelAnimatedGraphicsTask": Route("DELETE", f"{_V1}/animated-graphics", 204, 400),
    },
    "metadata": {
        "CreateExtractMetadataTask": Route("POST", f"{_V1}/extract-metadata", 200, 400),
        "ListExtractMetadataTasks": Route("GET", f"{_V1}/extract-metadata", 200, 400),
        "CancelExtractMetadataTask": Route("DELETE", f"{_V1}/extract-metadata", 204, 400),
    },
    "thumbnails": {
        "CreateThumbnailTask": Route("POST", f"{_V1}/thumbnails", 202, 400),
        "ListThumbnailTasks": Route("GET", f"{_V1}/thumbnails", 200, 400),
        "CancelThumbnailTask": Route("DELETE", f"{_V1}/thumbnails", 204, 400),
    },
    "notifications": {
        "SetNotification": Route("PUT", f"{_V1}/notification", 204, 400),
        "ListNotifications": Route("GET", f"{_V1}/notification", 200, 400),
        "ListNotificationEvents": Route("GET", f"{_V1}/notification/event", 200, 403),
    },
    "storage": {
        "ListBuckets": Route("GET", f"{_V1}/buckets", 200, 403),
        "SetBucketAuthority": Route("PUT", f"{_V1}/authority", 204, 403),
        "ListBucketObjects": Route("GET", "/v1.0-ext/{project_id}/objects", 200, 400),
        "SetAgency": Route("POST", f"{_V1}/agencies", 204, 403),
        "GetAgency": Route("GET", f"{_V1}/agencies", 200, 400),
    },
}

ROUTES: dict[str, Route] = {
    name: route for routes in _CHAPTERS.values() for name, route in routes.items()
}

ACTIONS: dict[str, str] = {
    name: f"{__package__}.{chapter}" for chapter, routes in _CHAPTERS.items() for name in routes
}
