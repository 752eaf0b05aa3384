"""A transcode task as this vendor's answers show it (VOD API manual 17.1)."""

import json
from collections.abc import Sequence

from chalicelib.apis.aliyun_vod.formats import decimal, utc, wire_group_id
from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.apis.aliyun_vod.stream_views import audio_stream, video_stream
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.mediaspec.facts import MediaFacts
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


class TranscodeTaskView(RpcResult):
    """One task."""

    TranscodeTaskId: str
    TranscodeTemplateGroupId: str
    VideoId: str
    TaskStatus: str
    Trigger: str
    CreationTime: str
    CompleteTime: str | None = None
    TranscodeJobInfoList: list[TranscodeJobInfo]


def transcode_task(view: TaskView) -> TranscodeTaskView:
    """The whole task."""
    task = view.task
    source = plain_url(view.media.source_key) if view.media else None
    return TranscodeTaskView(
        TranscodeTaskId=task.task_id,
        TranscodeTemplateGroupId=wire_group_id(task.template_group_id),
        VideoId=task.media_id,
        TaskStatus=_status(task),
        Trigger="Auto" if task.cause == "upload" else "Manual",
        CreationTime=utc(task.created_at),
        CompleteTime=utc(task.completed_at) if task.completed_at else None,
        TranscodeJobInfoList=[
            _job_info(job, view.streams.get(job.job_id), source) for job in view.jobs
        ],
    )


def _status(task: Task) -> str:
    if task.completed_at is None:
        return "Partial" if task.finished else "Processing"
    if task.succeeded == 0:
        return "CompleteAllFail"
    return "CompleteAllSucc" if task.succeeded == task.total else "CompletePartialSucc"


def _job_info(job: Job, stream: Stream | None, source: str | None) -> TranscodeJobInfo:
    states = {"succeeded": "TranscodeSuccess", "failed": "TranscodeFail"}
    info = TranscodeJobInfo(
        TranscodeJobId=job.job_id,
        TranscodeTemplateId=job.template_id,
        TranscodeJobStatus=states.get(
            job.state, "TranscodeFail" if job.state == "cancelled" else "Transcoding"
        ),
        TranscodeProgress=job.progress,
        Definition=job.definition,
        Priority=str(job.priority),
        CreationTime=utc(job.created_at),
        CompleteTime=utc(job.finished_at) if job.finished_at else None,
        InputFileUrl=source,
        OutputFile=_output_file(stream) if stream else None,
    )
    return info.model_copy(update=wire_error(job.error_code, job.error_message))


def _output_file(stream: Stream) -> OutputFileView:
    facts = MediaFacts.model_validate_json(stream.facts)
    videos = [video_stream(item) for item in facts.video if not item.attached_picture]
    audios = [audio_stream(item) for item in facts.audio]
    file = OutputFileView(
        OutputFileUrl=plain_url(stream.object_key),
        Format=stream.format,
        Duration=decimal(facts.duration),
        Bitrate=decimal(facts.bitrate_kbps, 3),
        Filesize=stream.size,
        VideoStreamList=_as_text(videos),
        AudioStreamList=_as_text(audios),
    )
    if not facts.has_video:
        return file
    return file.model_copy(
        update={
            "Width": str(facts.width),
            "Height": str(facts.height),
            "Fps": decimal(facts.fps),
        }
    )


def _as_text(views: Sequence[RpcResult]) -> str:
    return json.dumps([view.model_dump(exclude_none=True) for view in views])
