"""Running jobs: take the first of a queue, keep its lease, run its kind, record the outcome.

A worker may die at any line. Until the outcome is committed the job counts as running, its lease
ends, the timer puts it back, and it runs again to the same result: outputs have names that follow
from the job's id, and the outcome is recorded only by whoever holds the lease.
"""

import math
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib import events, metrics
from chalicelib.logs import log
from chalicelib.media.errors import Cancelled, MediaError
from chalicelib.processing import splitting, unfinished
from chalicelib.processing.kinds import (
    GREGARIOUS,
    Ended,
    Failure,
    Followup,
    JobKindRunner,
    gregarious,
    kind_of,
)
from chalicelib.processing.lease import Leases
from chalicelib.processing.submission import hint
from chalicelib.processing.workflow_runs import work_ended
from chalicelib.settings import settings
from chalicelib.store import database, jobs, media
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, JobQueue
from chalicelib.store.media import Media

# After a failure of our own (storage, database, disk) a job waits this long for every attempt.
_BACK_OFF = timedelta(seconds=5)

# The most that the queues can hold a message back.
_LONGEST_DELAY_SECONDS = 900

INTERNAL_FAILURE = "Internal"


def follow_hint(queue: JobQueue, job_id: str) -> None:
    """Run what is first in the queue, and see to it that the job of the hint still has one.

    A job that is tried again may have taken this hint instead of its own.
    """
    run_next(queue)
    job = database.run(lambda tx: jobs.get_job(tx, job_id))
    if job is not None and job.state == "submitted":
        _hint_when_due(job)


def run_next(queue: JobQueue) -> bool:
    """Run the first job of the queue to its end, with those that go with it; False: there is none.

    The renditions of one task are made from one decoding of the source, each under its own lease
    and to its own end. A job that has been tried before runs alone, so that what one of them
    causes does not befall the others again.
    """
    owner = uuid.uuid4().hex
    work = _take(queue, owner)
    if not work:
        return False
    record = database.run(lambda tx: media.get_any(tx, work[0].media_id))
    if record is None or record.generation != work[0].generation:
        for job in work:
            _give_up(job, owner, "Superseded", "the source was removed or uploaded again", None)
    elif work[0].attempts > settings().job_max_attempts:
        _give_up(
            work[0], owner, INTERNAL_FAILURE, "the job was started too often without an end", record
        )
    else:
        _run(work, owner, record)
    return True


def _take(queue: JobQueue, owner: str) -> list[Job]:
    def take(tx: Transaction) -> list[Job]:
        now = datetime.now(UTC)
        first = jobs.next_submitted(tx, queue, now)
        if first is None:
            return []
        work = [first]
        if first.kind in GREGARIOUS and first.attempts == 0 and first.plan_id is None:
            work += gregarious(first.kind).companions(tx, first, now)
        until = now + timedelta(seconds=settings().job_lease_seconds)
        taken = [job for job in work if jobs.start(tx, job.job_id, owner, now, until)]
        current = (jobs.get_job(tx, job.job_id) for job in taken)
        return [job for job in current if job is not None]

    return database.run(take)


def _run(work: list[Job], owner: str, record: Media) -> None:
    left = {job.job_id: job for job in work}
    ids = {"job_ids": list(left), "media_id": record.media_id, "kind": work[0].kind}
    log.info("work started", extra=ids | {"attempt": work[0].attempts})
    began = datetime.now(UTC)
    try:
        with (
            Leases(work, owner) as leases,
            tempfile.TemporaryDirectory(prefix="openvod-") as folder,
        ):
            for job, ended in _ends(work, record, Path(folder), leases):
                _end(job, owner, record, ended, began)
                leases.release(job.job_id)
                del left[job.job_id]
    except Cancelled:
        log.info("work stopped: it is no longer wanted here", extra=ids)
    except MediaError as error:
        _all_failed(list(left.values()), owner, record, error)
    except Exception:
        log.exception("work broke off", extra=ids)
        for job in left.values():
            _later(job, owner, record, INTERNAL_FAILURE, "the work broke off; see the logs")
    finally:
        unfinished.remove_unwanted([job.job_id for job in work])


def _ends(work: list[Job], record: Media, folder: Path, leases: Leases) -> Iterator[Ended]:
    if work[0].kind in GREGARIOUS:
        yield from gregarious(work[0].kind).run_together(work, record, folder, leases)
        return
    for job in work:
        yield job, kind_of(job.kind).run(job, record, folder, leases.of(job.job_id))


def _end(
    job: Job, owner: str, record: Media, ended: str | MediaError | Failure, began: datetime
) -> None:
    if isinstance(ended, MediaError):
        _failed(job, owner, record, ended)
        return
    if isinstance(ended, Failure):
        _give_up(job, owner, ended.code, ended.message, record)
        return
    if _conclude(job, owner, record, kind_of(job.kind), ended):
        seconds = (datetime.now(UTC) - began).total_seconds()
        ids = {"job_id": job.job_id, "media_id": job.media_id, "kind": job.kind}
        log.info("job done", extra=ids | {"seconds": round(seconds, 3)})
        metrics.seconds("JobDuration", seconds, kind=job.kind)


def _failed(job: Job, owner: str, record: Media, error: MediaError) -> None:
    ids = {"job_id": job.job_id, "media_id": job.media_id, "kind": job.kind}
    log.info("job failed", extra=ids | {"reason": error.reason, "log": list(error.log)})
    if error.retryable:
        _later(job, owner, record, error.reason, str(error))
    else:
        _give_up(job, owner, error.reason, str(error), record)


def _all_failed(left: list[Job], owner: str, record: Media, error: MediaError) -> None:
    """What went wrong with several at once may be the fault of one of them.

    Each is tried again on its own at once: whose fault it was fails alone.
    """
    if len(left) == 1 or error.retryable:
        for job in left:
            _failed(job, owner, record, error)
        return
    log.info("work is taken apart", extra={"reason": error.reason, "log": list(error.log)})
    for job in left:
        _put_back(job, owner, datetime.now(UTC))


def _conclude(job: Job, owner: str, record: Media, runner: JobKindRunner, result: str) -> bool:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.succeed(tx, job.job_id, owner, result, now):
            return None
        done = runner.succeeded(tx, job, record, result, now)
        done.jobs += work_ended(tx, record, job.job_id, now, succeeded=True)
        return done

    return _follow(database.run(write))


def _give_up(job: Job, owner: str, code: str, message: str, record: Media | None) -> None:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.fail(tx, job.job_id, owner, code, message, now):
            return None
        if record is None:
            return Followup()
        done = kind_of(job.kind).failed(tx, job, record, code, message, now)
        done.jobs += work_ended(tx, record, job.job_id, now, succeeded=False)
        return done

    if _follow(database.run(write)):
        metrics.count("JobsFailed", kind=job.kind)


def _later(job: Job, owner: str, record: Media, code: str, message: str) -> None:
    """Try again after a pause, unless this was the last attempt."""
    if job.attempts >= settings().job_max_attempts:
        _give_up(job, owner, code, message, record)
        return
    _put_back(job, owner, datetime.now(UTC) + _BACK_OFF * job.attempts)


def _put_back(job: Job, owner: str, then: datetime) -> None:
    if database.run(lambda tx: jobs.give_back(tx, job.job_id, owner, then)):
        _hint_when_due(job.model_copy(update={"not_before": then}))


def _hint_when_due(job: Job) -> None:
    wait = (job.not_before - datetime.now(UTC)).total_seconds()
    hint([job], delay_seconds=min(_LONGEST_DELAY_SECONDS, max(0, math.ceil(wait))))


def _follow(followup: Followup | None) -> bool:
    if followup is None:
        return False
    hint(followup.jobs)
    events.announce(followup.event_ids)
    if followup.plan_id:
        hint(splitting.advance(followup.plan_id))
        unfinished.remove_of_plan(followup.plan_id)
    return True
