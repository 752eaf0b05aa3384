"""What the timer does for jobs: lost hints are repeated, lost workers' jobs put back."""

from datetime import UTC, datetime

from chalicelib.logs import log
from chalicelib.processing.submission import hint
from chalicelib.store import database, jobs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job

_BATCH = 100


def revive_jobs(now: datetime | None = None) -> int:
    """Hint at overdue jobs again; returns how many there were."""
    moment = now or datetime.now(UTC)

    def collect(tx: Transaction) -> list[Job]:
        orphans = jobs.due(tx, "running", moment, _BATCH)
        for job in orphans:
            log.warning("a worker was lost", extra={"job_id": job.job_id, "kind": job.kind})
            jobs.give_back(tx, job.job_id, job.lease_owner, moment)
        waiting = orphans + jobs.due(tx, "submitted", moment, _BATCH)
        jobs.hinted(tx, [job.job_id for job in waiting], moment + jobs.HINT_PATIENCE)
        return waiting

    overdue = database.run(collect)
    hint(overdue)
    return len(overdue)
