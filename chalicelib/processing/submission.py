"""Asking for work: jobs are written first, then hinted at through the queues."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.library.errors import SourceMissing
from chalicelib.library.media import require, require_status
from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.encryption import StandardKey, with_keys
from chalicelib.processing.errors import TemplateGroupEmpty
from chalicelib.processing.group_jobs import NO_OVERRIDES, Overrides, rendition_jobs
from chalicelib.processing.intake import new_job
from chalicelib.processing.template_groups import PREPROCESSING_GROUP, TemplateGroup, group_in
from chalicelib.settings import settings
from chalicelib.store import database, jobs, media, queues
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task, TaskCause
from chalicelib.store.media import Media, MediaStatus

MAY_TRANSCODE = frozenset({MediaStatus.UPLOADED, MediaStatus.NORMAL, MediaStatus.CHECKING})
MAY_PREPROCESS = MAY_TRANSCODE | {MediaStatus.TRANSCODING}


@dataclass(frozen=True)
class Wishes:
    """What a request for work may add. Priority: 1 to 10, the highest first.

    ``key``: encrypted renditions get this one instead of their media's own.
    """

    priority: int = 6
    callback_url: str = ""
    extend: str = ""
    key: StandardKey | None = None


def submit_transcode(
    account_id: str,
    media_id: str,
    group_id: str,
    wishes: Wishes,
    overrides: Overrides = NO_OVERRIDES,
) -> tuple[Task, list[Job]]:
    """Transcode a media with a template group.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, normal, checking),
    TemplateGroupNotFound, TemplateGroupEmpty, WatermarkNotFound.
    """

    def write(tx: Transaction) -> tuple[Task, list[Job]]:
        group = group_in(tx, account_id, group_id)
        if not group.makes_something:
            raise TemplateGroupEmpty(group.group_id)
        record = require(tx, account_id, media_id)
        require_status(record, MAY_TRANSCODE)
        now = datetime.now(UTC)
        task, work = create_task(tx, record, group, "request", wishes, now, overrides)
        if record.status == MediaStatus.UPLOADED:
            media.set_status(tx, media_id, MediaStatus.TRANSCODING, datetime.now(UTC))
        return task, work

    task, work = database.run(write)
    hint(work)
    return task, work


def submit_preprocessing(account_id: str, media_id: str) -> list[Job]:
    """Make a copy that a live mixer plays well: even frames, frequent keyframes.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, normal, checking, transcoding),
    library.SourceMissing.
    """

    def write(tx: Transaction) -> list[Job]:
        record = require(tx, account_id, media_id)
        require_status(record, MAY_PREPROCESS)
        if record.source_deleted_at is not None:
            raise SourceMissing(media_id)
        now = datetime.now(UTC)
        _, work = create_task(tx, record, PREPROCESSING_GROUP, "request", Wishes(), now)
        media.set_preprocessing(tx, media_id, "running")
        return work

    work = database.run(write)
    hint(work)
    return work


def create_task(
    tx: Transaction,
    record: Media,
    group: TemplateGroup,
    cause: TaskCause,
    wishes: Wishes,
    now: datetime,
    overrides: Overrides = NO_OVERRIDES,
) -> tuple[Task, list[Job]]:
    """Write a task with one job for each rendition of the group, which has some.

    The group that transcodes nothing gets one probe: the source itself becomes the stream. Raises
    WatermarkNotFound.
    """
    work = _jobs_of(tx, record, group, now, overrides)
    task = _task(record, group.group_id, cause, wishes, len(work), now)
    shared = wished(wishes, record) | {"task_id": task.task_id}
    work = [job.model_copy(update=shared) for job in work]
    jobs.insert_task(tx, task)
    work = with_keys(tx, work, wishes.key)
    for job in work:
        jobs.insert_job(tx, job)
    return task, work


def failed_task(tx: Transaction, record: Media, code: str, message: str, now: datetime) -> Task:
    """Write the task of an upload that no job could be started on, with the reason."""
    task = _task(record, record.template_group_id, "upload", Wishes(), 1, now)
    jobs.insert_task(tx, task)
    jobs.complete_task(tx, task.task_id, now, code, message)
    return task


def _task(
    record: Media, group_id: str, cause: TaskCause, wishes: Wishes, total: int, now: datetime
) -> Task:
    common = wished(wishes, record)
    return Task(
        task_id=jobs.new_id(),
        account_id=record.account_id,
        app_id=record.app_id,
        media_id=record.media_id,
        generation=record.generation,
        template_group_id=group_id,
        cause=cause,
        total=total,
        created_at=now,
        **{key: common[key] for key in ("priority", "callback_url", "extend")},
    )


def _jobs_of(
    tx: Transaction, record: Media, group: TemplateGroup, now: datetime, overrides: Overrides
) -> list[Job]:
    if group.group_id != NO_TRANSCODE_GROUP_ID:
        return rendition_jobs(tx, record, group, now, overrides)
    probe = new_job(record, now, kind="probe", queue="quick")
    return [probe.model_copy(update={"definition": "OD"})]


def hint(work: Iterable[Job], delay_seconds: int = 0) -> None:
    """Tell the workers; a hint that is lost is repeated by the timer."""
    urls = {"quick": settings().quick_jobs_queue_url, "heavy": settings().heavy_jobs_queue_url}
    for job in work:
        queues.send(urls[job.queue], {"job_id": job.job_id}, delay_seconds)


def wished(wishes: Wishes, record: Media) -> dict[str, object]:
    """The fields of a task or job that a request's wishes decide, after the upload's own."""
    return {
        "priority": wishes.priority,
        "rank": 10 - wishes.priority,
        "callback_url": wishes.callback_url or record.callback_url,
        "extend": wishes.extend or record.extend,
    }
