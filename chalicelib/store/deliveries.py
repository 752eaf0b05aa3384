"""Plain SQL over the tables ``delivery`` and ``delivery_attempt``: sending and its schedule.

Everything works on many rows at once, because a worker has many deliveries in hand. Moments are
the database's own; arrays of parameters become rows with ``unnest``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many
from chalicelib.store.subscriptions import Channel

DeliveryState = Literal["pending", "held", "delivered", "dead"]


class Delivery(BaseModel):
    """One event on its way to one target.

    ``state``: "held" waits for its endpoint to recover and is given up at ``next_attempt_at``.
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
    event_type: str | None
    channel: Channel
    target: str
    endpoint_id: str | None
    subscriber_id: str | None
    body: str
    state: DeliveryState
    attempts: int
    claims: int
    claims_before: int | None
    next_attempt_at: datetime
    last_status: int | None
    last_latency_ms: int | None
    last_error: str
    last_excerpt: str
    created_at: datetime
    finished_at: datetime | None


class NewDelivery(BaseModel):
    """A delivery to add. ``wait`` is the seconds until ``next_attempt_at``: the lease of one that
    is begun at once (``claims`` 1), the patience with one that is held."""

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    event_id: str
    account_id: str
    app_id: str
    media_id: str
    event_type: str
    channel: Channel
    target: str
    endpoint_id: str
    subscriber_id: str
    body: str
    state: DeliveryState = "pending"
    claims: int = 0
    wait: float = 0.0
    error: str = ""


class AttemptReport(BaseModel):
    """What is written down about an attempt that has ended."""

    model_config = ConfigDict(frozen=True)

    status: int | None = None
    latency_ms: int = 0
    error: str = ""
    excerpt: str = ""


class Settlement(BaseModel):
    """The end of one attempt: the delivery's new state, and the pause if it stays pending."""

    model_config = ConfigDict(frozen=True)

    attempt_id: str
    delivery_id: str
    claims: int
    state: DeliveryState
    pause: float = 0.0
    report: AttemptReport


def insert_deliveries(tx: Transaction, new: Sequence[NewDelivery]) -> list[Delivery]:
    """Add deliveries; returns those that were added: one that is there already stays as it is."""
    columns = (
        *("delivery_id", "event_id", "account_id", "app_id", "media_id", "event_type"),
        *("channel", "target", "endpoint_id", "subscriber_id", "body", "state", "error"),
    )
    rows = many(
        tx,
        """
        INSERT INTO delivery (delivery_id, event_id, account_id, app_id, media_id, event_type,
                              channel, target, endpoint_id, subscriber_id, body, state, attempts,
                              claims, next_attempt_at, last_error, last_excerpt, created_at,
                              finished_at)
        SELECT n.delivery_id, n.event_id, n.account_id, n.app_id, n.media_id, n.event_type,
               n.channel, n.target, n.endpoint_id, n.subscriber_id, n.body, n.state, 0,
               n.claims, now() + n.wait * interval '1 second', n.error, '', now(),
               CASE WHEN n.state = 'dead' THEN now() END
          FROM unnest(%(delivery_id)s::text[], %(event_id)s::text[], %(account_id)s::text[],
                      %(app_id)s::text[], %(media_id)s::text[], %(event_type)s::text[],
                      %(channel)s::text[], %(target)s::text[], %(endpoint_id)s::text[],
                      %(subscriber_id)s::text[], %(body)s::text[], %(state)s::text[],
                      %(error)s::text[], %(claims)s::bigint[], %(wait)s::float8[])
            AS n (delivery_id, event_id, account_id, app_id, media_id, event_type, channel, target,
                  endpoint_id, subscriber_id, body, state, error, claims, wait)
        ON CONFLICT (delivery_id) DO NOTHING
        RETURNING *
        """,
        **{name: [getattr(one, name) for one in new] for name in columns},
        claims=[one.claims for one in new],
        wait=[one.wait for one in new],
    )
    return [Delivery.model_validate(row) for row in rows]


def due_among(tx: Transaction, delivery_ids: Sequence[str]) -> list[Delivery]:
    """Those of the deliveries whose next attempt may begin now."""
    rows = many(
        tx,
        "SELECT * FROM delivery WHERE delivery_id = ANY(%(ids)s) AND state = 'pending'"
        " AND next_attempt_at <= now() ORDER BY delivery_id",
        ids=list(delivery_ids),
    )
    return [Delivery.model_validate(row) for row in rows]


def due_soon(tx: Transaction, delivery_ids: Sequence[str], within: float) -> list[str]:
    """Those of the deliveries that are not due yet but will be ``within`` seconds."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE delivery_id = ANY(%(ids)s) AND state = 'pending'"
        " AND next_attempt_at > now()"
        " AND next_attempt_at <= now() + %(within)s * interval '1 second'",
        ids=list(delivery_ids),
        within=within,
    )
    return [row["delivery_id"] for row in rows]


def claim(tx: Transaction, delivery_ids: Sequence[str], lease: float) -> list[Delivery]:
    """Begin attempts where one is due; nobody else gets them for ``lease`` seconds."""
    rows = many(
        tx,
        """
        UPDATE delivery SET claims = claims + 1,
               next_attempt_at = now() + %(lease)s * interval '1 second'
         WHERE delivery_id = ANY(%(ids)s) AND state = 'pending' AND next_attempt_at <= now()
        RETURNING *
        """,
        ids=sorted(delivery_ids),
        lease=lease,
    )
    return [Delivery.model_validate(row) for row in rows]


def hold(tx: Transaction, delivery_ids: Sequence[str], patience: float) -> int:
    """Let due deliveries wait until their endpoint recovers, ``patience`` seconds at most."""
    return change(
        tx,
        "UPDATE delivery SET state = 'held',"
        " next_attempt_at = now() + %(patience)s * interval '1 second'"
        " WHERE delivery_id = ANY(%(ids)s) AND state = 'pending' AND next_attempt_at <= now()",
        ids=list(delivery_ids),
        patience=patience,
    )


def bury(tx: Transaction, delivery_ids: Sequence[str], reason: str) -> int:
    """Give deliveries up that are not delivered, without an attempt."""
    return change(
        tx,
        "UPDATE delivery SET state = 'dead', finished_at = now(), last_error = %(reason)s"
        " WHERE delivery_id = ANY(%(ids)s) AND state IN ('pending', 'held')",
        ids=list(delivery_ids),
        reason=reason,
    )


def settle(tx: Transaction, ended: Sequence[Settlement]) -> set[str]:
    """End attempts and write their history; returns the ids of the deliveries that it changed.

    One whose lease has passed to somebody else stays as that one leaves it.
    """
    rows = many(
        tx,
        """
        UPDATE delivery d SET state = s.state, attempts = d.attempts + 1,
               next_attempt_at = CASE WHEN s.state = 'pending'
                   THEN now() + s.pause * interval '1 second' ELSE d.next_attempt_at END,
               finished_at = CASE WHEN s.state = 'pending' THEN NULL ELSE now() END,
               last_status = s.status, last_latency_ms = s.latency_ms, last_error = s.error,
               last_excerpt = s.excerpt
          FROM unnest(%(ids)s::text[], %(claims)s::bigint[], %(states)s::text[],
                      %(pauses)s::float8[], %(statuses)s::bigint[], %(latencies)s::bigint[],
                      %(errors)s::text[], %(excerpts)s::text[])
            AS s (delivery_id, claims, state, pause, status, latency_ms, error, excerpt)
         WHERE d.delivery_id = s.delivery_id AND d.state = 'pending' AND d.claims = s.claims
        RETURNING d.delivery_id
        """,
        ids=[one.delivery_id for one in ended],
        claims=[one.claims for one in ended],
        states=[one.state for one in ended],
        pauses=[one.pause for one in ended],
        statuses=[one.report.status for one in ended],
        latencies=[one.report.latency_ms for one in ended],
        errors=[one.report.error for one in ended],
        excerpts=[one.report.excerpt for one in ended],
    )
    changed = {row["delivery_id"] for row in rows}
    _insert_attempts(tx, [one for one in ended if one.delivery_id in changed])
    return changed


def _insert_attempts(tx: Transaction, ended: Sequence[Settlement]) -> None:
    change(
        tx,
        """
        INSERT INTO delivery_attempt (attempt_id, delivery_id, started_at, latency_ms, status,
                                      error, excerpt)
        SELECT s.attempt_id, s.delivery_id, now() - s.latency_ms * interval '1 millisecond',
               s.latency_ms, s.status, s.error, s.excerpt
          FROM unnest(%(attempts)s::text[], %(ids)s::text[], %(latencies)s::bigint[],
                      %(statuses)s::bigint[], %(errors)s::text[], %(excerpts)s::text[])
            AS s (attempt_id, delivery_id, latency_ms, status, error, excerpt)
        ON CONFLICT (attempt_id) DO NOTHING
        """,
        attempts=[one.attempt_id for one in ended],
        ids=[one.delivery_id for one in ended],
        latencies=[one.report.latency_ms for one in ended],
        statuses=[one.report.status for one in ended],
        errors=[one.report.error for one in ended],
        excerpts=[one.report.excerpt for one in ended],
    )


def give_back(tx: Transaction, claimed: Sequence[Delivery], pause: float) -> list[str]:
    """Undo claims whose attempts were never begun; due again ``pause`` seconds from now."""
    rows = many(
        tx,
        """
        UPDATE delivery d SET claims = d.claims - 1,
               next_attempt_at = now() + %(pause)s * interval '1 second'
          FROM unnest(%(ids)s::text[], %(claims)s::bigint[]) AS c (delivery_id, claims)
         WHERE d.delivery_id = c.delivery_id AND d.state = 'pending' AND d.claims = c.claims
        RETURNING d.delivery_id
        """,
        ids=[one.delivery_id for one in claimed],
        claims=[one.claims for one in claimed],
        pause=pause,
    )
    return [row["delivery_id"] for row in rows]


def take_overdue(tx: Transaction, limit: int, grace: float, again_in: float) -> list[str]:
    """Ids of deliveries that were due ``grace`` seconds ago and nobody has begun.

    They come up again ``again_in`` seconds from now, so that a backlog is not hinted at anew by
    every round of the timer.
    """
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE state = 'pending'"
        " AND next_attempt_at <= now() - %(grace)s * interval '1 second'"
        " AND (hint_at IS NULL OR hint_at <= now())"
        " ORDER BY next_attempt_at LIMIT %(limit)s",
        grace=grace,
        limit=limit,
    )
    ids = [row["delivery_id"] for row in rows]
    change(
        tx,
        "UPDATE delivery SET hint_at = now() + %(again_in)s * interval '1 second'"
        " WHERE delivery_id = ANY(%(ids)s)",
        ids=ids,
        again_in=again_in,
    )
    return ids


def unfinished_of_endpoint(
    tx: Transaction, endpoint_id: str, states: Sequence[DeliveryState], limit: int
) -> list[str]:
    """Ids of an endpoint's deliveries in some states, the oldest first."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE endpoint_id = %(endpoint_id)s"
        " AND state = ANY(%(states)s) ORDER BY created_at LIMIT %(limit)s",
        endpoint_id=endpoint_id,
        states=list(states),
        limit=limit,
    )
    return [row["delivery_id"] for row in rows]


def release(tx: Transaction, delivery_ids: Sequence[str]) -> list[str]:
    """Make held deliveries due; returns those that were held."""
    rows = many(
        tx,
        "UPDATE delivery SET state = 'pending', next_attempt_at = now()"
        " WHERE delivery_id = ANY(%(ids)s) AND state = 'held' RETURNING delivery_id",
        ids=list(delivery_ids),
    )
    return [row["delivery_id"] for row in rows]


def held_too_long(tx: Transaction, limit: int) -> list[str]:
    """Ids of held deliveries whose patience is over."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE state = 'held' AND next_attempt_at <= now()"
        " ORDER BY next_attempt_at LIMIT %(limit)s",
        limit=limit,
    )
    return [row["delivery_id"] for row in rows]
