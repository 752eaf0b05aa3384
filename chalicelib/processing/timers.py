"""What the timer does for jobs: lost hints are repeated, lost workers' jobs put back.

Renditions that wait for their chunks are looked after as well, should the word of the last chunk
have been lost.
"""

from datetime import UTC, datetime

from chalicelib.logs import log
from chalicelib.processing import splitting
from chalicelib.processing.submission import hint
from chalicelib.store import database, jobs, splits
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job

_BATCH = 100


def revive_jobs(now: datetime | None = None) -> int:
    """Hint at overdue jobs again; returns how many there were."""
    moment = now or datetime.now(UTC)

    def collect(tx: Transaction) -> tuple[list[Job], set[str]]:
        overdue = jobs.due(tx, "running", moment, _BATCH)
        plans = {job.plan_id for job in overdue if job.plan_id and not job.lease_owner}
        for plan_id in plans:
            splits.keep_waiting(tx, plan_id, moment)
        orphans = [job for job in overdue if job.lease_owner]
        for job in orphans:
            log.warning("a worker was lost", extra={"job_id": job.job_id, "kind": job.kind})
            jobs.give_back(tx, job.job_id, job.lease_owner, moment)
        waiting = orphans + jobs.due(tx, "submitted", moment, _BATCH)
        jobs.hinted(tx, [job.job_id for job in waiting], moment)
        return waiting, plans

    overdue, plans = database.run(collect)
    for plan_id in plans:
        overdue += splitting.advance(plan_id)
    hint(overdue)
    return len(overdue)
