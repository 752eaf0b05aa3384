"""Objects of work that has not ended: noted before they are written, removed when it ends badly.

A worker that is told to stop removes what it wrote; one that died leaves that to the timer.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from chalicelib.logs import log
from chalicelib.processing.output_names import is_file_of
from chalicelib.settings import settings
from chalicelib.store import database, jobs, object_deletion, splits, unfinished
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.unfinished import UnfinishedOutput

Verdict = Literal["open", "remove", "keep"]

_BATCH = 20
_LOOK_EVERY = timedelta(minutes=5)


def note_outputs(prefixes: Mapping[str, str]) -> None:
    """Before the first object is written: the files of this name belong to this job."""
    outputs = [
        UnfinishedOutput(owner_id=job_id, prefix=prefix, temporary=False, look_at=_later())
        for job_id, prefix in prefixes.items()
    ]
    _note(*outputs)


def note_temporary(tx: Transaction, plan_id: str, prefix: str) -> None:
    """The chunks of a plan are written under ``prefix``, and go when its renditions have ended."""
    unfinished.note(
        tx, UnfinishedOutput(owner_id=plan_id, prefix=prefix, temporary=True, look_at=_later())
    )


def remove_unwanted(job_ids: Sequence[str]) -> None:
    """The worker's part, when it writes no more: remove what it wrote for jobs that ended badly.

    A job that somebody else runs now, or has ended well, keeps what is there: it is the same.
    """
    for found in database.run(lambda tx: [unfinished.find(tx, owner) for owner in job_ids]):
        if found is not None:
            _settle(found, datetime.now(UTC), patience=timedelta(0))


def remove_leftovers(now: datetime | None = None) -> int:
    """The timer's part: look at what is noted; returns for how many owners objects were removed."""
    moment = now or datetime.now(UTC)
    found = database.run(lambda tx: unfinished.to_look_at(tx, moment, _BATCH))
    # A worker that does not know yet that its job was cancelled may still write.
    patience = timedelta(seconds=2 * settings().job_lease_seconds)
    return sum(_settle(output, moment, patience) for output in found)


def remove_of_plan(plan_id: str) -> None:
    """Remove the chunks of a plan once its renditions have all ended."""

    def ended(tx: Transaction) -> UnfinishedOutput | None:
        return None if splits.open_renditions(tx, plan_id) else unfinished.find(tx, plan_id)

    found = database.run(ended)
    if found is not None:
        _settle(found, datetime.now(UTC), patience=timedelta(0))


def _settle(output: UnfinishedOutput, now: datetime, patience: timedelta) -> bool:
    """Remove the objects where the work has ended without them, and forget the note."""
    verdict = database.run(lambda tx: _verdict(tx, output, now - patience))
    if verdict == "open":
        again = output.model_copy(update={"look_at": now + _LOOK_EVERY})
        _note(again)
        return False
    if verdict == "remove":
        removed = remove_files(output.prefix)
        log.info("unfinished output removed", extra={"owner": output.owner_id, "count": removed})

    def forget(tx: Transaction) -> None:
        unfinished.forget(tx, output.owner_id)
        if output.temporary:
            splits.delete_plan(tx, output.owner_id)

    database.run(forget)
    return verdict == "remove"


def remove_files(files: str, keep: frozenset[str] = frozenset()) -> int:
    """Remove the objects of a folder, or of a rendition's files, but those to keep."""
    return object_deletion.delete_under(
        files, keep=keep, only=lambda key: files.endswith("/") or is_file_of(files, key)
    )


def _verdict(tx: Transaction, output: UnfinishedOutput, ended_before: datetime) -> Verdict:
    """Whether somebody may still write, it ended badly, or it ended with these objects."""
    if output.temporary:
        work = splits.jobs_of(tx, output.owner_id)
        return "remove" if all(_is_over(job, ended_before) for job in work) else "open"
    job = jobs.get_job(tx, output.owner_id)
    if job is not None and job.state == "succeeded":
        return "keep"
    return "remove" if job is None or _is_over(job, ended_before) else "open"


def _is_over(job: Job, ended_before: datetime) -> bool:
    return job.finished_at is not None and job.finished_at <= ended_before


def _note(*outputs: UnfinishedOutput) -> None:
    def write(tx: Transaction) -> None:
        for output in outputs:
            unfinished.note(tx, output)

    database.run(write)


def _later() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=2 * settings().job_lease_seconds)
