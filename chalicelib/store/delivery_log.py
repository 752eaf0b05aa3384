"""Plain SQL for operators: what became of deliveries, sending them again, and forgetting them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one
from chalicelib.store.deliveries import Delivery, DeliveryState


class DeliveryFilter(BaseModel):
    """Which deliveries: None leaves a criterion out. ``since`` is inclusive, ``until`` is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: DeliveryState | None = None
    target: str | None = None
    endpoint_id: str | None = None
    media_id: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AttemptRow(BaseModel):
    """One attempt of a delivery: when it began, how long it took, how it ended."""

    model_config = ConfigDict(frozen=True)

    attempt_id: str
    delivery_id: str
    started_at: datetime
    latency_ms: int
    status: int | None
    error: str
    excerpt: str


_CONDITIONS = {
    "state": "state = %(state)s",
    "target": "target = %(target)s",
    "endpoint_id": "endpoint_id = %(endpoint_id)s",
    "media_id": "media_id = %(media_id)s",
    "event_id": "event_id = %(event_id)s",
    "event_type": "event_type = %(event_type)s",
    "since": "created_at >= %(since)s",
    "until": "created_at < %(until)s",
}


def _where(chosen: dict[str, Any]) -> str:
    return "".join(f" AND {_CONDITIONS[name]}" for name in chosen)


def find_deliveries(
    tx: Transaction, account_id: str, which: DeliveryFilter, limit: int
) -> list[Delivery]:
    """The account's deliveries that fit, the newest first."""
    chosen = which.model_dump(exclude_none=True)
    rows = many(
        tx,
        f"SELECT * FROM delivery WHERE account_id = %(account_id)s{_where(chosen)}"  # noqa: S608
        " ORDER BY created_at DESC, delivery_id DESC LIMIT %(limit)s",
        account_id=account_id,
        limit=limit,
        **chosen,
    )
    return [Delivery.model_validate(row) for row in rows]


def get_delivery(tx: Transaction, account_id: str, delivery_id: str) -> Delivery | None:
    """One delivery of the account."""
    row = one(
        tx,
        "SELECT * FROM delivery"
        " WHERE delivery_id = %(delivery_id)s AND account_id = %(account_id)s",
        delivery_id=delivery_id,
        account_id=account_id,
    )
    return Delivery.model_validate(row) if row else None


def attempts_of(tx: Transaction, delivery_id: str) -> list[AttemptRow]:
    """The attempts of a delivery, the first one first."""
    rows = many(
        tx,
        "SELECT * FROM delivery_attempt WHERE delivery_id = %(delivery_id)s"
        " ORDER BY started_at, attempt_id",
        delivery_id=delivery_id,
    )
    return [AttemptRow.model_validate(row) for row in rows]


def replay(
    tx: Transaction, account_id: str, which: DeliveryFilter, before: datetime, limit: int
) -> list[str]:
    """Make finished deliveries due once more, from the start of their schedule; returns their ids.

    Only those that were finished ``before`` a moment, so that a loop over batches comes to an end
    when some of them have been finished again meanwhile.
    """
    chosen = which.model_dump(exclude_none=True)
    rows = many(
        tx,
        f"""
        UPDATE delivery SET state = 'pending', attempts = 0, claims_before = claims,
               next_attempt_at = now(), hint_at = NULL, finished_at = NULL
         WHERE delivery_id IN (
            SELECT delivery_id FROM delivery WHERE account_id = %(account_id)s
               AND state IN ('dead', 'delivered') AND finished_at < %(before)s{_where(chosen)}
             ORDER BY created_at LIMIT %(limit)s)
        RETURNING delivery_id
        """,  # noqa: S608
        account_id=account_id,
        before=before,
        limit=limit,
        **chosen,
    )
    return [row["delivery_id"] for row in rows]


def replay_these(tx: Transaction, account_id: str, delivery_ids: Sequence[str]) -> list[str]:
    """As `replay`, for deliveries by their ids."""
    rows = many(
        tx,
        """
        UPDATE delivery SET state = 'pending', attempts = 0, claims_before = claims,
               next_attempt_at = now(), hint_at = NULL, finished_at = NULL
         WHERE delivery_id = ANY(%(ids)s) AND account_id = %(account_id)s
           AND state IN ('dead', 'delivered')
        RETURNING delivery_id
        """,
        ids=list(delivery_ids),
        account_id=account_id,
    )
    return [row["delivery_id"] for row in rows]


def forget_deliveries(tx: Transaction, state: DeliveryState, days: int, limit: int) -> int:
    """Delete old deliveries in a finished state, with their attempts; returns how many."""
    rows = many(
        tx,
        "SELECT delivery_id FROM delivery WHERE state = %(state)s"
        " AND created_at < now() - %(days)s * interval '1 day' ORDER BY created_at LIMIT %(limit)s",
        state=state,
        days=days,
        limit=limit,
    )
    ids = [row["delivery_id"] for row in rows]
    if not ids:
        return 0
    change(tx, "DELETE FROM delivery_attempt WHERE delivery_id = ANY(%(ids)s)", ids=ids)
    return change(
        tx,
        "DELETE FROM delivery WHERE delivery_id = ANY(%(ids)s) AND state = %(state)s",
        ids=ids,
        state=state,
    )
