"""Bodies of the events of uploads, the library, processing and live (VOD developer guide 12.4).

FileUrl, FileURL, SourceURL, CoverUrl and CoverURL are spelt as each table spells them.
"""

from datetime import datetime

from chalicelib.apis.aliyun_vod.event_fields import (
    Wire,
    decimal,
    ending,
    json_text,
    known,
    seconds,
)
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.events import payloads as facts
from chalicelib.events.payloads import Outcome, RefreshKind, SnapshotKind

_SNAPSHOT_TYPES = {
    SnapshotKind.COVER: "CoverSnapshot",
    SnapshotKind.NORMAL: "NormalSnapshot",
    SnapshotKind.SPRITE: "SpriteSnapshot",
    SnapshotKind.WEBVTT: "WebVttSnapshot",
}
# The table's spelling; the samples print the first in lower case.
_REFRESH_TASKS = {RefreshKind.REFRESH: "Refresh", RefreshKind.PRELOAD: "Preload"}


def file_upload(payload: facts.FileUploadComplete) -> Wire:
    """12.4.1; the only one without a Status."""
    return known(Size=payload.size, FileUrl=payload.file_url)


def image_upload(payload: facts.ImageUploadComplete) -> Wire:
    """12.4.2."""
    return {"Status": payload.status.value} | known(Size=payload.size, FileURL=payload.file_url)


def stream(payload: facts.StreamTranscodeComplete) -> Wire:
    """12.4.3, and the items of StreamInfos in 12.4.4."""
    return ending(payload) | known(
        Bitrate=decimal(payload.bitrate_kbps),
        Definition=payload.definition,
        Duration=seconds(payload.duration),
        Encrypt=payload.encrypt,
        FileUrl=payload.file_url,
        Format=payload.format,
        Fps=decimal(payload.fps or None),
        Height=payload.height or None,
        Size=payload.size,
        Width=payload.width or None,
        JobId=payload.job_id,
    )


def transcode(payload: facts.TranscodeComplete) -> Wire:
    """12.4.4."""
    return {
        "Status": payload.status.value,
        "StreamInfos": [stream(one) for one in payload.streams],
        **known(Preprocess=payload.preprocess),
    }


def snapshot(payload: facts.SnapshotComplete) -> Wire:
    """12.4.5; SubType tells a job of its own from the snapshots of an upload."""
    body = ending(payload)
    if payload.submitted:
        body["SubType"] = "SpecifiedTime"
    if payload.status is Outcome.SUCCESS:
        body |= known(CoverUrl=payload.cover_url)
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


def animated_image(payload: facts.AnimatedImageComplete) -> Wire:
    """12.4.6; DynamicImageJobInfo is JSON text whose numbers are strings, absent on failure."""
    body = {"JobId": payload.job_id} | ending(payload)
    if payload.status is Outcome.SUCCESS:
        body["DynamicImageJobInfo"] = json_text(
            {"JobId": payload.job_id, "Status": payload.status.value}
            | known(
                FileURL=payload.file_url,
                FileSize=decimal(payload.size),
                Fps=decimal(payload.fps),
                Height=decimal(payload.height),
                Width=decimal(payload.width),
            )
        )
    return body


def live_recording(payload: facts.LiveRecordingComplete) -> Wire:
    """12.4.7."""
    return (
        {"Status": payload.status.value}
        | _live_stream(payload.stream)
        | known(RecordStartTime=_utc(payload.started_at), RecordEndTime=_utc(payload.ended_at))
    )


def live_composition(payload: facts.LiveCompositionStarted) -> Wire:
    """12.4.8."""
    return {"Status": payload.status.value} | _live_stream(payload.stream)


def _live_stream(told: facts.LiveStream) -> Wire:
    return known(StreamName=told.stream_name, DomainName=told.domain_name, AppName=told.app_name)


def url_upload(payload: facts.UrlUploadComplete) -> Wire:
    """12.4.9; Size is a string, as the sample has it: the table does not name it."""
    return (
        {"JobId": payload.job_id}
        | ending(payload)
        | known(SourceURL=payload.source_url, Size=decimal(payload.size))
    )


def video_analysis(payload: facts.VideoAnalysisComplete) -> Wire:
    """12.4.12; a failed analysis has no facts, sound alone has no picture."""
    if payload.status is Outcome.FAIL:
        return ending(payload)
    return ending(payload) | known(
        Width=payload.width or None,
        Height=payload.height or None,
        Duration=seconds(payload.duration),
        Bitrate=decimal(payload.bitrate_kbps),
        Fps=decimal(payload.fps or None),
        Size=payload.size,
    )


def attached_upload(payload: facts.AttachedMediaUploadComplete) -> Wire:
    """12.4.15."""
    return {"Status": payload.status.value, "Size": payload.size, "FileURL": payload.file_url}


def production(payload: facts.ProductionComplete) -> Wire:
    """12.4.16."""
    return {"ProjectId": payload.project_id} | ending(payload)


def media_deleted(payload: facts.MediaDeleted) -> Wire:
    """12.4.17; JobIds only for streams."""
    body = {"MediaType": payload.kind.value, "DeleteType": payload.part.value} | ending(payload)
    if payload.part is facts.DeletedPart.STREAM:
        body["JobIds"] = ",".join(payload.job_ids)
    return body


def media_changed(payload: facts.MediaChanged) -> Wire:
    """12.4.18; MediaContent is JSON text whose members are JSON text again."""
    changes = known(
        Title=payload.title,
        Description=payload.description,
        CoverURL=payload.cover_url,
        CateId=payload.category_id,
        Tags=payload.tags,
    )
    return {
        "Status": payload.status.value,
        "MediaType": payload.kind.value,
        "OperateMode": payload.mode.value,
        "MediaContent": json_text(
            {
                name: json_text(known(OldValue=change.old, NewValue=change.new))
                for name, change in changes.items()
            }
        ),
    }


def media_refresh(payload: facts.MediaRefreshSubmitted) -> Wire:
    """12.4.19; a task that could not be submitted has neither URLs nor tasks."""
    body = {
        "MediaRefreshJobId": payload.refresh_job_id,
        "TaskType": _REFRESH_TASKS[payload.task],
        "FilterPolicy": payload.filter_policy,
    }
    if payload.status is Outcome.SUCCESS:
        body["SuccessPlayUrls"] = ",".join(payload.play_urls)
        body["TaskIds"] = ",".join(payload.task_ids)
    return body | ending(payload)


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else utc(moment)
