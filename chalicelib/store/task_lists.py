"""The tasks of a media, as they are listed: plain SQL over the table ``task``."""

from datetime import datetime

from chalicelib.store.database import Transaction, many, one
from chalicelib.store.jobs import Task


def latest_task(tx: Transaction, account_id: str, media_id: str) -> Task | None:
    """The newest task of a media of the account."""
    row = one(
        tx,
        "SELECT * FROM task WHERE media_id = %(media_id)s AND account_id = %(account_id)s"
        " ORDER BY created_at DESC LIMIT 1",
        account_id=account_id,
        media_id=media_id,
    )
    return Task.model_validate(row) if row else None


def tasks_of_media(
    tx: Transaction,
    account_id: str,
    media_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    offset: int,
    limit: int,
) -> list[Task]:
    """One page of a media's tasks that were made in a time (ends included), newest first."""
    rows = many(
        tx,
        "SELECT * FROM task WHERE media_id = %(media_id)s AND account_id = %(account_id)s"
        " AND created_at >= coalesce(%(since)s::timestamptz, '-infinity')"
        " AND created_at <= coalesce(%(until)s::timestamptz, 'infinity')"
        " ORDER BY created_at DESC, task_id DESC OFFSET %(offset)s LIMIT %(limit)s",
        account_id=account_id,
        media_id=media_id,
        since=since,
        until=until,
        offset=offset,
        limit=limit,
    )
    return [Task.model_validate(row) for row in rows]
