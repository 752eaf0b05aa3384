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
from chalicelib.processing import file_task_end, splitting, unfinished
from chalicelib.processing.errors import BucketNotAuthorised
from chalicelib.processing.file_buckets import require_authorised
from chalicelib.processing.file_specs import further_buckets
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
from chalicelib.processing.subjects import Subject, subject_of
from chalicelib.processing.submission import hint
from chalicelib.processing.workflow_runs import work_ended
from chalicelib.settings import settings
from chalicelib.store import database, jobs
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job, JobQueue
from chalicelib.store.objects import BucketRefused

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
    subject, refusal = database.run(lambda tx: _subject(tx, work))
    if refusal is not None:
        for job in work:
            _give_up(job, owner, refusal.code, refusal.message, subject)
    elif subject is not None and work[0].attempts > settings().job_max_attempts:
        _give_up(
            work[0],
            owner,
            INTERNAL_FAILURE,
            "the job was started too often without an end",
            subject,
        )
    elif subject is not None:
        _run(work, owner, subject)
    return True


def _subject(tx: Transaction, work: list[Job]) -> tuple[Subject | None, Failure | None]:
    """What the jobs work on, and why they must not."""
    subject = subject_of(tx, work[0])
    if subject is None:
        return None, Failure("Superseded", "the source was removed or uploaded again")
    if isinstance(subject, FileTask):
        try:
            for bucket in sorted(_buckets(subject, work)):
                require_authorised(tx, subject.account_id, bucket)
        except BucketNotAuthorised as refused:
            return subject, Failure("BucketNotAuthorised", str(refused))
    return subject, None


def _buckets(task: FileTask, work: list[Job]) -> set[str]:
    further = (further_buckets(job.kind, job.spec) for job in work)
    return {task.source_bucket, task.target_bucket}.union(*further)


def _take(queue: JobQueue, owner: str) -> list[Job]:
    def take(tx: Transaction) -> tuple[list[Job], list[str]]:
        now = datetime.now(UTC)
        first = jobs.next_submitted(tx, queue, now)
        if first is None:
            return [], []
        work = [first]
        if first.kind in GREGARIOUS and first.attempts == 0 and first.plan_id is None:
            work += gregarious(first.kind).companions(tx, first, now)
        until = now + timedelta(seconds=settings().job_lease_seconds)
        taken = [job for job in work if jobs.start(tx, job.job_id, owner, now, until)]
        current = (jobs.get_job(tx, job.job_id) for job in taken)
        told = []
        if taken and first.file_task is not None and first.task_id:
            told = file_task_end.started(tx, first.file_task, now)
        return [job for job in current if job is not None], told

    work, told = database.run(take)
    events.announce(told)
    return work


def _run(work: list[Job], owner: str, subject: Subject) -> None:
    left = {job.job_id: job for job in work}
    ids = {"job_ids": list(left), "kind": work[0].kind} | _about(work[0])
    log.info("work started", extra=ids | {"attempt": work[0].attempts})
    began = datetime.now(UTC)
    try:
        with (
            Leases(work, owner) as leases,
            tempfile.TemporaryDirectory(prefix="openvod-") as folder,
        ):
            for job, ended in _ends(work, subject, Path(folder), leases):
                _end(job, owner, subject, ended, began)
                leases.release(job.job_id)
                del left[job.job_id]
    except Cancelled:
        log.info("work stopped: it is no longer wanted here", extra=ids)
    except MediaError as error:
        _all_failed(list(left.values()), owner, subject, error)
    except BucketRefused as refused:
        log.info("a bucket refused", extra=ids | {"reason": str(refused)})
        for job in left.values():
            _later(job, owner, subject, "BucketRefused", str(refused))
    except Exception:
        log.exception("work broke off", extra=ids)
        for job in left.values():
            _later(job, owner, subject, INTERNAL_FAILURE, "the work broke off; see the logs")
    finally:
        unfinished.remove_unwanted([job.job_id for job in work])


def _ends(work: list[Job], subject: Subject, folder: Path, leases: Leases) -> Iterator[Ended]:
    if work[0].kind in GREGARIOUS:
        yield from gregarious(work[0].kind).run_together(work, subject, folder, leases)
        return
    for job in work:
        yield job, kind_of(job.kind).run(job, subject, folder, leases.of(job.job_id))


def _end(
    job: Job, owner: str, subject: Subject, ended: str | MediaError | Failure, began: datetime
) -> None:
    if isinstance(ended, MediaError):
        _failed(job, owner, subject, ended)
        return
    if isinstance(ended, Failure):
        _give_up(job, owner, ended.code, ended.message, subject)
        return
    if _conclude(job, owner, subject, kind_of(job.kind), ended):
        seconds = (datetime.now(UTC) - began).total_seconds()
        ids = {"job_id": job.job_id, "kind": job.kind} | _about(job)
        log.info("job done", extra=ids | {"seconds": round(seconds, 3)})
        metrics.seconds("JobDuration", seconds, kind=job.kind)


def _failed(job: Job, owner: str, subject: Subject, error: MediaError) -> None:
    ids = {"job_id": job.job_id, "kind": job.kind} | _about(job)
    log.info("job failed", extra=ids | {"reason": error.reason, "log": list(error.log)})
    if error.retryable:
        _later(job, owner, subject, error.reason, str(error))
    else:
        _give_up(job, owner, error.reason, str(error), subject)


def _all_failed(left: list[Job], owner: str, subject: Subject, error: MediaError) -> None:
    """What went wrong with several at once may be the fault of one of them.

    Each is tried again on its own at once: whose fault it was fails alone.
    """
    if len(left) == 1 or error.retryable:
        for job in left:
            _failed(job, owner, subject, error)
        return
    log.info("work is taken apart", extra={"reason": error.reason, "log": list(error.log)})
    for job in left:
        _put_back(job, owner, datetime.now(UTC))


def _conclude(job: Job, owner: str, subject: Subject, runner: JobKindRunner, result: str) -> bool:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.succeed(tx, job.job_id, owner, result, now):
            return None
        if isinstance(subject, FileTask):
            return file_task_end.succeeded(tx, job, result, now)
        done = runner.succeeded(tx, job, subject, result, now)
        done.jobs += work_ended(tx, subject, job.job_id, now, succeeded=True)
        return done

    return _follow(database.run(write))


def _give_up(job: Job, owner: str, code: str, message: str, subject: Subject | None) -> None:
    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        if not jobs.fail(tx, job.job_id, owner, code, message, now):
            return None
        if subject is None:
            return Followup()
        if isinstance(subject, FileTask):
            return file_task_end.failed(tx, job, code, message, now)
        done = kind_of(job.kind).failed(tx, job, subject, code, message, now)
        done.jobs += work_ended(tx, subject, job.job_id, now, succeeded=False)
        return done

    if _follow(database.run(write)):
        metrics.count("JobsFailed", kind=job.kind)


def _later(job: Job, owner: str, subject: Subject, code: str, message: str) -> None:
    """Try again after a pause, unless this was the last attempt."""
    if job.attempts >= settings().job_max_attempts:
        _give_up(job, owner, code, message, subject)
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


def _about(job: Job) -> dict[str, object]:
    """What a job is on, for the log."""
    return {"file_task": job.file_task} if job.file_task else {"media_id": job.media_id}
