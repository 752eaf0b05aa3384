"""Jobs that are run together, and jobs that are stopped: more of the table ``job``."""

from datetime import datetime

from chalicelib.store.database import Transaction, change, many
from chalicelib.store.jobs import Job


def untried_siblings(tx: Transaction, job: Job, now: datetime, limit: int) -> list[Job]:
    """Jobs of the same task and kind that wait in the same queue and have never been started."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE task_id = %(task_id)s AND job_id <> %(job_id)s"
        " AND kind = %(kind)s AND queue = %(queue)s AND generation = %(generation)s"
        " AND state = 'submitted' AND attempts = 0 AND not_before <= %(now)s"
        " ORDER BY created_at, job_id LIMIT %(limit)s",
        task_id=job.task_id,
        job_id=job.job_id,
        kind=job.kind,
        queue=job.queue,
        generation=job.generation,
        now=now,
        limit=limit,
    )
    return [Job.model_validate(row) for row in rows]


def cancel(tx: Transaction, job_id: str, code: str, message: str, now: datetime) -> int:
    """End a job that is no longer wanted; returns 0 if it had ended already."""
    return change(
        tx,
        "UPDATE job SET state = 'cancelled', lease_owner = '', error_code = %(code)s,"
        " error_message = %(message)s, finished_at = %(now)s"
        " WHERE job_id = %(job_id)s AND state IN ('submitted', 'running')",
        job_id=job_id,
        code=code,
        message=message,
        now=now,
    )


def cancel_open_jobs(tx: Transaction, media_id: str, generation: int, now: datetime) -> int:
    """Cancel what is still to be done for older uploads of the source."""
    return change(
        tx,
        "UPDATE job SET state = 'cancelled', lease_owner = '', finished_at = %(now)s"
        " WHERE media_id = %(media_id)s AND generation < %(generation)s"
        " AND state IN ('submitted', 'running')",
        media_id=media_id,
        generation=generation,
        now=now,
    )
