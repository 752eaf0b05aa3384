"""Stopping work that is no longer wanted.

The record says so first; the worker that runs the job notices when it renews its lease, within two
seconds, kills its encoder and removes what it has already stored. Light: requests come here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib import events
from chalicelib.processing import task_end
from chalicelib.processing.errors import JobNotFound, TaskNotFound
from chalicelib.processing.submission import hint
from chalicelib.processing.task_end import Ending
from chalicelib.store import database, job_groups, jobs, media, splits
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job

_COUNTED = ("transcode", "package")
_MESSAGE = "the work was cancelled"


def cancel_job(account_id: str, job_id: str) -> bool:
    """Cancel one job; False if it had ended already. Raises JobNotFound.

    The other jobs of its task go on. A cancelled rendition counts as one that was not made.
    """

    def write(tx: Transaction) -> Ending | None:
        job = jobs.get_job(tx, job_id)
        if job is None or job.account_id != account_id:
            raise JobNotFound(job_id)
        return _cancel(tx, [job], datetime.now(UTC))

    return _announced(database.run(write))


def cancel_task(account_id: str, task_id: str) -> bool:
    """Cancel the jobs of a task that have not ended; False if there were none.

    Raises TaskNotFound.
    """

    def write(tx: Transaction) -> Ending | None:
        task = jobs.get_task(tx, account_id, task_id)
        if task is None:
            raise TaskNotFound(task_id)
        return _cancel(tx, jobs.jobs_of_task(tx, task_id), datetime.now(UTC))

    return _announced(database.run(write))


def _cancel(tx: Transaction, work: Sequence[Job], now: datetime) -> Ending | None:
    """Returns what follows from it, None if nothing was to be cancelled."""
    stopped = [
        job for job in work if job_groups.cancel(tx, job.job_id, task_end.CANCELLED, _MESSAGE, now)
    ]
    if not stopped:
        return None
    for plan_id in {job.plan_id for job in stopped if job.plan_id}:
        if not splits.open_renditions(tx, plan_id):
            splits.cancel_chunks(tx, plan_id, now)
    endings = [_ended(tx, job, now) for job in stopped]
    return Ending(
        [event_id for ending in endings for event_id in ending.event_ids],
        [job for ending in endings for job in ending.jobs],
    )


def _ended(tx: Transaction, job: Job, now: datetime) -> Ending:
    record = media.get_any(tx, job.media_id)
    if record is None or job.kind not in _COUNTED or not job.task_id:
        return Ending([])
    return task_end.rendition_failed(tx, job, record, task_end.CANCELLED, _MESSAGE, now)


def _announced(ending: Ending | None) -> bool:
    if ending is None:
        return False
    hint(ending.jobs)
    events.announce(ending.event_ids)
    return True
