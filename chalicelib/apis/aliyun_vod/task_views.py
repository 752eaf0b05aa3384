"""A transcode task as this vendor's answers show it (VOD API manual 17.1)."""

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.apis.aliyun_vod.definitions import template_mark
from chalicelib.apis.aliyun_vod.formats import decimal, utc, wire_group_id
from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.apis.aliyun_vod.stream_views import audio_stream, video_stream
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.playback.private_keys import PRIVATE_SCHEME
from chalicelib.playback.urls import plain_url
from chalicelib.processing import TaskView
from chalicelib.store.jobs import Job, Task
from chalicelib.store.outputs import Stream


class OutputFileView(RpcResult):
    """The file that a job has made; its streams are JSON inside text."""

    OutputFileUrl: str
    Format: str
    Duration: str | None
    Bitrate: str | None
    Filesize: int
    Width: str | None = None
    Height: str | None = None
    Fps: str | None = None
    VideoStreamList: str
    AudioStreamList: str
    SubtitleStreamList: str = "[]"
    Encryption: str = "{}"
    WatermarkIdList: list[str]


class TranscodeJobInfo(RpcResult):
    """One job of a task."""

    TranscodeJobId: str
    TranscodeTemplateId: str
    TranscodeJobStatus: str
    TranscodeProgress: int
    Definition: str
    Priority: str
    CreationTime: str
    CompleteTime: str | None = None
    InputFileUrl: str | None = None
    OutputFile: OutputFileView | None = None
    ErrorCode: str | None = None
    ErrorMessage: str | None = None


class TranscodeTaskBrief(RpcResult):
    """One task without its jobs."""

    TranscodeTaskId: str
    TranscodeTemplateGroupId: str
    VideoId: str
    TaskStatus: str
    Trigger: str
    CreationTime: str
    CompleteTime: str | None = None


class TranscodeTaskView(TranscodeTaskBrief):
    """One task."""

    TranscodeJobInfoList: list[TranscodeJobInfo]


class TranscodeJobInfoSummary(RpcResult):
    """One job of a summary: its state and the figures of its output."""

    TranscodeTemplateId: str
    TranscodeJobStatus: str
    TranscodeProgress: int
    CreationTime: str
    CompleteTime: str | None = None
    Format: str | None = None
    Duration: str | None = None
    Bitrate: str | None = None
    Filesize: int | None = None
    Width: str | None = None
    Height: str | None = None
    Fps: str | None = None
    WatermarkIdList: list[str]
    ErrorCode: str | None = None
    ErrorMessage: str | None = None


class TranscodeSummary(RpcResult):
    """The newest task of a video."""

    VideoId: str
    TranscodeTemplateGroupId: str
    TranscodeStatus: str
    CreationTime: str
    CompleteTime: str | None = None
    TranscodeJobInfoSummaryList: list[TranscodeJobInfoSummary]


def transcode_task(view: TaskView) -> TranscodeTaskView:
    """The whole task."""
    source = plain_url(view.media.source_key) if view.media else None
    return TranscodeTaskView(
        **_brief(view.task),
        TranscodeJobInfoList=[
            _job_info(job, view.streams.get(job.job_id), source) for job in view.jobs
        ],
    )


def task_brief(task: Task) -> TranscodeTaskBrief:
    """A task without its jobs."""
    return TranscodeTaskBrief(**_brief(task))


def transcode_summary(view: TaskView) -> TranscodeSummary:
    """A task with the figures of its jobs."""
    task = view.task
    return TranscodeSummary(
        VideoId=task.media_id,
        TranscodeTemplateGroupId=wire_group_id(task.template_group_id),
        TranscodeStatus=_status(task),
        CreationTime=utc(task.created_at),
        CompleteTime=utc(task.completed_at) if task.completed_at else None,
        TranscodeJobInfoSummaryList=[
            _job_summary(job, view.streams.get(job.job_id)) for job in view.jobs
        ],
    )


def _brief(task: Task) -> dict[str, Any]:
    return {
        "TranscodeTaskId": task.task_id,
        "TranscodeTemplateGroupId": wire_group_id(task.template_group_id),
        "VideoId": task.media_id,
        "TaskStatus": _status(task),
        "Trigger": "Auto" if task.cause == "upload" else "Manual",
        "CreationTime": utc(task.created_at),
        "CompleteTime": utc(task.completed_at) if task.completed_at else None,
    }


def _status(task: Task) -> str:
    if task.completed_at is None:
        return "Partial" if task.finished else "Processing"
    if task.succeeded == 0:
        return "CompleteAllFail"
    return "CompleteAllSucc" if task.succeeded == task.total else "CompletePartialSucc"


def _job_state(job: Job) -> dict[str, Any]:
    """What a job's summary and its full view begin with."""
    states = {"succeeded": "TranscodeSuccess", "failed": "TranscodeFail"}
    return {
        "TranscodeTemplateId": job.template_id,
        "TranscodeJobStatus": states.get(
            job.state, "TranscodeFail" if job.state == "cancelled" else "Transcoding"
        ),
        "TranscodeProgress": job.progress,
        "CreationTime": utc(job.created_at),
        "CompleteTime": utc(job.finished_at) if job.finished_at else None,
        **wire_error(job.error_code, job.error_message),
    }


def _job_info(job: Job, stream: Stream | None, source: str | None) -> TranscodeJobInfo:
    return TranscodeJobInfo(
        **_job_state(job),
        TranscodeJobId=job.job_id,
        Definition=template_mark(job.definition),
        Priority=str(job.priority),
        InputFileUrl=source,
        OutputFile=_output_file(job, stream) if stream else None,
    )


def _job_summary(job: Job, stream: Stream | None) -> TranscodeJobInfoSummary:
    state = _job_state(job) | {"WatermarkIdList": _watermark_ids(job)}
    if stream is None:
        return TranscodeJobInfoSummary(**state)
    facts = MediaFacts.model_validate_json(stream.facts)
    return TranscodeJobInfoSummary(
        **state, **_figures(facts), Format=stream.format, Filesize=stream.size
    )


def _watermark_ids(job: Job) -> list[str]:
    return job.watermark_ids.split(",") if job.watermark_ids else []


def _encryption(job: Job) -> str:
    if job.kind != "transcode":
        return "{}"
    encryption = RenditionSpec.model_validate_json(job.spec).encryption
    if encryption is None:
        return "{}"
    private = encryption.key_uri == PRIVATE_SCHEME
    return json.dumps({"EncryptType": "AliyunVoDEncryption" if private else "HLSEncryption"})


def _figures(facts: MediaFacts) -> dict[str, str | None]:
    figures = {"Duration": decimal(facts.duration), "Bitrate": decimal(facts.bitrate_kbps, 3)}
    if facts.has_video:
        figures |= {
            "Width": str(facts.width),
            "Height": str(facts.height),
            "Fps": decimal(facts.fps),
        }
    return figures


def _output_file(job: Job, stream: Stream) -> OutputFileView:
    facts = MediaFacts.model_validate_json(stream.facts)
    videos = [video_stream(item) for item in facts.video if not item.attached_picture]
    audios = [audio_stream(item) for item in facts.audio]
    return OutputFileView(
        **_figures(facts),
        OutputFileUrl=plain_url(stream.object_key),
        Format=stream.format,
        Filesize=stream.size,
        VideoStreamList=_as_text(videos),
        AudioStreamList=_as_text(audios),
        Encryption=_encryption(job),
        WatermarkIdList=_watermark_ids(job),
    )


def _as_text(views: Sequence[RpcResult]) -> str:
    return json.dumps([view.model_dump(exclude_none=True) for view in views])
