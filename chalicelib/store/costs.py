"""What work has cost here (table ``work_cost``), in nanoseconds of one worker per unit of work."""

from datetime import datetime

from chalicelib.store.database import Transaction, change, many


def all_costs(tx: Transaction) -> dict[str, int]:
    """Every measured cost by its key: a few dozen rows."""
    rows = many(tx, "SELECT cost_key, nanoseconds FROM work_cost")
    return {str(row["cost_key"]): int(row["nanoseconds"]) for row in rows}


def put(tx: Transaction, cost_key: str, nanoseconds: int, now: datetime) -> None:
    """Write one cost, and count the observation."""
    change(
        tx,
        "INSERT INTO work_cost (cost_key, nanoseconds, observations, modified_at)"
        " VALUES (%(cost_key)s, %(nanoseconds)s, 1, %(now)s)"
        " ON CONFLICT (cost_key) DO UPDATE SET nanoseconds = excluded.nanoseconds,"
        " observations = work_cost.observations + 1, modified_at = excluded.modified_at",
        cost_key=cost_key,
        nanoseconds=nanoseconds,
        now=now,
    )
