"""Work on files that are no media: asked for, looked at, cancelled, forgotten.

The source is an object of a bucket that the account lets be read, the results go into one that it
lets be written; no medium comes of it.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib import events
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import file_task_end
from chalicelib.processing.errors import (
    FileTaskBegun,
    FileTaskNotEnded,
    FileTaskNotFailed,
    TaskNotFound,
)
from chalicelib.processing.file_buckets import require_authorised
from chalicelib.processing.file_specs import further_buckets
from chalicelib.processing.intake import new_job
from chalicelib.processing.submission import hint
from chalicelib.store import database, file_tasks, jobs, stream_keys
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import (
    DaySummary,
    FilePlace,
    FileTask,
    FileTaskFilter,
    FileTaskKind,
)
from chalicelib.store.jobs import Job, JobKind, JobQueue
from chalicelib.store.numbers import new_number
from chalicelib.store.stream_keys import StreamKey

__all__ = [
    "FilePlace",
    "FileTask",
    "FileTaskFilter",
    "FileTaskKind",
]

_ENDED = ("succeeded", "failed", "cancelled")
_POLL_SECONDS = 0.1
_MOST_TRIES = 20


@dataclass(frozen=True)
class FileJob:
    """One result to be made. ``spec`` is JSON that the kind of job understands.

    ``name``: the key of what it makes, without the extension (of a kind that makes several, what
    their keys begin with). ``key``: 16 bytes to encrypt a rendition with, a secret.
    """

    kind: JobKind
    spec: str
    name: str
    queue: JobQueue = "heavy"
    template_id: str = ""
    key: bytes | None = field(default=None, repr=False)
    job_id: str = field(default_factory=jobs.new_id)


@dataclass(frozen=True)
class FileRequest:
    """What is asked for. ``target`` is a folder, "" or ending with "/".

    ``client`` is JSON that whoever asks wants to find again in the task. ``analysed``: whether the
    source is to be looked at first; transcoding needs that. Priority: 1 to 10, the highest first.
    """

    kind: FileTaskKind
    source: FilePlace
    target: FilePlace
    work: Sequence[FileJob]
    user_data: str = ""
    client: str = "{}"
    priority: int = 6
    analysed: bool = False


@dataclass(frozen=True)
class FileTaskView:
    """A task with the jobs that make its results, in the order in which they were asked for."""

    task: FileTask
    jobs: list[Job]


@dataclass(frozen=True)
class FileTaskPage:
    """Some tasks, and how many there are in all."""

    tasks: list[FileTaskView]
    total: int


def submit(account_id: str, request: FileRequest) -> FileTask:
    """Write the task with its jobs, and hint at them. Raises BucketNotAuthorised."""
    wrapped = {
        item.job_id: stream_keys.wrap(item.key, item.job_id) for item in request.work if item.key
    }

    def write(tx: Transaction) -> tuple[FileTask, list[Job]]:
        _check_buckets(tx, account_id, request)
        task = _insert(tx, account_id, request)
        return task, list(_insert_jobs(tx, task, request, wrapped))

    task, work = database.run(write)
    hint(job for job in work if job.not_before != jobs.HELD)
    return task


def view(account_id: str, kind: FileTaskKind, number: int) -> FileTaskView:
    """One task. Raises TaskNotFound."""

    def read(tx: Transaction) -> FileTaskView:
        return _view(tx, _require(tx, account_id, kind, number))

    return database.run(read)


def list_tasks(
    account_id: str, kind: FileTaskKind, wanted: FileTaskFilter, *, offset: int = 0, limit: int = 10
) -> FileTaskPage:
    """The account's tasks of a kind, newest first; numbers that are of no task are left out."""

    def read(tx: Transaction) -> FileTaskPage:
        found = file_tasks.page(tx, account_id, kind, wanted, offset=offset, limit=limit)
        total = file_tasks.count(tx, account_id, kind, wanted)
        work = jobs.jobs_of_tasks(tx, [str(task.number) for task in found])
        views = [FileTaskView(task, work.get(str(task.number), [])) for task in found]
        return FileTaskPage(views, total)

    return database.run(read)


def cancel(account_id: str, kind: FileTaskKind, number: int) -> None:
    """Give up a task that nobody works on yet. Raises TaskNotFound, FileTaskBegun.

    Of a task that was cancelled already nothing changes.
    """

    def write(tx: Transaction) -> list[str]:
        task = _require(tx, account_id, kind, number)
        if task.state == "cancelled":
            return []
        now = datetime.now(UTC)
        ended = file_tasks.cancel_waiting(tx, number, now)
        if ended is None:
            raise FileTaskBegun(number)
        return file_task_end.cancelled(tx, ended, now)

    events.announce(database.run(write))


def delete(account_id: str, kind: FileTaskKind, number: int) -> None:
    """Forget a task that has ended; what it made stays. Raises TaskNotFound, FileTaskNotEnded."""

    def write(tx: Transaction) -> None:
        _require(tx, account_id, kind, number)
        if not file_tasks.delete_ended(tx, number):
            raise FileTaskNotEnded(number)

    database.run(write)


def retry(account_id: str, kind: FileTaskKind, number: int) -> None:
    """Begin a failed task again. Raises TaskNotFound, FileTaskNotFailed, BucketNotAuthorised."""

    def write(tx: Transaction) -> list[Job]:
        task = _require(tx, account_id, kind, number)
        if file_tasks.reopen(tx, number) is None:
            raise FileTaskNotFailed(number)
        for bucket in {task.source_bucket, task.target_bucket}:
            require_authorised(tx, account_id, bucket)
        again = file_tasks.reopen_jobs(tx, number, datetime.now(UTC) + jobs.HINT_PATIENCE)
        return [job for job in jobs.jobs_of_task(tx, str(number)) if job.job_id in again]

    hint(database.run(write))


def wait(account_id: str, kind: FileTaskKind, number: int, seconds: float) -> FileTaskView:
    """The task as soon as it has ended, or as it is after so long. Raises TaskNotFound."""
    deadline = time.monotonic() + seconds
    while True:
        found = view(account_id, kind, number)
        if found.task.state in _ENDED or time.monotonic() >= deadline:
            return found
        time.sleep(_POLL_SECONDS)


def summary(
    account_id: str, kind: FileTaskKind, since: datetime, until: datetime
) -> list[DaySummary]:
    """What was done on each day (UTC) from ``since`` until before ``until``."""
    return database.run(lambda tx: file_tasks.summary(tx, account_id, kind, since, until))


def _require(tx: Transaction, account_id: str, kind: FileTaskKind, number: int) -> FileTask:
    task = file_tasks.find(tx, account_id, kind, number)
    if task is None:
        raise TaskNotFound(str(number))
    return task


def _view(tx: Transaction, task: FileTask) -> FileTaskView:
    return FileTaskView(task, jobs.jobs_of_task(tx, str(task.number)))


def _check_buckets(tx: Transaction, account_id: str, request: FileRequest) -> None:
    """Everything that the work reads or writes lies where the account lets it."""
    buckets = {request.source.bucket, request.target.bucket}
    for item in request.work:
        buckets |= further_buckets(item.kind, item.spec)
    for bucket in sorted(buckets):
        require_authorised(tx, account_id, bucket)


def _insert(tx: Transaction, account_id: str, request: FileRequest) -> FileTask:
    for _ in range(_MOST_TRIES):
        task = FileTask(
            number=new_number(),
            account_id=account_id,
            kind=request.kind,
            source_bucket=request.source.bucket,
            source_key=request.source.key,
            target_bucket=request.target.bucket,
            target_folder=request.target.key,
            user_data=request.user_data,
            client=request.client,
            priority=request.priority,
            total=len(request.work),
            created_at=datetime.now(UTC),
        )
        if file_tasks.insert(tx, task):
            return task
    raise RuntimeError("no free number for a task")


def _insert_jobs(
    tx: Transaction, task: FileTask, request: FileRequest, wrapped: Mapping[str, str]
) -> Iterator[Job]:
    now = task.created_at
    if request.analysed:
        analysis = new_job(task, now, kind="probe", queue="quick")
        jobs.insert_job(tx, analysis)
        yield analysis
    for place, item in enumerate(request.work):
        # Jobs of one task keep their order through their time of creation.
        created_at = now + timedelta(microseconds=place)
        job = new_job(task, created_at, kind=item.kind, queue=item.queue, spec=item.spec)
        changes: dict[str, object] = {
            "job_id": item.job_id,
            "task_id": str(task.number),
            "output_name": item.name,
            "template_id": item.template_id,
        }
        if request.analysed:
            changes |= {"not_before": jobs.HELD, "due_at": jobs.HELD}
        job = job.model_copy(update=changes)
        if item.job_id in wrapped:
            _keep_key(tx, job, wrapped[item.job_id])
        jobs.insert_job(tx, job)
        yield job


def _keep_key(tx: Transaction, job: Job, ciphertext: str) -> None:
    spec = RenditionSpec.model_validate_json(job.spec)
    key = StreamKey(
        job_id=job.job_id,
        media_id="",
        kind="given",
        ciphertext=ciphertext,
        key_uri=spec.encryption.key_uri if spec.encryption else "",
        created_at=job.created_at,
    )
    stream_keys.put(tx, key)
