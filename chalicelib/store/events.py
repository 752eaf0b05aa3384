"""Plain SQL over the table ``event``, the outbox.

Every moment that something is due at is written and compared by the database's own clock, so that
workers whose clocks differ keep to one schedule.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

EventState = Literal["recorded", "fanned_out"]


class EventRow(BaseModel):
    """One event of the outbox; ``payload`` is JSON of the event type's model."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    account_id: str
    app_id: str
    event_type: str
    media_id: str
    payload: str
    override_url: str = ""
    extend: str = ""
    occurred_at: datetime
    state: EventState = "recorded"


def insert_event(tx: Transaction, event: EventRow, announce_in: float) -> None:
    """Add an event; the timer announces it again ``announce_in`` seconds from now."""
    change(
        tx,
        """
        INSERT INTO event (event_id, account_id, app_id, event_type, media_id, payload,
                           override_url, extend, occurred_at, state, announce_at)
        VALUES (%(event_id)s, %(account_id)s, %(app_id)s, %(event_type)s, %(media_id)s,
                %(payload)s, %(override_url)s, %(extend)s, %(occurred_at)s, %(state)s,
                now() + %(announce_in)s * interval '1 second')
        """,
        **event.model_dump(),
        announce_in=announce_in,
    )


def get_event(tx: Transaction, event_id: str) -> EventRow | None:
    """One event."""
    row = one(tx, "SELECT * FROM event WHERE event_id = %(event_id)s", event_id=event_id)
    return EventRow.model_validate(row) if row else None


def recorded_events(tx: Transaction, event_ids: Sequence[str]) -> list[EventRow]:
    """Those of the events that have no deliveries yet."""
    rows = many(
        tx,
        "SELECT * FROM event WHERE event_id = ANY(%(event_ids)s) AND state = 'recorded'"
        " ORDER BY event_id",
        event_ids=list(event_ids),
    )
    return [EventRow.model_validate(row) for row in rows]


def mark_fanned_out(tx: Transaction, event_ids: Sequence[str]) -> None:
    """Note that the events have their deliveries."""
    change(
        tx,
        "UPDATE event SET state = 'fanned_out' WHERE event_id = ANY(%(event_ids)s)",
        event_ids=list(event_ids),
    )


def take_unannounced(tx: Transaction, limit: int, again_in: float) -> list[str]:
    """Ids of events that should have been fanned out by now, the oldest first.

    They come up again ``again_in`` seconds from now, so that events that cannot be fanned out do
    not keep later ones from their turn.
    """
    rows = many(
        tx,
        "SELECT event_id FROM event WHERE state = 'recorded' AND announce_at <= now()"
        " ORDER BY announce_at LIMIT %(limit)s",
        limit=limit,
    )
    ids = [row["event_id"] for row in rows]
    change(
        tx,
        "UPDATE event SET announce_at = now() + %(again_in)s * interval '1 second'"
        " WHERE event_id = ANY(%(ids)s)",
        ids=ids,
        again_in=again_in,
    )
    return ids


def forget_events(tx: Transaction, days: int, limit: int) -> int:
    """Delete events that were fanned out so long ago; returns how many."""
    return change(
        tx,
        """
        DELETE FROM event WHERE event_id IN (
            SELECT event_id FROM event WHERE state = 'fanned_out'
               AND announce_at < now() - %(days)s * interval '1 day'
             ORDER BY announce_at LIMIT %(limit)s)
        """,
        days=days,
        limit=limit,
    )
