"""Requests of MPC's operations that are right, with as many parameters as go together.

``{template}``, ``{source}`` and the like stand for what the world has (``mpc_world``).
"""

import copy
from typing import Any

from tests.contract.mpc_facts import Case, Operation

Request = dict[str, Any]

_SOURCE = {"bucket": "{source}", "location": "cn-north-4", "object": "films/a.mp4"}
_TARGET = {"bucket": "{target}", "location": "cn-north-4", "object": "made"}
_NAMED = {**_TARGET, "file_name": "a.mp4"}
_VIDEO = {
    "output_policy": "transcode",
    "codec": 1,
    "bitrate": 3000,
    "profile": 3,
    "level": 15,
    "preset": 1,
    "max_iframes_interval": 5,
    "bframes_count": 4,
    "frame_rate": 25,
    "width": 1280,
    "height": 720,
    "black_cut": 0,
}
_AUDIO = {"output_policy": "transcode", "codec": 1, "sample_rate": 4, "bitrate": 128, "channels": 2}
_COMMON = {"PVC": False, "hls_interval": 5, "dash_interval": 5, "pack_type": 2}
_TEMPLATE = {"template_name": "{fresh}", "video": _VIDEO, "audio": _AUDIO, "common": _COMMON}
_SIZE = {"width": 640, "height": 360, "bitrate": 500}
_GROUP = {
    "name": "{fresh}",
    "videos": [_SIZE],
    "audio": _AUDIO,
    "video_common": {
        name: value for name, value in _VIDEO.items() if name not in ("width", "height", "bitrate")
    },
    "common": _COMMON,
}
_PLACE = {
    "dx": "10",
    "dy": "10",
    "referpos": "TopRight",
    "timeline_start": "0",
    "timeline_duration": "ToEND",
    "image_process": "Original",
    "width": "100",
    "height": "50",
    "base": "input",
}
_WATERMARK = {**_PLACE, "template_name": "{fresh}", "type": "Image"}
_PICTURES = {"type": "TIME", "time": 2, "start_time": 0, "duration": 10, "format": 1}
_DOTS = {"type": "DOTS", "dots": [1], "format": 1, "width": 320, "height": 180}
_LONGEST = {"type": "DOTS", "dots": [1], "format": 1, "max_length": 480}
_TASK = {
    "input": _SOURCE,
    "output": _TARGET,
    "user_data": "contract",
    "priority": 6,
    "av_parameters": [{"video": _VIDEO, "audio": _AUDIO, "common": _COMMON}],
}
_HLS = {"video": _VIDEO, "audio": _AUDIO, "common": {**_COMMON, "pack_type": 1}}
_TEXT = {
    "dx": "10",
    "dy": "10",
    "referpos": "TopLeft",
    "timeline_start": "0",
    "timeline_duration": "ToEND",
    "font_name": "fzyouh",
    "font_size": 16,
    "font_color": "white",
    "base": "input",
}
_LIST = {"task_id": [], "status": "WAITING", "page": 0, "size": 10}
UNKNOWN = "1700000000000000"
_FILES = {"input": _SOURCE, "output": _NAMED, "user_data": "contract"}

REQUESTS: dict[str, tuple[Request, ...]] = {
    "CreateTranscodingTemplate": (_TEMPLATE,),
    "UpdateTranscodingTemplate": ({**_TEMPLATE, "template_id": "{template}"},),
    "DeleteTranscodingTemplate": ({"template_id": "{template}"},),
    "ListTranscodingTemplates": ({"template_id": "{template}", "page": 0, "size": 10},),
    "CreateTemplateGroup": (_GROUP,),
    "ListTemplateGroups": ({"group_name": "contract", "page": 0, "size": 10},),
    "UpdateTemplateGroup": ({**_GROUP, "group_id": "{group}"},),
    "DeleteTemplateGroup": ({"group_id": "{group}"},),
    "CreateWatermarkTemplate": (_WATERMARK,),
    "UpdateWatermarkTemplate": ({**_WATERMARK, "template_id": "{watermark}"},),
    "DeleteWatermarkTemplate": ({"template_id": "{watermark}"},),
    "ListWatermarkTemplates": ({"template_id": "{watermark}", "page": 0, "size": 10},),
    "CreateTranscodingTask": (
        {
            **_TASK,
            "thumbnail": {"tar": 1, "out": _TARGET, "params": _PICTURES},
            "watermarks": [{"input": _SOURCE, "image_watermark": _PLACE}],
            "subtitle": {"input": _SOURCE, "subtitle_type": 1},
            "crop": {"duration": 10},
            "audio_track": {"type": 0, "left": 1, "right": 2},
            "video_process": {
                "hls_init_count": 1,
                "hls_init_interval": 3,
                "hls_storage_type": "separate",
                "rotate": 0,
                "adaptation": "NONE",
                "upsample": 0,
            },
            "audio_process": {"volume": "original", "volume_expr": 0},
        },
        {
            **_TASK,
            "av_parameters": [_HLS],
            "thumbnail": {"tar": 1, "out": _TARGET, "params": _DOTS},
            "watermarks": [{"text_context": "dGV4dA==", "text_watermark": _TEXT}],
            "subtitle": {"inputs": [{"language": "en", "input": _SOURCE}], "subtitle_type": 2},
            "multi_audio": {
                "audio_files": [
                    {"input": _SOURCE, "tracks_info": [{"channel_layout": "", "language": "en"}]}
                ],
            },
        },
        {
            **_TASK,
            "thumbnail": {"tar": 1, "out": _TARGET, "params": _LONGEST},
            "av_parameters": [_HLS],
            "encryption": {
                "hls_encrypt": {
                    "key": "MDEyMzQ1Njc4OWFiY2RlZg==",
                    "url": "https://keys.example.com/k",
                    "algorithm": "AES-128-CBC",
                }
            },
        },
        {key: value for key, value in _TASK.items() if key != "av_parameters"}
        | {"trans_template_id": ["{template}"]},
    ),
    "CancelTranscodingTask": ({"task_id": "{transcoding}"},),
    "ListTranscodingTasks": (_LIST,),
    "DeleteTranscodingTaskRecord": ({"task_id": UNKNOWN},),
    "GetTaskSummary": (
        {"start_time": "20261101", "end_time": "20261102", "stat_type": "transcode_task_number"},
    ),
    "CreateRemuxTask": (
        {
            **_FILES,
            "output_param": {"format": "HLS", "segment_duration": 5, "remove_meta": False},
        },
    ),
    "RetryRemuxTask": ({"task_id": UNKNOWN},),
    "ListRemuxTasks": (_LIST,),
    "CancelRemuxTask": ({"task_id": "{remux}"},),
    "DeleteRemuxTaskRecord": ({"task_id": UNKNOWN},),
    "CreateAnimatedGraphicsTask": (
        {
            **_FILES,
            "output_param": {
                "format": "gif",
                "width": 320,
                "height": 180,
                "start": 0,
                "end": 2000,
                "frame_rate": 5,
            },
        },
    ),
    "ListAnimatedGraphicsTasks": (_LIST,),
    "CancelAnimatedGraphicsTask": ({"task_id": "{graphics}"},),
    "CreateExtractMetadataTask": ({**_FILES, "sync": 0},),
    "ListExtractMetadataTasks": (_LIST,),
    "CancelExtractMetadataTask": ({"task_id": "{metadata}"},),
    "CreateThumbnailTask": tuple(
        {
            **_FILES,
            "output": _TARGET,
            "tar": 1,
            "sync": 0,
            "original_dir": 0,
            "thumbnail_para": para,
        }
        for para in (_PICTURES, _DOTS, _LONGEST)
    ),
    "ListThumbnailTasks": (_LIST,),
    "CancelThumbnailTask": ({"task_id": "{thumbnails}"},),
    "SetNotification": (
        {
            "notifications": [
                {"event_name": "ParseComplete", "status": "off", "topic": "", "msg_type": 0}
            ]
        },
    ),
    "SetBucketAuthority": ({"bucket": "{source}", "operation": "1"},),
    "ListBucketObjects": ({"bucket": "{source}", "prefix": "films/", "type": "file"},),
    "SetAgency": ({"operate_type": "CANCELED"},),
}


def requests_of(operation: Operation) -> tuple[Request, ...]:
    """Right requests of an operation; one without parameters for those that have none."""
    return REQUESTS.get(operation.name, ({},))


def violated(requests: tuple[Request, ...], case: Case) -> Request | None:
    """A request with the violation in it; None: none of them has a place for it.

    One that has the parameter is better than one that only has its place.
    """
    *holders, name = (part.removesuffix("[]") for part in case.path.split("."))
    found = None
    for request in requests:
        changed = copy.deepcopy(request)
        place = _place(changed, holders)
        if place is None or (found is not None and name not in place):
            continue
        is_there = name in place
        if case.value is None:
            place.pop(name, None)
        else:
            place[name] = case.value
        found = changed
        if is_there:
            break
    return found


def _place(request: Request, holders: list[str]) -> Request | None:
    place: Any = request
    for holder in holders:
        inner = place.get(holder)
        place = inner[0] if isinstance(inner, list) and inner else inner
        if not isinstance(place, dict):
            return None
    return place if isinstance(place, dict) else None
