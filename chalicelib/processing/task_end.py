"""The end of a task's jobs: each is counted, and the last one ends the task and tells of it.

Light: a request that cancels work ends jobs as well as a worker does.
"""

from datetime import datetime

from chalicelib.events.payloads import StreamTranscodeComplete
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import announcements
from chalicelib.store import jobs, media, outputs, unfinished
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.outputs import Stream


def rendition_made(tx: Transaction, job: Job, record: Media, made: Stream) -> list[str]:
    """A rendition is there: returns the ids of the events that tell of it."""
    outputs.put_stream(tx, made)
    unfinished.forget(tx, job.job_id)
    told = announcements.stream_complete(tx, record, job, announcements.finished_stream(made))
    return _count(tx, job, record, made.modified_at, told, good=True)


def rendition_failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> list[str]:
    """A rendition will not come: returns the ids of the events that tell of it."""
    outputs.drop_stream(tx, job.job_id)
    outcome = announcements.failed_stream(job, container_of(job), code, message)
    told = announcements.stream_complete(tx, record, job, outcome)
    return _count(tx, job, record, now, told, good=False)


def container_of(job: Job) -> str:
    """The container that a transcode job makes."""
    return RenditionSpec.model_validate_json(job.spec).container


def _count(
    tx: Transaction, job: Job, record: Media, now: datetime, told: str, *, good: bool
) -> list[str]:
    task = jobs.count_finished(tx, job.task_id, succeeded=good)
    if task.finished < task.total:
        return [told]
    jobs.complete_task(tx, task.task_id, now)
    current = media.get_any(tx, record.media_id)
    if current is not None and current.status == MediaStatus.TRANSCODING:
        if task.succeeded:
            media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
        else:
            last = next(item for item in jobs.jobs_of_task(tx, task.task_id) if item.error_code)
            media.record_failure(tx, record.media_id, last.error_code, last.error_message, now)
    outcomes = _outcomes(tx, task)
    return [told, announcements.transcode_complete(tx, record, task, outcomes)]


def _outcomes(tx: Transaction, task: Task) -> list[StreamTranscodeComplete]:
    streams = {made.job_id: made for made in outputs.streams_of(tx, task.media_id)}
    return [
        announcements.finished_stream(streams[job.job_id])
        if job.job_id in streams
        else announcements.failed_stream(job, container_of(job), job.error_code, job.error_message)
        for job in jobs.jobs_of_task(tx, task.task_id)
    ]
