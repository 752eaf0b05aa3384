"""Long sources that many workers encode: plans, their chunks, and the renditions that wait.

A rendition that waits for its chunks is a running job that nobody holds (``lease_owner`` is empty).
``due_at`` tells the timer when to look whether its chunks have ended, should the word of the last
one have been lost.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one
from chalicelib.store.jobs import Job, insert_job

# How long after the last look the timer looks again at renditions that wait for their chunks.
_PATIENCE = timedelta(seconds=30)


class SplitPlan(BaseModel):
    """A plan; ``spec`` is JSON of the renditions that it makes and of what they share."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    plan_id: str
    media_id: str
    spec: str
    created_at: datetime


def insert_plan(tx: Transaction, plan: SplitPlan, chunks: list[Job]) -> None:
    """Add a plan with its chunk jobs, which carry its id."""
    change(
        tx,
        "INSERT INTO split_plan (plan_id, media_id, spec, created_at)"
        " VALUES (%(plan_id)s, %(media_id)s, %(spec)s, %(created_at)s)",
        **plan.model_dump(),
    )
    for chunk in chunks:
        insert_job(tx, chunk)


def get_plan(tx: Transaction, plan_id: str) -> SplitPlan | None:
    """One plan."""
    row = one(tx, "SELECT * FROM split_plan WHERE plan_id = %(plan_id)s", plan_id=plan_id)
    return SplitPlan.model_validate(row) if row else None


def delete_plan(tx: Transaction, plan_id: str) -> None:
    """Forget a plan and its chunks: its renditions have ended."""
    change(tx, "DELETE FROM job WHERE plan_id = %(plan_id)s AND kind = 'chunk'", plan_id=plan_id)
    change(tx, "DELETE FROM split_plan WHERE plan_id = %(plan_id)s", plan_id=plan_id)


def wait_for_chunks(tx: Transaction, job_id: str, owner: str, plan_id: str, now: datetime) -> int:
    """Let go of a rendition's job until its chunks have ended; 0 if this worker had lost it."""
    return change(
        tx,
        "UPDATE job SET plan_id = %(plan_id)s, lease_owner = '', due_at = %(look_at)s"
        " WHERE job_id = %(job_id)s AND state = 'running' AND lease_owner = %(owner)s",
        job_id=job_id,
        owner=owner,
        plan_id=plan_id,
        look_at=now + _PATIENCE,
    )


def keep_waiting(tx: Transaction, plan_id: str, now: datetime) -> None:
    """The chunks still run: look again later."""
    change(
        tx,
        "UPDATE job SET due_at = %(look_at)s WHERE plan_id = %(plan_id)s AND kind = 'transcode'"
        " AND state = 'running' AND lease_owner = ''",
        plan_id=plan_id,
        look_at=now + _PATIENCE,
    )


def wake_renditions(tx: Transaction, plan_id: str, now: datetime) -> list[Job]:
    """Put the renditions that wait for the plan's chunks back into the queue; returns them."""
    rows = many(
        tx,
        "UPDATE job SET state = 'submitted', attempts = 0, not_before = %(now)s,"
        " due_at = %(hint_again)s WHERE plan_id = %(plan_id)s AND kind = 'transcode'"
        " AND state = 'running' AND lease_owner = '' RETURNING *",
        plan_id=plan_id,
        now=now,
        hint_again=now + _PATIENCE,
    )
    return [Job.model_validate(row) for row in rows]


def chunks_of(tx: Transaction, plan_id: str) -> list[Job]:
    """The chunk jobs of a plan in their order."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE plan_id = %(plan_id)s AND kind = 'chunk'"
        " ORDER BY created_at, job_id",
        plan_id=plan_id,
    )
    return [Job.model_validate(row) for row in rows]


def open_chunks(tx: Transaction, plan_id: str) -> int:
    """How many chunks have not ended."""
    row = one(
        tx,
        "SELECT count(*) AS open FROM job WHERE plan_id = %(plan_id)s AND kind = 'chunk'"
        " AND state IN ('submitted', 'running')",
        plan_id=plan_id,
    )
    return int(row["open"]) if row else 0


def has_failed_chunk(tx: Transaction, plan_id: str) -> bool:
    """Whether a chunk has failed for good: the plan then makes nothing."""
    row = one(
        tx,
        "SELECT job_id FROM job WHERE plan_id = %(plan_id)s AND kind = 'chunk'"
        " AND state = 'failed' LIMIT 1",
        plan_id=plan_id,
    )
    return row is not None


def jobs_of(tx: Transaction, plan_id: str) -> list[Job]:
    """All jobs of a plan, renditions and chunks."""
    rows = many(
        tx,
        "SELECT * FROM job WHERE plan_id = %(plan_id)s ORDER BY created_at, job_id",
        plan_id=plan_id,
    )
    return [Job.model_validate(row) for row in rows]


def open_renditions(tx: Transaction, plan_id: str) -> list[str]:
    """The ids of the plan's renditions that have not ended."""
    rows = many(
        tx,
        "SELECT job_id FROM job WHERE plan_id = %(plan_id)s AND kind = 'transcode'"
        " AND state IN ('submitted', 'running') ORDER BY created_at, job_id",
        plan_id=plan_id,
    )
    return [str(row["job_id"]) for row in rows]


def cancel_chunks(tx: Transaction, plan_id: str, now: datetime) -> int:
    """Cancel the chunks that have not ended."""
    return change(
        tx,
        "UPDATE job SET state = 'cancelled', lease_owner = '', finished_at = %(now)s"
        " WHERE plan_id = %(plan_id)s AND kind = 'chunk' AND state IN ('submitted', 'running')",
        plan_id=plan_id,
        now=now,
    )
