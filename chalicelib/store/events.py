"""Plain SQL over the tables ``event``, ``event_subscription`` and ``delivery``.

Every moment that something is due at is written and compared by the database's own clock, so that
workers whose clocks differ keep to one schedule.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

EventState = Literal["recorded", "fanned_out"]
DeliveryState = Literal["pending", "delivered", "dead"]
Channel = Literal["http", "queue"]


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


class SubscriptionRow(BaseModel):
    """Where one application's events go; ``selectors`` is a JSON list in the order given.

    ``sealed_auth_key`` is empty without a key; else it hangs on the master key ``master_key_id``.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    app_id: str
    channel: Channel
    callback_url: str = ""
    selectors: str = "[]"
    signed: bool = False
    sealed_auth_key: str = ""
    master_key_id: int = 0
    queue_endpoint: str = ""
    queue_name: str = ""


class Delivery(BaseModel):
    """One event on its way to one target.

    ``attempts`` counts the attempts whose failure or success is known, ``claims`` all that were
    begun; ``next_attempt_at`` is when the next may begin: for one in work, when its lease ends.
    ``last_*`` describe the last attempt: HTTP status, milliseconds, reason, start of the answer.
    """

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    event_id: str
    account_id: str
    app_id: str
    media_id: str
    channel: Channel
    target: str
    body: str
    state: DeliveryState
    attempts: int
    claims: int
    next_attempt_at: datetime
    last_status: int | None
    last_latency_ms: int | None
    last_error: str
    last_excerpt: str
    created_at: datetime
    finished_at: datetime | None


class AttemptReport(BaseModel):
    """What is written down about an attempt that has ended."""

    model_config = ConfigDict(frozen=True)

    status: int | None = None
    latency_ms: int = 0
    error: str = ""
    excerpt: str = ""


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


def mark_fanned_out(tx: Transaction, event_id: str) -> int:
    """Note that the event has its deliveries; returns 0 if it had them already."""
    return change(
        tx,
        "UPDATE event SET state = 'fanned_out'"
        " WHERE event_id = %(event_id)s AND state = 'recorded'",
        event_id=event_id,
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


def insert_delivery(
    tx: Transaction,
    delivery_id: str,
    event: EventRow,
    channel: Channel,
    target: str,
    body: str,
) -> None:
    """Add a delivery, due at once; one that is there already stays as it is."""
    change(
        tx,
        """
        INSERT INTO delivery (delivery_id, event_id, account_id, app_id, media_id, channel, target,
                              body, state, attempts, claims, next_attempt_at, last_error,
                              last_excerpt, created_at)
        VALUES (%(delivery_id)s, %(event_id)s, %(account_id)s, %(app_id)s, %(media_id)s,
                %(channel)s, %(target)s, %(body)s, 'pending', 0, 0, now(), '', '', now())
        ON CONFLICT (delivery_id) DO NOTHING
        """,
        delivery_id=delivery_id,
        event_id=event.event_id,
        account_id=event.account_id,
        app_id=event.app_id,
        media_id=event.media_id,
        channel=channel,
        target=target,
        body=body,
    )


def pending_of_event(tx: Transaction, event_id: str) -> list[str]:
    """Ids of the event's deliveries that are not finished."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE event_id = %(event_id)s AND state = 'pending'"
        " ORDER BY delivery_id",
        event_id=event_id,
    )
    return [row["delivery_id"] for row in rows]


def claim(tx: Transaction, delivery_id: str, lease: float) -> Delivery | None:
    """Begin an attempt if one is due; nobody else gets it for ``lease`` seconds."""
    row = one(
        tx,
        """
        UPDATE delivery SET claims = claims + 1,
               next_attempt_at = now() + %(lease)s * interval '1 second'
         WHERE delivery_id = %(delivery_id)s AND state = 'pending' AND next_attempt_at <= now()
        RETURNING *
        """,
        delivery_id=delivery_id,
        lease=lease,
    )
    return Delivery.model_validate(row) if row else None


def due_in(tx: Transaction, delivery_id: str) -> float | None:
    """Seconds until a pending delivery is due (negative: overdue); None if it is finished."""
    row = one(
        tx,
        "SELECT extract(epoch FROM next_attempt_at - now()) AS seconds FROM delivery"
        " WHERE delivery_id = %(delivery_id)s AND state = 'pending'",
        delivery_id=delivery_id,
    )
    return float(row["seconds"]) if row else None


def finish(tx: Transaction, claimed: Delivery, state: DeliveryState, report: AttemptReport) -> int:
    """End the delivery; returns 0 if the attempt's lease has passed to somebody else."""
    return change(
        tx,
        """
        UPDATE delivery SET state = %(state)s, attempts = attempts + 1, finished_at = now(),
               last_status = %(status)s, last_latency_ms = %(latency_ms)s, last_error = %(error)s,
               last_excerpt = %(excerpt)s
         WHERE delivery_id = %(delivery_id)s AND state = 'pending' AND claims = %(claims)s
        """,
        delivery_id=claimed.delivery_id,
        claims=claimed.claims,
        state=state,
        **report.model_dump(),
    )


def put_off(tx: Transaction, claimed: Delivery, seconds: float, report: AttemptReport) -> int:
    """Note a failed attempt; the next is due ``seconds`` from now. Returns 0 as `finish` does."""
    return change(
        tx,
        """
        UPDATE delivery SET attempts = attempts + 1,
               next_attempt_at = now() + %(seconds)s * interval '1 second',
               last_status = %(status)s, last_latency_ms = %(latency_ms)s, last_error = %(error)s,
               last_excerpt = %(excerpt)s
         WHERE delivery_id = %(delivery_id)s AND state = 'pending' AND claims = %(claims)s
        """,
        delivery_id=claimed.delivery_id,
        claims=claimed.claims,
        seconds=seconds,
        **report.model_dump(),
    )


def overdue(tx: Transaction, limit: int, grace: float) -> list[str]:
    """Ids of deliveries that were due ``grace`` seconds ago and nobody has begun."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE state = 'pending'"
        " AND next_attempt_at <= now() - %(grace)s * interval '1 second'"
        " ORDER BY next_attempt_at LIMIT %(limit)s",
        grace=grace,
        limit=limit,
    )
    return [row["delivery_id"] for row in rows]


def deliveries_of_event(tx: Transaction, account_id: str, event_id: str) -> list[Delivery]:
    """All deliveries of an event of the account."""
    rows = many(
        tx,
        "SELECT * FROM delivery WHERE event_id = %(event_id)s AND account_id = %(account_id)s"
        " ORDER BY delivery_id",
        account_id=account_id,
        event_id=event_id,
    )
    return [Delivery.model_validate(row) for row in rows]


def deliveries_of_media(
    tx: Transaction, account_id: str, media_id: str, limit: int
) -> list[Delivery]:
    """The newest deliveries about a medium of the account."""
    rows = many(
        tx,
        "SELECT * FROM delivery WHERE account_id = %(account_id)s AND media_id = %(media_id)s"
        " ORDER BY created_at DESC, delivery_id DESC LIMIT %(limit)s",
        account_id=account_id,
        media_id=media_id,
        limit=limit,
    )
    return [Delivery.model_validate(row) for row in rows]


def get_subscription(tx: Transaction, account_id: str, app_id: str) -> SubscriptionRow | None:
    """The subscription of one application."""
    row = one(
        tx,
        "SELECT * FROM event_subscription"
        " WHERE account_id = %(account_id)s AND app_id = %(app_id)s",
        account_id=account_id,
        app_id=app_id,
    )
    return SubscriptionRow.model_validate(row) if row else None


def put_subscription(tx: Transaction, subscription: SubscriptionRow) -> None:
    """Write the subscription of one application, over the one before."""
    change(
        tx,
        """
        INSERT INTO event_subscription (account_id, app_id, channel, callback_url, selectors,
                                        signed, sealed_auth_key, master_key_id, queue_endpoint,
                                        queue_name, modified_at)
        VALUES (%(account_id)s, %(app_id)s, %(channel)s, %(callback_url)s, %(selectors)s,
                %(signed)s, %(sealed_auth_key)s, %(master_key_id)s, %(queue_endpoint)s,
                %(queue_name)s, now())
        ON CONFLICT (account_id, app_id) DO UPDATE SET
               channel = excluded.channel, callback_url = excluded.callback_url,
               selectors = excluded.selectors, signed = excluded.signed,
               sealed_auth_key = excluded.sealed_auth_key,
               master_key_id = excluded.master_key_id,
               queue_endpoint = excluded.queue_endpoint, queue_name = excluded.queue_name,
               modified_at = excluded.modified_at
        """,
        **subscription.model_dump(),
    )


def subscriptions_under_older(
    tx: Transaction, master_key_id: int, after: SubscriptionRow | None, limit: int
) -> list[SubscriptionRow]:
    """Subscriptions whose keys hang on a master key before this one, the next after ``after``."""
    rows = many(
        tx,
        "SELECT * FROM event_subscription"
        " WHERE (account_id, app_id) > (%(account_id)s, %(app_id)s)"
        " AND sealed_auth_key <> '' AND master_key_id < %(master_key_id)s"
        " ORDER BY account_id, app_id LIMIT %(limit)s",
        account_id=after.account_id if after else "",
        app_id=after.app_id if after else "",
        master_key_id=master_key_id,
        limit=limit,
    )
    return [SubscriptionRow.model_validate(row) for row in rows]


def replace_auth_key(
    tx: Transaction, before: SubscriptionRow, sealed: str, master_key_id: int
) -> int:
    """Put the re-encrypted key in place of the old one; returns 0 when the row has changed."""
    return change(
        tx,
        "UPDATE event_subscription SET sealed_auth_key = %(sealed)s,"
        " master_key_id = %(master_key_id)s WHERE account_id = %(account_id)s"
        " AND app_id = %(app_id)s AND sealed_auth_key = %(before)s",
        account_id=before.account_id,
        app_id=before.app_id,
        before=before.sealed_auth_key,
        sealed=sealed,
        master_key_id=master_key_id,
    )
