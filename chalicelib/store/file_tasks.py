"""Tasks on files that are no media: plain SQL over the table ``file_task``.

The jobs of a task are rows of ``job`` with its number in ``file_task``. Those that make its results
also have it as ``task_id``; the analysis of the source, and the chunks of a shared-out rendition,
do not.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

FileTaskKind = Literal["transcode", "remux", "animated", "metadata", "thumbnails"]
FileTaskState = Literal["submitted", "running", "succeeded", "failed", "cancelled"]


class FilePlace(BaseModel):
    """An object, or a folder: then ``key`` is what its objects' keys begin with, "" the bucket."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    bucket: str
    key: str = ""


class FileTask(BaseModel):
    """One task. ``client`` is JSON of the API that it came through; nobody else reads it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    number: int
    account_id: str
    kind: FileTaskKind
    source_bucket: str
    source_key: str
    target_bucket: str
    target_folder: str
    user_data: str = ""
    client: str = "{}"
    priority: int = 6
    state: FileTaskState = "submitted"
    total: int
    finished: int = 0
    succeeded: int = 0
    facts: str = ""
    error_code: str = ""
    error_message: str = ""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def source(self) -> FilePlace:
        """The file that is worked on."""
        return FilePlace(bucket=self.source_bucket, key=self.source_key)

    @property
    def target(self) -> FilePlace:
        """The folder that results go to."""
        return FilePlace(bucket=self.target_bucket, key=self.target_folder)


class FileTaskFilter(BaseModel):
    """Which tasks of an account are meant. Times include their bounds."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    numbers: tuple[int, ...] | None = None
    state: FileTaskState | None = None
    since: datetime | None = None
    until: datetime | None = None
    source_bucket: str | None = None
    source_key: str | None = None


class DaySummary(BaseModel):
    """The tasks of a kind that were asked for on one day (UTC) and ended well.

    ``source_seconds``: how long their sources play; ``work_seconds``: how long they were worked on.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    day: str
    count: int
    source_seconds: float
    work_seconds: float


_COLUMNS = tuple(FileTask.model_fields)
_INSERT = (
    f"INSERT INTO file_task ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)}) ON CONFLICT (number) DO NOTHING"
)
_CONDITIONS = {
    "numbers": "number = ANY(%(numbers)s)",
    "state": "state = %(state)s",
    "since": "created_at >= %(since)s",
    "until": "created_at <= %(until)s",
    "source_bucket": "source_bucket = %(source_bucket)s",
    "source_key": "source_key = %(source_key)s",
}


def insert(tx: Transaction, task: FileTask) -> bool:
    """Add a task; False if its number is taken."""
    return change(tx, _INSERT, **task.model_dump()) == 1


def get(tx: Transaction, number: int) -> FileTask | None:
    """One task."""
    row = one(tx, "SELECT * FROM file_task WHERE number = %(number)s", number=number)
    return FileTask.model_validate(row) if row else None


def find(tx: Transaction, account_id: str, kind: FileTaskKind, number: int) -> FileTask | None:
    """One task of the account and kind."""
    task = get(tx, number)
    return task if task and (task.account_id, task.kind) == (account_id, kind) else None


def page(
    tx: Transaction,
    account_id: str,
    kind: FileTaskKind,
    wanted: FileTaskFilter,
    *,
    offset: int,
    limit: int,
) -> list[FileTask]:
    """Some of the account's tasks of a kind, newest first."""
    where, values = _where(account_id, kind, wanted)
    rows = many(
        tx,
        f"SELECT * FROM file_task WHERE {where}"  # noqa: S608 - conditions are constants
        " ORDER BY created_at DESC, number DESC LIMIT %(limit)s OFFSET %(offset)s",
        **values,
        limit=limit,
        offset=offset,
    )
    return [FileTask.model_validate(row) for row in rows]


def count(tx: Transaction, account_id: str, kind: FileTaskKind, wanted: FileTaskFilter) -> int:
    """How many tasks the filter selects."""
    where, values = _where(account_id, kind, wanted)
    row = one(
        tx,
        f"SELECT count(*) AS found FROM file_task WHERE {where}",  # noqa: S608 - as above
        **values,
    )
    return int(row["found"]) if row else 0


def _where(
    account_id: str, kind: FileTaskKind, wanted: FileTaskFilter
) -> tuple[str, dict[str, Any]]:
    given = {name: value for name, value in wanted.model_dump().items() if value is not None}
    if "numbers" in given:
        given["numbers"] = list(given["numbers"])
    conditions = [_CONDITIONS[name] for name in given]
    where = " AND ".join(["account_id = %(account_id)s", "kind = %(kind)s", *conditions])
    return where, {"account_id": account_id, "kind": kind, **given}


def start(tx: Transaction, number: int, now: datetime) -> bool:
    """The first of its jobs is being worked on; False if that is known, or it has ended."""
    return bool(
        change(
            tx,
            "UPDATE file_task SET state = 'running', started_at = %(now)s"
            " WHERE number = %(number)s AND state = 'submitted'",
            number=number,
            now=now,
        )
    )


def record_facts(tx: Transaction, number: int, facts: str) -> None:
    """Keep what is known of the source."""
    change(
        tx,
        "UPDATE file_task SET facts = %(facts)s WHERE number = %(number)s",
        number=number,
        facts=facts,
    )


def count_finished(tx: Transaction, number: int, *, succeeded: bool) -> FileTask | None:
    """Count one more of its jobs as ended; concurrent finishers wait for each other here."""
    row = one(
        tx,
        "UPDATE file_task SET finished = finished + 1, succeeded = succeeded + %(succeeded)s"
        " WHERE number = %(number)s RETURNING *",
        number=number,
        succeeded=int(succeeded),
    )
    return FileTask.model_validate(row) if row else None


def end(
    tx: Transaction,
    number: int,
    state: FileTaskState,
    now: datetime,
    code: str = "",
    message: str = "",
) -> FileTask | None:
    """End a task that has not ended; returns it as it is then, None if it had."""
    row = one(
        tx,
        "UPDATE file_task SET state = %(state)s, finished_at = %(now)s, error_code = %(code)s,"
        " error_message = %(message)s WHERE number = %(number)s"
        " AND state IN ('submitted', 'running') RETURNING *",
        number=number,
        state=state,
        now=now,
        code=code,
        message=message,
    )
    return FileTask.model_validate(row) if row else None


def cancel_waiting(tx: Transaction, number: int, now: datetime) -> FileTask | None:
    """End a task that nobody has begun to work on; None if somebody has."""
    row = one(
        tx,
        "UPDATE file_task SET state = 'cancelled', finished_at = %(now)s"
        " WHERE number = %(number)s AND state = 'submitted' RETURNING *",
        number=number,
        now=now,
    )
    return FileTask.model_validate(row) if row else None


def reopen(tx: Transaction, number: int) -> FileTask | None:
    """Let a failed task begin once more; None if it has not failed."""
    row = one(
        tx,
        "UPDATE file_task SET state = 'submitted', finished = 0, succeeded = 0, started_at = NULL,"
        " finished_at = NULL, error_code = '', error_message = ''"
        " WHERE number = %(number)s AND state = 'failed' RETURNING *",
        number=number,
    )
    return FileTask.model_validate(row) if row else None


def delete_ended(tx: Transaction, number: int) -> bool:
    """Forget a task that has ended, and its jobs; False if it has not."""
    gone = change(
        tx,
        "DELETE FROM file_task WHERE number = %(number)s"
        " AND state IN ('succeeded', 'failed', 'cancelled')",
        number=number,
    )
    if gone:
        change(
            tx,
            "DELETE FROM stream_key WHERE job_id IN"
            " (SELECT job_id FROM job WHERE file_task = %(number)s)",
            number=number,
        )
        change(tx, "DELETE FROM job WHERE file_task = %(number)s", number=number)
    return bool(gone)


def open_job_ids(tx: Transaction, number: int) -> list[str]:
    """The jobs of a task that have not ended, its analysis and chunks among them."""
    rows = many(
        tx,
        "SELECT job_id FROM job WHERE file_task = %(number)s AND state IN ('submitted', 'running')",
        number=number,
    )
    return [str(row["job_id"]) for row in rows]


def reopen_jobs(tx: Transaction, number: int, now: datetime) -> list[str]:
    """Put the jobs that make a task's results back into their queues; returns their ids."""
    rows = many(
        tx,
        "UPDATE job SET state = 'submitted', attempts = 0, progress = 0, error_code = '',"
        " error_message = '', result = '', plan_id = NULL, lease_owner = '', started_at = NULL,"
        " finished_at = NULL, not_before = created_at, due_at = %(now)s"
        " WHERE file_task = %(number)s AND task_id <> '' RETURNING job_id",
        number=number,
        now=now,
    )
    return [str(row["job_id"]) for row in rows]


def summary(
    tx: Transaction, account_id: str, kind: FileTaskKind, since: datetime, until: datetime
) -> list[DaySummary]:
    """What was done of a kind on each day of the period that anything was, oldest first."""
    rows = many(
        tx,
        "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS count,"
        " coalesce(sum((nullif(facts, '')::json->>'duration')::double precision), 0)"
        " AS source_seconds,"
        " coalesce(sum(extract(epoch FROM finished_at - started_at)), 0) AS work_seconds"
        " FROM file_task WHERE account_id = %(account_id)s AND kind = %(kind)s"
        " AND state = 'succeeded' AND created_at >= %(since)s AND created_at < %(until)s"
        " GROUP BY 1 ORDER BY 1",
        account_id=account_id,
        kind=kind,
        since=since,
        until=until,
    )
    return [DaySummary.model_validate(row) for row in rows]
