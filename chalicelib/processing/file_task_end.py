"""The end of a file task's jobs: each is counted, and the last one ends the task and tells of it.

Light: a request that cancels a task ends it as well as a worker does.
"""

from datetime import datetime

from chalicelib.processing import announcements
from chalicelib.processing.kinds import Followup
from chalicelib.store import file_tasks, job_groups, jobs, unfinished
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job

_STOPPED = "Stopped"


def started(tx: Transaction, number: int, now: datetime) -> list[str]:
    """Somebody begins to make the results; returns the events that tell of it."""
    if not file_tasks.start(tx, number, now):
        return []
    task = file_tasks.get(tx, number)
    return [announcements.file_task_started(tx, task)] if task else []


def succeeded(tx: Transaction, job: Job, result: str, now: datetime) -> Followup:
    """A job has ended well: one that makes a result, the source's analysis, or a chunk."""
    number = job.file_task or 0
    if job.task_id:
        return _count(tx, job, now, good=True)
    if job.kind == "probe":
        file_tasks.record_facts(tx, number, result)
        return Followup(jobs=jobs.release_held(tx, str(number), now))
    unfinished.forget(tx, job.job_id)
    return Followup(plan_id=job.plan_id or "")


def failed(tx: Transaction, job: Job, code: str, message: str, now: datetime) -> Followup:
    """A job has ended badly. Without the source's analysis nothing is made."""
    if job.task_id:
        return _count(tx, job, now, good=False)
    if job.kind != "probe":
        return Followup(plan_id=job.plan_id or "")
    number = job.file_task or 0
    cancel_jobs(tx, number, now, message)
    task = file_tasks.end(tx, number, "failed", now, code, message)
    return Followup(event_ids=_told(tx, task))


def cancel_jobs(tx: Transaction, number: int, now: datetime, message: str) -> None:
    """Nothing more is done for a task."""
    for job_id in file_tasks.open_job_ids(tx, number):
        job_groups.cancel(tx, job_id, _STOPPED, message, now)


def cancelled(tx: Transaction, task: FileTask, now: datetime) -> list[str]:
    """A task that had not begun is given up; returns the events that tell of it."""
    cancel_jobs(tx, task.number, now, "the task was cancelled")
    return _told(tx, task)


def _count(tx: Transaction, job: Job, now: datetime, *, good: bool) -> Followup:
    plan_id = job.plan_id or ""
    task = file_tasks.count_finished(tx, job.file_task or 0, succeeded=good)
    if task is None or task.finished < task.total:
        return Followup(plan_id=plan_id)
    if task.succeeded == task.total:
        ended = file_tasks.end(tx, task.number, "succeeded", now)
    else:
        wrong = _first_failure(tx, task)
        ended = file_tasks.end(tx, task.number, "failed", now, *wrong)
    return Followup(event_ids=_told(tx, ended), plan_id=plan_id)


def _first_failure(tx: Transaction, task: FileTask) -> tuple[str, str]:
    work = jobs.jobs_of_task(tx, str(task.number))
    return next((job.error_code, job.error_message) for job in work if job.error_code)


def _told(tx: Transaction, task: FileTask | None) -> list[str]:
    if task is None:
        return []
    work = jobs.jobs_of_task(tx, str(task.number))
    return [announcements.file_task_ended(tx, task, work)]
