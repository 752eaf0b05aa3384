"""How transcoding tasks and their results are answered (MPC API manual 8.3 and 8.5)."""

import json
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.media_views import SourceInfo, source_info
from chalicelib.apis.huawei_mpc.parameters import AvParameters
from chalicelib.apis.huawei_mpc.task_errors import why_failed
from chalicelib.apis.huawei_mpc.tasks import common_fields, outcome
from chalicelib.apis.protocol.huawei_rest.operation import RestResult
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.processing.file_specs import PicturesMade
from chalicelib.processing.file_tasks import FileTask, FileTaskView
from chalicelib.store.file_tasks import DaySummary, FileTaskState
from chalicelib.store.jobs import Job

STATES: dict[str, FileTaskState] = {
    "WAITING": "submitted",
    "TRANSCODING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "cancelled",
}
_NAMES = {state: name for name, state in STATES.items()}

StatType = Literal[
    "video_duration", "remux_file_duration", "transcode_task_number", "transcode_duration"
]


class AskedFor(BaseModel):
    """What a task keeps of its request, to be shown again. No key is in it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    input: ObsObjInfo
    output: ObsObjInfo
    thumbnail_output: ObsObjInfo | None = None
    trans_template_id: tuple[int, ...] | None = None
    av_parameters: tuple[AvParameters, ...] | None = None


class TaskError(RestResult):
    """Why an output was not made."""

    error_code: str
    error_msg: str


class MultiTaskInfo(RestResult):
    """One output (table 8-37)."""

    template_id: int | None = None
    error: TaskError | None = None
    output_file: SourceInfo | None = None


class TranscodeDetail(RestResult):
    """The outputs and the source (table 8-36)."""

    multitask_info: list[MultiTaskInfo]
    input_file: SourceInfo | None = None


class PicInfo(RestResult):
    """A snapshot (table 8-43)."""

    pic_name: str


class TranscodingTask(RestResult):
    """A task (table 8-35)."""

    task_id: str
    status: str
    progress: int
    create_time: str | None = None
    end_time: str | None = None
    trans_template_id: tuple[int, ...] | None = None
    input: ObsObjInfo
    output: ObsObjInfo
    output_file_name: list[str] | None = None
    user_data: str | None = None
    error_code: str | None = None
    description: str | None = None
    transcode_detail: TranscodeDetail | None = None
    thumbnail_output: ObsObjInfo | None = None
    thumbnail_outputname: str | None = None
    pic_info: list[PicInfo] | None = None
    av_parameters: tuple[AvParameters, ...] | None = None


class ListTranscodingTasksResult(RestResult):
    """Some tasks, how many there are, and whether that is more."""

    task_array: list[TranscodingTask]
    is_truncated: int
    total: int


class StatSummary(RestResult):
    """What was done on one day (table 8-57)."""

    value: float
    date: str


class TaskSummary(RestResult):
    """What was done on each day, and in all."""

    summary: list[StatSummary]
    total: float
    stat_type: StatType


def listed(tasks: Sequence[FileTaskView], total: int, *, more: bool) -> ListTranscodingTasksResult:
    return ListTranscodingTasksResult(
        task_array=[_task(one) for one in tasks], is_truncated=int(more), total=total
    )


def summarised(stat_type: StatType, days: Sequence[DaySummary]) -> TaskSummary:
    """The statistics, in tasks or in minutes."""
    values = [
        StatSummary(value=_value(stat_type, day), date=day.day.replace("-", "/")) for day in days
    ]
    total = round(sum(one.value for one in values), 2)
    return TaskSummary(summary=values, total=total, stat_type=stat_type)


def _value(stat_type: StatType, day: DaySummary) -> float:
    if stat_type == "transcode_task_number":
        return float(day.count)
    seconds = day.work_seconds if stat_type == "transcode_duration" else day.source_seconds
    return round(seconds / 60, 2)


def _task(view: FileTaskView) -> TranscodingTask:
    task = view.task
    asked = AskedFor.model_validate_json(task.client)
    pictures = _pictures(view.jobs)
    # Of tasks that ended well the sample has no code here, unlike those of the other chapters.
    failed = outcome(task) if task.state == "failed" else {}
    return TranscodingTask(
        **common_fields(task),
        status=_NAMES[task.state],
        progress=_progress(view),
        trans_template_id=asked.trans_template_id,
        input=asked.input,
        output=asked.output,
        output_file_name=_names(view.jobs, pictures) or None,
        **failed,
        transcode_detail=_detail(view),
        thumbnail_output=asked.thumbnail_output if pictures else None,
        thumbnail_outputname=_last(pictures.key) if pictures and pictures.key else None,
        pic_info=[PicInfo(pic_name=name) for name in pictures.names] if pictures else None,
        av_parameters=asked.av_parameters,
    )


def _progress(view: FileTaskView) -> int:
    if view.task.state == "succeeded":
        return 100
    return sum(job.progress for job in view.jobs) // max(1, len(view.jobs))


def _pictures(jobs: Sequence[Job]) -> PicturesMade | None:
    """What was made of the task's snapshots, if there are any."""
    results = [job.result for job in jobs if job.kind == "snapshot" and job.state == "succeeded"]
    return PicturesMade.model_validate_json(results[0]) if results else None


def _names(jobs: Sequence[Job], pictures: PicturesMade | None) -> list[str]:
    made = [json.loads(job.result)["key"] for job in _renditions(jobs) if job.result]
    names = [_last(key) for key in made]
    if pictures is None:
        return names
    return names + ([_last(pictures.key)] if pictures.key else list(pictures.names))


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def _renditions(jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if job.kind == "transcode"]


def _detail(view: FileTaskView) -> TranscodeDetail | None:
    """The outputs that have ended, and the source once it is known."""
    ended = [job for job in _renditions(view.jobs) if job.state in ("succeeded", "failed")]
    source = _facts(view.task)
    if source is None and not ended:
        return None
    return TranscodeDetail(
        multitask_info=[_output(job) for job in ended],
        input_file=source_info(source) if source else None,
    )


def _facts(task: FileTask) -> MediaFacts | None:
    return MediaFacts.model_validate_json(task.facts) if task.facts else None


def _output(job: Job) -> MultiTaskInfo:
    template_id = int(job.template_id) if job.template_id else None
    if job.state == "failed":
        error = why_failed("transcode", job.error_code, job.error_message)
        told = TaskError(error_code=error.code, error_msg=error.message)
        return MultiTaskInfo(template_id=template_id, error=told)
    made = json.loads(job.result)
    facts = MediaFacts.model_validate(made["facts"])
    container = json.loads(job.spec)["container"]
    return MultiTaskInfo(template_id=template_id, output_file=source_info(facts, container))
