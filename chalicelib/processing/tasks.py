"""Reading transcode tasks."""

from dataclasses import dataclass

from chalicelib.processing.errors import TaskNotFound
from chalicelib.store import database, jobs, media, outputs
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
        return TaskView(
            task=task,
            media=media.get(tx, account_id, task.media_id),
            jobs=jobs.jobs_of_task(tx, task_id),
            streams={made.job_id: made for made in outputs.streams_of(tx, task.media_id)},
        )

    return database.run(read)
