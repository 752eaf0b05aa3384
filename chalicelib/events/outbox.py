"""The outbox: events are recorded with the change that they tell of, and announced after it.

Recording is part of the caller's transaction, so there is no change without its event and no
event without its change. Announcing only speeds things up: an event whose announcement is lost is
found by `relay_pending`.
"""

import json
import uuid
from collections.abc import Sequence

from chalicelib.events.hints import hint_at_deliveries, hint_at_events
from chalicelib.events.payloads import EventPayload
from chalicelib.events.types import About, Event, NewEvent, new_event
from chalicelib.store import deliveries
from chalicelib.store import events as store
from chalicelib.store.database import Transaction, run

# How long an announcement may be under way before the timer repeats it, and how long it then
# leaves an event alone that nobody could fan out.
_PATIENCE_SECONDS = 5.0
_REPEAT_SECONDS = 15.0


def record(tx: Transaction, event: NewEvent) -> str:
    """Write the event down in the caller's transaction; returns its id, to be announced later."""
    event_id = uuid.uuid4().hex
    store.insert_event(
        tx,
        store.EventRow(
            event_id=event_id,
            account_id=event.account_id,
            app_id=event.app_id,
            event_type=event.event_type.value,
            media_id=event.media_id,
            payload=event.payload.model_dump_json(),
            override_url=event.override_url or "",
            extend=event.extend or "",
            occurred_at=event.occurred_at,
        ),
        announce_in=_PATIENCE_SECONDS,
    )
    return event_id


def emit(tx: Transaction, about: About, payload: EventPayload) -> str:
    """Record the event that tells these facts about a medium; returns its id."""
    return record(tx, new_event(about, payload))


def announce(event_ids: Sequence[str]) -> None:
    """Hint at events that are committed. Never raises: what is lost here, the timer finds."""
    hint_at_events(event_ids)


def relay_pending(limit: int = 1000) -> int:
    """Hint again at what should have happened by now; returns at how much the queue was hinted.

    At most `limit` events that were recorded more than 5 s ago and have no deliveries yet, and at
    most `limit` deliveries that have been due for more than 5 s. For a timer; running it twice, or
    twice at once, costs messages and nothing else.
    """
    event_ids = run(lambda tx: store.take_unannounced(tx, limit, _REPEAT_SECONDS))
    delivery_ids = run(
        lambda tx: deliveries.take_overdue(tx, limit, _PATIENCE_SECONDS, _REPEAT_SECONDS)
    )
    return hint_at_events(event_ids) + hint_at_deliveries(delivery_ids)


def read(row: store.EventRow) -> Event:
    """An event as the domain knows it, out of its row."""
    return Event.model_validate(
        {
            "id": row.event_id,
            "account_id": row.account_id,
            "app_id": row.app_id,
            "event_type": row.event_type,
            "media_id": row.media_id,
            "payload": json.loads(row.payload),
            "override_url": row.override_url or None,
            "extend": row.extend or None,
            "occurred_at": row.occurred_at,
        }
    )
