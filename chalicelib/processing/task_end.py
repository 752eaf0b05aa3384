"""The end of a task's jobs: each is counted, and the last one ends the task and tells of it.

Light: a request that cancels work ends jobs as well as a worker does.
"""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.events.payloads import StreamTranscodeComplete
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import announcements
from chalicelib.processing.built_in_groups import PREPROCESSING_GROUP_ID
from chalicelib.processing.encryption import is_encrypted
from chalicelib.processing.packages import PACKAGED_AS, PackageSpec
from chalicelib.processing.workflow_runs import work_ended
from chalicelib.store import jobs, media, outputs, unfinished
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media, MediaStatus, Preprocessing
from chalicelib.store.outputs import Stream

CANCELLED = "Cancelled"
"""The error code of a job that was cancelled."""


@dataclass(frozen=True)
class Ending:
    """What follows from a job's end: the events that tell of it, and jobs that waited for it."""

    event_ids: list[str]
    jobs: list[Job] = field(default_factory=list)


def rendition_made(tx: Transaction, job: Job, record: Media, made: Stream) -> Ending:
    """A rendition is there."""
    outputs.put_stream(tx, made)
    unfinished.forget(tx, job.job_id)
    told = announcements.stream_complete(tx, record, job, _finished(job, made))
    return _count(tx, job, record, made.modified_at, told, good=True)


def rendition_failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Ending:
    """A rendition will not come."""
    outputs.drop_stream(tx, job.job_id)
    outcome = announcements.failed_stream(job, container_of(job), code, message)
    told = announcements.stream_complete(tx, record, job, outcome)
    return _count(tx, job, record, now, told, good=False)


def container_of(job: Job) -> str:
    """The container that a rendition's job makes, or a package's."""
    if job.kind == "package":
        return PACKAGED_AS[PackageSpec.model_validate_json(job.spec).kind]
    return RenditionSpec.model_validate_json(job.spec).container


def _count(
    tx: Transaction, job: Job, record: Media, now: datetime, told: str, *, good: bool
) -> Ending:
    task = jobs.count_finished(tx, job.task_id, succeeded=good)
    if task.finished == task.total - 1:
        # What packages the renditions has waited for all of them.
        return Ending([told], jobs.release_held(tx, task.task_id, now))
    if task.finished < task.total:
        return Ending([told])
    jobs.complete_task(tx, task.task_id, now)
    if task.template_group_id == PREPROCESSING_GROUP_ID:
        state: Preprocessing = "succeeded" if task.succeeded else "failed"
        media.set_preprocessing(tx, record.media_id, state)
    current = media.get_any(tx, record.media_id)
    if current is not None and current.status == MediaStatus.TRANSCODING:
        _settle_media(tx, current, task, now)
    outcomes = _outcomes(tx, task)
    return Ending(
        [told, announcements.transcode_complete(tx, record, task, outcomes)],
        work_ended(tx, record, task.task_id, now, succeeded=task.succeeded > 0),
    )


def _settle_media(tx: Transaction, record: Media, task: Task, now: datetime) -> None:
    """What the end of a task makes of its media; only to cancel its work does it no harm."""
    if task.succeeded:
        media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
        return
    codes = {job.error_code: job.error_message for job in jobs.jobs_of_task(tx, task.task_id)}
    failures = [code for code in codes if code not in ("", CANCELLED)]
    if failures:
        media.record_failure(tx, record.media_id, failures[0], codes[failures[0]], now)
        return
    plays = bool(outputs.streams_of(tx, record.media_id))
    status = MediaStatus.NORMAL if plays else MediaStatus.UPLOADED
    media.set_status(tx, record.media_id, status, now)


def _outcomes(tx: Transaction, task: Task) -> list[StreamTranscodeComplete]:
    streams = {made.job_id: made for made in outputs.streams_of(tx, task.media_id)}
    return [
        _finished(job, streams[job.job_id])
        if job.job_id in streams
        else announcements.failed_stream(job, container_of(job), job.error_code, job.error_message)
        for job in jobs.jobs_of_task(tx, task.task_id)
    ]


def _finished(job: Job, stream: Stream) -> StreamTranscodeComplete:
    encrypted = job.kind == "transcode" and is_encrypted(job)
    return announcements.finished_stream(stream, encrypted=encrypted)
