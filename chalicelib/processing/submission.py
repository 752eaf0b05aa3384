"""Asking for work: jobs are written first, then hinted at through the queues."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.library.media import require, require_status
from chalicelib.processing.intake import new_job
from chalicelib.processing.template_groups import TemplateGroup, find_group
from chalicelib.settings import settings
from chalicelib.store import database, jobs, media, queues
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task, TaskCause
from chalicelib.store.media import Media, MediaStatus

_MAY_TRANSCODE = frozenset({MediaStatus.UPLOADED, MediaStatus.NORMAL, MediaStatus.CHECKING})


@dataclass(frozen=True)
class Wishes:
    """What a request for work may add. Priority: 1 to 10, the highest first."""

    priority: int = 6
    callback_url: str = ""
    extend: str = ""


def submit_transcode(
    account_id: str, media_id: str, group_id: str, wishes: Wishes
) -> tuple[Task, list[Job]]:
    """Transcode a media with a template group.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, normal, checking),
    TemplateGroupNotFound.
    """
    group = find_group(account_id, group_id)

    def write(tx: Transaction) -> tuple[Task, list[Job]]:
        record = require(tx, account_id, media_id)
        require_status(record, _MAY_TRANSCODE)
        task, work = create_task(tx, record, group, "request", wishes, datetime.now(UTC))
        if record.status == MediaStatus.UPLOADED:
            media.set_status(tx, media_id, MediaStatus.TRANSCODING, datetime.now(UTC))
        return task, work

    task, work = database.run(write)
    hint(work)
    return task, work


def create_task(
    tx: Transaction,
    record: Media,
    group: TemplateGroup,
    cause: TaskCause,
    wishes: Wishes,
    now: datetime,
    *,
    start: bool = True,
) -> tuple[Task, list[Job]]:
    """Write a task with one job for each template of the group.

    The group without templates gets one probe: the source itself becomes the stream. Without
    ``start`` only the task is written, for a source that no job can be started on.
    """
    shared = wished(wishes, record)
    task = Task(
        task_id=jobs.new_id(),
        account_id=record.account_id,
        app_id=record.app_id,
        media_id=record.media_id,
        generation=record.generation,
        template_group_id=group.group_id,
        cause=cause,
        total=len(group.templates) or 1,
        created_at=now,
        **{key: shared[key] for key in ("priority", "callback_url", "extend")},
    )
    work = _jobs_of(record, group, shared | {"task_id": task.task_id}, now)
    jobs.insert_task(tx, task)
    if not start:
        return task, []
    for job in work:
        jobs.insert_job(tx, job)
    return task, work


def _jobs_of(
    record: Media, group: TemplateGroup, shared: dict[str, object], now: datetime
) -> list[Job]:
    if not group.templates:
        probe = new_job(record, now, kind="probe", queue="quick")
        return [probe.model_copy(update=shared | {"definition": "OD"})]
    return [
        new_job(
            record,
            # Jobs of one task keep the order of the group through their time of creation.
            now + timedelta(microseconds=position),
            kind="transcode",
            queue="heavy",
            spec=template.spec.model_dump_json(),
        ).model_copy(
            update=shared | {"template_id": template.template_id, "definition": template.definition}
        )
        for position, template in enumerate(group.templates)
    ]


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
