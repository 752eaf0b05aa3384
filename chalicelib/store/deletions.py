"""What is to be deleted from the bucket: plain SQL over the table ``deletion``.

Times are the database's own, so that workers whose clocks differ keep to one schedule.
"""

import json
import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from chalicelib.store.database import Transaction, change, many

Part = Literal["all", "mezzanine", "stream", "pictures"]

# How long whoever takes a deletion has for it before the timer takes it over.
_TAKEN_SECONDS = 120


class Deletion(BaseModel):
    """Objects that are to go: ``object_keys``, and everything that begins with ``prefixes``.

    ``subject`` is JSON for whoever tells of the end; empty: nobody is told. ``sweeps`` counts how
    often all of them were deleted.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    deletion_id: str
    media_id: str
    part: Part
    object_keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    subject: str = ""
    sweeps: int = 0
    created_at: datetime

    @field_validator("object_keys", "prefixes", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


def new_id() -> str:
    """An id of a deletion."""
    return uuid.uuid4().hex


def insert(tx: Transaction, deletion: Deletion) -> None:
    """Add a deletion. It counts as taken by whoever adds it."""
    change(
        tx,
        """
        INSERT INTO deletion (deletion_id, media_id, part, object_keys, prefixes, subject, sweeps,
                              created_at, due_at)
        VALUES (%(deletion_id)s, %(media_id)s, %(part)s, %(object_keys)s, %(prefixes)s,
                %(subject)s, 0, %(created_at)s, now() + %(taken)s * interval '1 second')
        """,
        deletion_id=deletion.deletion_id,
        media_id=deletion.media_id,
        part=deletion.part,
        object_keys=json.dumps(deletion.object_keys),
        prefixes=json.dumps(deletion.prefixes),
        subject=deletion.subject,
        created_at=deletion.created_at,
        taken=_TAKEN_SECONDS,
    )


def take_due(tx: Transaction, limit: int) -> list[Deletion]:
    """Take what is due, the longest overdue first."""
    rows = many(
        tx,
        "SELECT * FROM deletion WHERE due_at <= now() ORDER BY due_at LIMIT %(limit)s",
        limit=limit,
    )
    found = [Deletion.model_validate(row) for row in rows]
    if found:
        change(
            tx,
            "UPDATE deletion SET due_at = now() + %(taken)s * interval '1 second'"
            " WHERE deletion_id = ANY(%(ids)s)",
            ids=[item.deletion_id for item in found],
            taken=_TAKEN_SECONDS,
        )
    return found


def again_in(tx: Transaction, deletion: Deletion, seconds: float) -> int:
    """Note a finished sweep, and when the next is due; returns 0 if somebody else has done so."""
    return change(
        tx,
        "UPDATE deletion SET sweeps = sweeps + 1,"
        " due_at = now() + %(seconds)s * interval '1 second'"
        " WHERE deletion_id = %(id)s AND sweeps = %(sweeps)s",
        id=deletion.deletion_id,
        sweeps=deletion.sweeps,
        seconds=seconds,
    )


def remove(tx: Transaction, deletion: Deletion) -> int:
    """Note that the last sweep is done; returns 0 if somebody else has done so."""
    return change(
        tx,
        "DELETE FROM deletion WHERE deletion_id = %(id)s AND sweeps = %(sweeps)s",
        id=deletion.deletion_id,
        sweeps=deletion.sweeps,
    )
