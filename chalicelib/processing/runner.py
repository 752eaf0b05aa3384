"""Running jobs: take the first of a queue, keep its lease, run its kind, record the outcome.

A worker may die at any line. Until the outcome is committed the job counts as running, its lease
ends, the timer puts it back, and it runs again to the same result: outputs have names that follow
from the job's id, and the outcome is recorded only by whoever holds the lease.
"""

import math
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib import events, metrics
from chalicelib.logs import log
from chalicelib.media.errors import Cancelled, MediaError
from chalicelib.processing.kinds import Followup, JobKindRunner, kind_of
from chalicelib.processing.lease import Lease
from chalicelib.processing.submission import hint
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
    """Run the first job of the queue to its end; False if there was none to run."""
    owner = uuid.uuid4().hex
    job = _take(queue, owner)
    if job is None:
        return False
    record = database.run(lambda tx: media.get_any(tx, job.media_id))
    if record is None or record.generation != job.generation:
        _give_up(job, owner, "Superseded", "the source was removed or uploaded again", None)
    elif job.attempts > settings().job_max_attempts:
        _give_up(
            job, owner, INTERNAL_FAILURE, "the job was started too often without an end", record
        )
    else:
        _run(job, owner, record)
    return True


def _take(queue: JobQueue, owner: str) -> Job | None:
    def take(tx: Transaction) -> Job | None:
        now = datetime.now(UTC)
        job = jobs.next_submitted(tx, queue, now)
        if job is None:
            return None
        until = now + timedelta(seconds=settings().job_lease_seconds)
        jobs.start(tx, job.job_id, owner, now, until)
        return jobs.get_job(tx, job.job_id)

    return database.run(take)


def _run(job: Job, owner: str, record: Media) -> None:
    runner = kind_of(job.kind)
    ids = {"job_id": job.job_id, "media_id": job.media_id, "kind": job.kind}
    log.info("job started", extra=ids | {"attempt": job.attempts})
    began = datetime.now(UTC)
    try:
        with (
            Lease(job.job_id, owner) as lease,
            tempfile.TemporaryDirectory(prefix="openvod-") as folder,
        ):
            result = runner.run(job, record, Path(folder), lease)
    except Cancelled:
        log.info("job stopped: it is no longer wanted here", extra=ids)
    except MediaError as error:
        log.info("job failed", extra=ids | {"reason": error.reason, "log": list(error.log)})
        if error.retryable:
            _later(job, owner, record, error.reason, str(error))
        else:
            _give_up(job, owner, error.reason, str(error), record)
    except Exception:
        log.exception("job broke off", extra=ids)
        _later(job, owner, record, INTERNAL_FAILURE, "the work broke off; see the logs")
    else:
        if _conclude(job, owner, record, runner, result):
            seconds = (datetime.now(UTC) - began).total_seconds()
            log.info("job done", extra=ids | {"seconds": round(seconds, 3)})
            metrics.seconds("JobDuration", seconds, kind=job.kind)


def _conclude(job: Job, owner: str, record: Media, runner: JobKindRunner, result: str) -> bool:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.succeed(tx, job.job_id, owner, result, now):
            return None
        return runner.succeeded(tx, job, record, result, now)

    return _follow(database.run(write))


def _give_up(job: Job, owner: str, code: str, message: str, record: Media | None) -> None:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.fail(tx, job.job_id, owner, code, message, now):
            return None
        if record is None:
            return Followup()
        return kind_of(job.kind).failed(tx, job, record, code, message, now)

    if _follow(database.run(write)):
        metrics.count("JobsFailed", kind=job.kind)


def _later(job: Job, owner: str, record: Media, code: str, message: str) -> None:
    """Try again after a pause, unless this was the last attempt."""
    if job.attempts >= settings().job_max_attempts:
        _give_up(job, owner, code, message, record)
        return
    then = datetime.now(UTC) + _BACK_OFF * job.attempts
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
    return True
