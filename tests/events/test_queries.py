"""Every query of the room is served by the index that is meant for it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.store import database
from chalicelib.store import events as store

ROWS = 3000


class Explaining:
    """Stands for a transaction and keeps the plan of every statement."""

    def __init__(self, tx: database.Transaction) -> None:
        self.tx = tx
        self.plans: list[str] = []

    def execute(self, statement: bytes, values: dict[str, Any]) -> Any:
        rows = self.tx.execute(b"EXPLAIN " + statement, values).fetchall()
        self.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
        return self.tx.execute(statement, values)


@pytest.fixture
def full_tables(deployment: None) -> None:
    def fill(tx: database.Transaction) -> None:
        database.change(
            tx,
            """
            INSERT INTO event SELECT md5(n::text), 'account', 'app', 'type', md5((n %% 300)::text),
                   '{}', '', '', now(),
                   CASE WHEN n %% 100 = 0 THEN 'recorded' ELSE 'fanned_out' END,
                   now() + n * interval '1 second'
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )
        database.change(
            tx,
            """
            INSERT INTO delivery SELECT md5(n::text), md5(n::text), 'account', 'app',
                   md5((n %% 300)::text), 'http', 'http://example.com/', '{}',
                   CASE WHEN n %% 100 = 0 THEN 'pending' ELSE 'delivered' END, 1, 1,
                   now() + n * interval '1 second', 200, 5, '', '', now(), now()
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )

    database.run(fill)
    for table in ("event", "delivery"):
        _analyse(table)


def _analyse(table: str) -> None:
    database.run(lambda tx: database.change(tx, f"ANALYZE {table}"))


QUERIES: list[tuple[str, Callable[[Any], Any]]] = [
    ("event_to_announce", lambda tx: store.take_unannounced(tx, 10, 60)),
    ("event_pkey", lambda tx: store.get_event(tx, "1" * 32)),
    ("delivery_due", lambda tx: store.overdue(tx, 10, 5)),
    ("delivery_by_event", lambda tx: store.pending_of_event(tx, "1" * 32)),
    ("delivery_by_event", lambda tx: store.deliveries_of_event(tx, "account", "1" * 32)),
    ("delivery_by_media", lambda tx: store.deliveries_of_media(tx, "account", "1" * 32, 100)),
    ("delivery_pkey", lambda tx: store.claim(tx, "1" * 32, 15)),
    ("delivery_pkey", lambda tx: store.due_in(tx, "1" * 32)),
]


@pytest.mark.parametrize(("index", "query"), QUERIES)
def test_plans(full_tables: None, index: str, query: Callable[[Any], Any]) -> None:
    def explain(tx: database.Transaction) -> list[str]:
        explaining = Explaining(tx)
        query(explaining)
        return explaining.plans

    plans = database.run(explain)
    assert index in plans[0]
    assert not any("Seq Scan" in plan for plan in plans)
