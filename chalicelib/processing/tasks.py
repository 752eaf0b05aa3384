"""Reading transcode tasks."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.library.media import require
from chalicelib.processing.errors import TaskNotFound
from chalicelib.store import database, jobs, media, outputs, task_lists
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media
from chalicelib.store.outputs import Stream


@dataclass(frozen=True)
class TaskView:
    """A task with its jobs and what they made, by job id."""

    task: Task
    media: Media | None
    jobs: list[Job]
    streams: dict[str, Stream]


def view_task(account_id: str, task_id: str) -> TaskView:
    """One task. Raises TaskNotFound."""

    def read(tx: Transaction) -> TaskView:
        task = jobs.get_task(tx, account_id, task_id)
        if task is None:
            raise TaskNotFound(task_id)
        return _view(tx, task, media.get(tx, account_id, task.media_id))

    return database.run(read)


def latest_tasks(account_id: str, media_ids: list[str]) -> tuple[list[TaskView], list[str]]:
    """The newest task of each media that has one, and the ids that are of no media."""

    def read(tx: Transaction) -> tuple[list[TaskView], list[str]]:
        known = {record.media_id: record for record in media.get_several(tx, account_id, media_ids)}
        views = []
        for media_id in media_ids:
            task = task_lists.latest_task(tx, account_id, media_id) if media_id in known else None
            if task is not None:
                views.append(_view(tx, task, known[media_id]))
        return views, [media_id for media_id in media_ids if media_id not in known]

    return database.run(read)


def list_tasks(
    account_id: str,
    media_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    page: int,
    page_size: int,
) -> list[Task]:
    """One page, counted from 1, of a media's tasks, newest first. Raises MediaNotFound."""

    def read(tx: Transaction) -> list[Task]:
        require(tx, account_id, media_id)
        return task_lists.tasks_of_media(
            tx,
            account_id,
            media_id,
            since=since,
            until=until,
            offset=(page - 1) * page_size,
            limit=page_size,
        )

    return database.run(read)


def _view(tx: Transaction, task: Task, record: Media | None) -> TaskView:
    return TaskView(
        task=task,
        media=record,
        jobs=jobs.jobs_of_task(tx, task.task_id),
        streams={made.job_id: made for made in outputs.streams_of(tx, task.media_id)},
    )
