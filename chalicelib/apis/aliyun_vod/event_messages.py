"""Events as Alibaba Cloud VOD's receivers read them (VOD developer guide 12.1 and 12.4).

The tables of 12.4 decide names, types and presence; where a sample prints another type (numbers as
strings in 12.4.12), the table holds. What is not known is left out, never null. `Extend`, common
to all events (12.1), is the text that the request gave, and absent where it gave none.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.events import Event, EventType
from chalicelib.events import payloads as facts
from chalicelib.events.payloads import EventPayload, Outcome, SnapshotKind

Wire = dict[str, Any]

EVENT_NAMES: dict[EventType, str] = {
    EventType.FILE_UPLOAD_COMPLETE: "FileUploadComplete",
    EventType.IMAGE_UPLOAD_COMPLETE: "ImageUploadComplete",
    EventType.STREAM_TRANSCODE_COMPLETE: "StreamTranscodeComplete",
    EventType.TRANSCODE_COMPLETE: "TranscodeComplete",
    EventType.SNAPSHOT_COMPLETE: "SnapshotComplete",
    EventType.ANIMATED_IMAGE_COMPLETE: "DynamicImageComplete",
    EventType.LIVE_RECORDING_COMPLETE: "AddLiveRecordVideoComplete",
    EventType.LIVE_COMPOSITION_STARTED: "LiveRecordVideoComposeStart",
    EventType.URL_UPLOAD_COMPLETE: "UploadByURLComplete",
    EventType.MANUAL_AUDIT_COMPLETE: "CreateAuditComplete",
    EventType.AI_AUDIT_COMPLETE: "AIMediaAuditComplete",
    EventType.VIDEO_ANALYSIS_COMPLETE: "VideoAnalysisComplete",
    EventType.AI_DNA_COMPLETE: "AIMediaDNAComplete",
    EventType.AI_TAG_COMPLETE: "AIVideoTagComplete",
    EventType.ATTACHED_MEDIA_UPLOAD_COMPLETE: "AttachedMediaUploadComplete",
    EventType.PRODUCTION_COMPLETE: "ProduceMediaComplete",
    EventType.MEDIA_DELETED: "DeleteMediaComplete",
    EventType.MEDIA_CHANGED: "MediaBaseChangeComplete",
    EventType.MEDIA_REFRESH_SUBMITTED: "SubmitMediaRefreshComplete",
}

_SNAPSHOT_TYPES = {
    SnapshotKind.COVER: "CoverSnapshot",
    SnapshotKind.NORMAL: "NormalSnapshot",
    SnapshotKind.SPRITE: "SpriteSnapshot",
}


def render(event: Event) -> Wire:
    """The JSON object that is sent for the event."""
    body = {
        "EventTime": utc(event.occurred_at),
        "EventType": EVENT_NAMES[event.event_type],
        "VideoId": event.media_id,
        **_RENDERERS[type(event.payload)](event.payload),
    }
    if event.extend:
        body["Extend"] = event.extend
    return body


def _file_upload(payload: facts.FileUploadComplete) -> Wire:
    """12.4.1; the only one of the five without a Status."""
    return _known(Size=payload.size, FileUrl=payload.file_url)


def _video_analysis(payload: facts.VideoAnalysisComplete) -> Wire:
    """12.4.12; a failed analysis has no facts, sound alone has no picture."""
    if payload.status is Outcome.FAIL:
        return _ending(payload)
    return _ending(payload) | _known(
        Width=payload.width or None,
        Height=payload.height or None,
        Duration=_seconds(payload.duration),
        Bitrate=_decimal(payload.bitrate_kbps),
        Fps=_decimal(payload.fps or None),
        Size=payload.size,
    )


def _snapshot(payload: facts.SnapshotComplete) -> Wire:
    """12.4.5; SubType tells a job of its own from the snapshots of an upload."""
    body = _ending(payload)
    if payload.submitted:
        body["SubType"] = "SpecifiedTime"
    if payload.status is Outcome.SUCCESS:
        body |= _known(CoverUrl=payload.cover_url)
        body["SnapshotInfos"] = [_snapshot_group(group) for group in payload.snapshots]
    return body


def _snapshot_group(group: facts.SnapshotGroup) -> Wire:
    return {
        "Status": group.status.value,
        "SnapshotType": _SNAPSHOT_TYPES[group.kind],
        "SnapshotCount": group.count,
        "SnapshotFormat": group.path_pattern,
        "SnapshotRegular": group.url_pattern,
        "JobId": group.job_id,
    }


def _stream(payload: facts.StreamTranscodeComplete) -> Wire:
    """12.4.3, and the items of StreamInfos in 12.4.4."""
    return _ending(payload) | _known(
        Bitrate=_decimal(payload.bitrate_kbps),
        Definition=payload.definition,
        Duration=_seconds(payload.duration),
        Encrypt=payload.encrypt,
        FileUrl=payload.file_url,
        Format=payload.format,
        Fps=_decimal(payload.fps or None),
        Height=payload.height or None,
        Size=payload.size,
        Width=payload.width or None,
        JobId=payload.job_id,
    )


def _transcode(payload: facts.TranscodeComplete) -> Wire:
    """12.4.4."""
    return {
        "Status": payload.status.value,
        "StreamInfos": [_stream(stream) for stream in payload.streams],
    }


_RENDERERS: dict[type[EventPayload], Callable[[Any], Wire]] = {
    facts.FileUploadComplete: _file_upload,
    facts.VideoAnalysisComplete: _video_analysis,
    facts.SnapshotComplete: _snapshot,
    facts.StreamTranscodeComplete: _stream,
    facts.TranscodeComplete: _transcode,
}


def _ending(
    payload: facts.VideoAnalysisComplete | facts.SnapshotComplete | facts.StreamTranscodeComplete,
) -> Wire:
    """Status, and the error where it is fail."""
    if payload.status is Outcome.SUCCESS:
        return {"Status": payload.status.value}
    return {"Status": payload.status.value} | _known(
        **wire_error(payload.error_code, payload.error_message)
    )


def _known(**fields: Any) -> Wire:
    return {name: value for name, value in fields.items() if value is not None}


def _seconds(value: float | None) -> float | None:
    """A JSON number to the millisecond."""
    return None if value is None else round(float(value), 3)


def _decimal(value: float | None) -> str | None:
    """A number as a string: "925", "29.97"; at most three decimals, no trailing zeros."""
    return None if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
