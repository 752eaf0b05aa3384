"""Plain SQL over the table ``event_endpoint``: receivers that fail, or failed a moment ago.

A receiver in good health has no row, so that the usual delivery reads and writes none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one
from chalicelib.store.subscriptions import Channel

EndpointState = Literal["failing", "open", "closed", "disabled"]


class Endpoint(BaseModel):
    """One receiver's health.

    ``state``: "failing" is attempted as ever; "open" (the circuit) only by one probe at
    ``probe_at``; "closed" has recovered at ``probe_at``; "disabled" is attempted no more.
    ``failures`` counts failed attempts since ``failing_since``, ``openings`` the failed probes.
    """

    model_config = ConfigDict(frozen=True)

    endpoint_id: str
    account_id: str
    channel: Channel
    address: str
    state: EndpointState
    failures: int = 0
    openings: int = 0
    failing_since: datetime
    probe_at: datetime
    last_error: str = ""
    disabled_at: datetime | None = None


def clock(tx: Transaction) -> datetime:
    """The database's time."""
    row = one(tx, "SELECT now() AS now")
    assert row is not None
    now: datetime = row["now"]
    return now


def get_endpoint(tx: Transaction, endpoint_id: str) -> Endpoint | None:
    """One endpoint's row."""
    row = one(
        tx,
        "SELECT * FROM event_endpoint WHERE endpoint_id = %(endpoint_id)s",
        endpoint_id=endpoint_id,
    )
    return Endpoint.model_validate(row) if row else None


def endpoints(tx: Transaction, endpoint_ids: Sequence[str]) -> dict[str, Endpoint]:
    """Those of the endpoints that have a row, by id."""
    rows = many(
        tx,
        "SELECT * FROM event_endpoint WHERE endpoint_id = ANY(%(endpoint_ids)s)",
        endpoint_ids=list(endpoint_ids),
    )
    return {row["endpoint_id"]: Endpoint.model_validate(row) for row in rows}


def put_endpoint(tx: Transaction, endpoint: Endpoint) -> None:
    """Write a row, over the one before."""
    change(
        tx,
        """
        INSERT INTO event_endpoint (endpoint_id, account_id, channel, address, state, failures,
                                    openings, failing_since, probe_at, last_error, disabled_at)
        VALUES (%(endpoint_id)s, %(account_id)s, %(channel)s, %(address)s, %(state)s, %(failures)s,
                %(openings)s, %(failing_since)s, %(probe_at)s, %(last_error)s, %(disabled_at)s)
        ON CONFLICT (endpoint_id) DO UPDATE SET
               state = excluded.state, failures = excluded.failures,
               openings = excluded.openings, failing_since = excluded.failing_since,
               probe_at = excluded.probe_at, last_error = excluded.last_error,
               disabled_at = excluded.disabled_at
        """,
        **endpoint.model_dump(),
    )


def take_probe(tx: Transaction, endpoint_id: str, again_in: float) -> int:
    """Take the one probe of an open circuit that is due; 0 if it is not due or somebody has it.

    The next may go ``again_in`` seconds from now, in case this one is never heard of.
    """
    return change(
        tx,
        "UPDATE event_endpoint SET probe_at = now() + %(again_in)s * interval '1 second'"
        " WHERE endpoint_id = %(endpoint_id)s AND state = 'open' AND probe_at <= now()",
        endpoint_id=endpoint_id,
        again_in=again_in,
    )


def close_circuit(tx: Transaction, endpoint_id: str) -> int:
    """Note that the endpoint has answered well; returns 0 if it was not known to be ill."""
    return change(
        tx,
        "UPDATE event_endpoint SET state = 'closed', failures = 0, openings = 0, probe_at = now()"
        " WHERE endpoint_id = %(endpoint_id)s AND state IN ('failing', 'open')",
        endpoint_id=endpoint_id,
    )


def endpoints_in_state(
    tx: Transaction, state: EndpointState, due_before: float, limit: int
) -> list[Endpoint]:
    """Endpoints in a state whose ``probe_at`` is ``due_before`` seconds ago or earlier."""
    rows = many(
        tx,
        "SELECT * FROM event_endpoint WHERE state = %(state)s"
        " AND probe_at <= now() - %(due_before)s * interval '1 second'"
        " ORDER BY probe_at LIMIT %(limit)s",
        state=state,
        due_before=due_before,
        limit=limit,
    )
    return [Endpoint.model_validate(row) for row in rows]


def endpoints_of_account(tx: Transaction, account_id: str) -> list[Endpoint]:
    """All endpoints of an account that have a row."""
    rows = many(
        tx,
        "SELECT * FROM event_endpoint WHERE account_id = %(account_id)s ORDER BY endpoint_id",
        account_id=account_id,
    )
    return [Endpoint.model_validate(row) for row in rows]


def forget_endpoint(tx: Transaction, endpoint_id: str, state: EndpointState) -> int:
    """Delete a row that is in this state."""
    return change(
        tx,
        "DELETE FROM event_endpoint WHERE endpoint_id = %(endpoint_id)s AND state = %(state)s",
        endpoint_id=endpoint_id,
        state=state,
    )
