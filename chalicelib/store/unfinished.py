"""Objects that work puts into the bucket before it has ended (table ``unfinished_output``).

The note is written before the first of them, so that whatever becomes of the worker, somebody finds
what it left. ``owner_id`` is a rendition's job, whose objects stay when it succeeds, or a plan,
whose objects are ``temporary`` and never stay.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one


class UnfinishedOutput(BaseModel):
    """Everything under ``prefix`` belongs to the owner."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    owner_id: str
    prefix: str
    temporary: bool
    look_at: datetime


def note(tx: Transaction, output: UnfinishedOutput) -> None:
    """Remember that there may be objects; once more changes nothing but the time to look."""
    change(
        tx,
        "INSERT INTO unfinished_output (owner_id, prefix, temporary, look_at)"
        " VALUES (%(owner_id)s, %(prefix)s, %(temporary)s, %(look_at)s)"
        " ON CONFLICT (owner_id) DO UPDATE SET look_at = excluded.look_at",
        **output.model_dump(),
    )


def find(tx: Transaction, owner_id: str) -> UnfinishedOutput | None:
    """The note of this owner."""
    row = one(
        tx, "SELECT * FROM unfinished_output WHERE owner_id = %(owner_id)s", owner_id=owner_id
    )
    return UnfinishedOutput.model_validate(row) if row else None


def forget(tx: Transaction, owner_id: str) -> None:
    """The objects are what the media is played from, or they are gone."""
    change(tx, "DELETE FROM unfinished_output WHERE owner_id = %(owner_id)s", owner_id=owner_id)


def to_look_at(tx: Transaction, now: datetime, limit: int) -> list[UnfinishedOutput]:
    """Notes whose time has come, the oldest first."""
    rows = many(
        tx,
        "SELECT * FROM unfinished_output WHERE look_at < %(now)s ORDER BY look_at LIMIT %(limit)s",
        now=now,
        limit=limit,
    )
    return [UnfinishedOutput.model_validate(row) for row in rows]
