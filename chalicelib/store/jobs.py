"""Jobs and the tasks that group them: plain SQL over the tables ``job`` and ``task``.

The table is the truth about what is to be run; queue messages are hints. ``due_at`` tells the
timer when to look at a job again: for a submitted job when to send its hint once more, for a
running one when its lease ends. ``not_before`` holds a job back that is to be tried again later.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

JobKind = Literal[
    "probe", "image", "snapshot", "animated", "transcode", "chunk", "package", "remux"
]
JobQueue = Literal["quick", "heavy"]
JobState = Literal["submitted", "running", "succeeded", "failed", "cancelled"]
TaskCause = Literal["upload", "request"]

# How long a hint may be under way before it counts as lost, at first; then as long as the job has
# been waiting already, so that a long queue is not flooded with hints.
HINT_PATIENCE = timedelta(seconds=10)

HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""``not_before`` and ``due_at`` of a job that waits until it is released."""

_CHUNKS_PERCENT = 95


class Job(BaseModel):
    """One unit of work on a medium or a file. ``spec`` and ``result`` are JSON that its kind reads.

    ``rank`` orders the queue: smaller is sooner (10 minus the priority of 1 to 10). ``plan_id``: of
    a chunk, the plan that it is part of; of a rendition, the plan whose chunks make it. While they
    do, the rendition's job is running and no worker holds it.
    ``file_task``: of a job on a file that is no medium, the task that it is part of; its
    ``media_id`` and ``app_id`` are empty then and its ``generation`` is 0.
    ``output_name`` is the object key of what it makes without the extension, where that is not the
    usual one; ``watermark_ids``, separated by commas, tell what was laid over the picture.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    kind: JobKind
    queue: JobQueue
    account_id: str
    app_id: str
    media_id: str
    generation: int
    task_id: str = ""
    template_id: str = ""
    definition: str = ""
    spec: str = "{}"
    output_name: str | None = None
    watermark_ids: str | None = None
    priority: int = 6
    rank: int = 4
    callback_url: str = ""
    extend: str = ""
    state: JobState = "submitted"
    attempts: int = 0
    lease_owner: str = ""
    due_at: datetime
    not_before: datetime
    progress: int = 0
    result: str = ""
    error_code: str = ""
    error_message: str = ""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    plan_id: str | None = None
    file_task: int | None = None


class Task(BaseModel):
    """The jobs that one template group makes of one media. ``completed_at`` ends it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    task_id: str
    account_id: str
    app_id: str
    media_id: str
    generation: int
    template_group_id: str
    cause: TaskCause
    priority: int = 6
    callback_url: str = ""
    extend: str = ""
    total: int
    finished: int = 0
    succeeded: int = 0
    error_code: str = ""
    error_message: str = ""
    created_at: datetime
    completed_at: datetime | None = None


_JOB = tuple(Job.model_fields)
_TASK = tuple(Task.model_fields)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - names come from the models
        f"VALUES ({', '.join(f'%({name})s' for name in columns)})"
    )


_INSERT_JOB = _insert("job", _JOB)
_INSERT_TASK = _insert("task", _TASK)


def new_id() -> str:
    """An id of a job or task: 32 lower-case hexadecimal characters."""
    return uuid.uuid4().hex


def insert_job(tx: Transaction, job: Job) -> None:
    """Add a job."""
    change(tx, _INSERT_JOB, **job.model_dump())


def insert_task(tx: Transaction, task: Task) -> None:
    """Add a task."""
    change(tx, _INSERT_TASK, **task.model_dump())


def get_job(tx: Transaction, job_id: str) -> Job | None:
    """One job."""
    row = one(tx, "SELECT * FROM job WHERE job_id = %(job_id)s", job_id=job_id)
    return Job.model_validate(row) if row else None


def get_task(tx: Transaction, account_id: str, task_id: str) -> Task | None:
    """One task of the account."""
    row = one(
        tx,
        "SELECT * FROM task WHERE task_id = %(task_id)s AND account_id = %(account_id)s",
        task_id=task_id,
        account_id=account_id,
    )
    return Task.model_validate(row) if row else None


def jobs_of_task(tx: Transaction, task_id: str) -> list[Job]:
    """The jobs of a task in the order of the template group.

    The progress of a rendition that others make in chunks is that of its chunks.
    """
    return jobs_of_tasks(tx, [task_id]).get(task_id, [])


def jobs_of_tasks(tx: Transaction, task_ids: list[str]) -> dict[str, list[Job]]:
    """The jobs of several tasks, as ``jobs_of_task`` gives those of one."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE task_id = ANY(%(task_ids)s) ORDER BY created_at, job_id",
        task_ids=task_ids,
    )
    found = [Job.model_validate(row) for row in rows]
    plans = {job.plan_id for job in found if _is_made_in_chunks(job)}
    done = _progress_of_chunks(tx, [plan for plan in plans if plan]) if plans else {}
    by_task: dict[str, list[Job]] = {}
    for job in found:
        if _is_made_in_chunks(job):
            progress = max(job.progress, done.get(job.plan_id or "", 0))
            job = job.model_copy(update={"progress": progress})
        by_task.setdefault(job.task_id, []).append(job)
    return by_task


def _is_made_in_chunks(job: Job) -> bool:
    return bool(job.plan_id) and job.state == "running" and not job.lease_owner


def _progress_of_chunks(tx: Transaction, plan_ids: list[str]) -> dict[str, int]:
    """How much of the chunks of each plan is done, in percent; joining them is the rest."""
    rows = many(
        tx,
        "SELECT plan_id, sum(progress) / count(*) AS done FROM job"
        " WHERE plan_id = ANY(%(plan_ids)s) AND kind = 'chunk' GROUP BY plan_id",
        plan_ids=plan_ids,
    )
    return {str(row["plan_id"]): int(row["done"]) * _CHUNKS_PERCENT // 100 for row in rows}


def next_submitted(tx: Transaction, queue: JobQueue, now: datetime) -> Job | None:
    """The job that is first in the queue: by priority, then by age."""
    row = one(
        tx,
        "SELECT * FROM job WHERE queue = %(queue)s AND state = 'submitted'"
        " AND not_before <= %(now)s ORDER BY rank, created_at, job_id LIMIT 1",
        queue=queue,
        now=now,
    )
    return Job.model_validate(row) if row else None


def start(tx: Transaction, job_id: str, owner: str, now: datetime, lease_until: datetime) -> int:
    """Take a submitted job; returns 0 if another worker was faster."""
    return change(
        tx,
        """
        UPDATE job SET state = 'running', lease_owner = %(owner)s, due_at = %(lease_until)s,
               attempts = attempts + 1,
               progress = CASE WHEN plan_id IS NULL THEN 0 ELSE progress END,
               started_at = coalesce(started_at, %(now)s)
         WHERE job_id = %(job_id)s AND state = 'submitted'
        """,
        job_id=job_id,
        owner=owner,
        now=now,
        lease_until=lease_until,
    )


def renew(tx: Transaction, job_id: str, owner: str, lease_until: datetime, progress: int) -> int:
    """Keep a lease and note the progress (0 to 100); returns 0 if the lease was lost."""
    return change(
        tx,
        "UPDATE job SET due_at = %(lease_until)s, progress = %(progress)s"
        " WHERE job_id = %(job_id)s AND state = 'running' AND lease_owner = %(owner)s",
        job_id=job_id,
        owner=owner,
        lease_until=lease_until,
        progress=progress,
    )


def succeed(tx: Transaction, job_id: str, owner: str, result: str, now: datetime) -> int:
    """End a job well; returns 0 if this worker no longer holds it."""
    return change(
        tx,
        "UPDATE job SET state = 'succeeded', progress = 100, result = %(result)s, lease_owner = '',"
        " finished_at = %(now)s"
        " WHERE job_id = %(job_id)s AND state = 'running' AND lease_owner = %(owner)s",
        job_id=job_id,
        owner=owner,
        result=result,
        now=now,
    )


def fail(tx: Transaction, job_id: str, owner: str, code: str, message: str, now: datetime) -> int:
    """End a job badly for good; returns 0 if this worker no longer holds it."""
    return change(
        tx,
        "UPDATE job SET state = 'failed', error_code = %(code)s, error_message = %(message)s,"
        " lease_owner = '', finished_at = %(now)s"
        " WHERE job_id = %(job_id)s AND state = 'running' AND lease_owner = %(owner)s",
        job_id=job_id,
        owner=owner,
        code=code,
        message=message,
        now=now,
    )


def give_back(tx: Transaction, job_id: str, owner: str, not_before: datetime) -> int:
    """Put a running job back into its queue; the timer hints at it when its time has come."""
    return change(
        tx,
        "UPDATE job SET state = 'submitted', lease_owner = '', due_at = %(not_before)s,"
        " not_before = %(not_before)s"
        " WHERE job_id = %(job_id)s AND state = 'running' AND lease_owner = %(owner)s",
        job_id=job_id,
        owner=owner,
        not_before=not_before,
    )


def due(tx: Transaction, state: JobState, now: datetime, limit: int) -> list[Job]:
    """Jobs in this state whose ``due_at`` has passed, the longest overdue first."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE state = %(state)s AND due_at < %(now)s"
        " ORDER BY due_at LIMIT %(limit)s",
        state=state,
        now=now,
        limit=limit,
    )
    return [Job.model_validate(row) for row in rows]


def hinted(tx: Transaction, job_ids: list[str], now: datetime) -> None:
    """Note that hints at these submitted jobs are being sent."""
    change(
        tx,
        "UPDATE job SET due_at = %(now)s + greatest(%(patience)s, %(now)s - created_at)"
        " WHERE job_id = ANY(%(job_ids)s) AND state = 'submitted'",
        job_ids=job_ids,
        now=now,
        patience=HINT_PATIENCE,
    )


def count_finished(tx: Transaction, task_id: str, *, succeeded: bool) -> Task:
    """Count one more finished job of the task; concurrent finishers wait for each other here."""
    row = one(
        tx,
        "UPDATE task SET finished = finished + 1, succeeded = succeeded + %(succeeded)s"
        " WHERE task_id = %(task_id)s RETURNING *",
        task_id=task_id,
        succeeded=int(succeeded),
    )
    return Task.model_validate(row)


def complete_task(
    tx: Transaction, task_id: str, now: datetime, code: str = "", message: str = ""
) -> None:
    """All jobs have ended, or none could be started for the reason given."""
    change(
        tx,
        "UPDATE task SET completed_at = %(now)s, error_code = %(code)s,"
        " error_message = %(message)s WHERE task_id = %(task_id)s",
        task_id=task_id,
        now=now,
        code=code,
        message=message,
    )


def open_tasks(tx: Transaction, media_id: str) -> list[Task]:
    """Tasks of a media that have not ended."""
    rows = many(
        tx,
        "SELECT * FROM task WHERE media_id = %(media_id)s AND completed_at IS NULL"
        " ORDER BY created_at",
        media_id=media_id,
    )
    return [Task.model_validate(row) for row in rows]


def release_held(tx: Transaction, task_id: str, now: datetime) -> list[Job]:
    """Let the jobs of a task begin that were held back; returns them."""
    rows = many(
        tx,
        "UPDATE job SET not_before = created_at, due_at = %(due_at)s"
        " WHERE task_id = %(task_id)s AND state = 'submitted' AND not_before = %(held)s"
        " RETURNING *",
        task_id=task_id,
        held=HELD,
        due_at=now + HINT_PATIENCE,
    )
    return [Job.model_validate(row) for row in rows]


def open_jobs(tx: Transaction, media_id: str, kind: JobKind) -> list[Job]:
    """The jobs of a kind on a media that have not ended."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE media_id = %(media_id)s AND kind = %(kind)s"
        " AND state IN ('submitted', 'running') ORDER BY created_at",
        media_id=media_id,
        kind=kind,
    )
    return [Job.model_validate(row) for row in rows]
