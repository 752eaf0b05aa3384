"""Every query of the room is served by the index that is meant for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.settings import settings
from chalicelib.store import (
    database,
    deliveries,
    delivery_log,
    endpoints,
    events,
    subscriptions,
)
from chalicelib.store.delivery_log import DeliveryFilter as FILTER
from tests.events.conftest import empty_tables

ROWS = 3000


class Rollback(Exception):
    pass


class Explaining:
    """Stands for a transaction and keeps the plan of every statement."""

    def __init__(self, tx: database.Transaction) -> None:
        self.tx = tx
        self.plans: list[str] = []

    def execute(self, statement: bytes, values: dict[str, Any]) -> Any:
        rows = self.tx.execute(b"EXPLAIN " + statement, values).fetchall()
        self.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
        return self.tx.execute(statement, values)


@pytest.fixture(scope="module")
def full_tables(database_url: str) -> Iterator[None]:
    """Filled once; every test rolls back what it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVOD_DATABASE_URL", database_url)
        settings.cache_clear()
        database.close()
        _fill()
        yield
        database.run(empty_tables)
    settings.cache_clear()
    database.close()


def _fill() -> None:
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
            INSERT INTO delivery SELECT md5(n::text), md5(n::text), 'account',
                   'app', md5((n %% 300)::text), 'http', 'http://example.com/', '{}',
                   CASE WHEN n %% 100 = 0 THEN 'pending' WHEN n %% 100 = 1 THEN 'held'
                        WHEN n %% 100 = 2 THEN 'dead' ELSE 'delivered' END, 1, 1,
                   now() + n * interval '1 second', 200, 5, '', '',
                   now() - n * interval '1 minute', now(), md5((n %% 500)::text), '', 'type', NULL,
                   NULL
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )
        database.change(
            tx,
            """
            INSERT INTO delivery_attempt
            SELECT md5(n::text), md5(n::text), now(), 1, 200, '', ''
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )
        database.change(
            tx,
            """
            INSERT INTO event_endpoint SELECT md5(n::text), 'account-' || (n %% 100), 'http', 'x',
                   CASE WHEN n %% 100 = 0 THEN 'open' ELSE 'failing' END, 1, 0, now(), now(), '',
                   NULL
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )
        database.change(
            tx,
            """
            INSERT INTO event_subscriber SELECT md5(n::text), 'account-' || (n %% 100), 'app',
                   'http', 'x', '[]', false, '', 0, '', '', now()
            FROM generate_series(1, %(rows)s) n
            """,
            rows=ROWS,
        )

    database.run(fill)
    for table in (
        *("event", "delivery", "delivery_attempt"),
        *("event_endpoint", "event_subscriber", "event_subscription"),
    ):
        _analyse(table)


def _analyse(table: str) -> None:
    database.run(lambda tx: database.change(tx, f"ANALYZE {table}"))


ID = "1" * 32
QUERIES: list[tuple[str, Callable[[Any], Any]]] = [
    ("event_to_announce", lambda tx: events.take_unannounced(tx, 10, 60)),
    ("event_pkey", lambda tx: events.get_event(tx, ID)),
    ("event_pkey", lambda tx: events.recorded_events(tx, [ID])),
    ("event_to_announce", lambda tx: events.forget_events(tx, 30, 10)),
    ("delivery_due", lambda tx: deliveries.take_overdue(tx, 10, 5, 60)),
    ("delivery_", lambda tx: deliveries.due_among(tx, [ID])),
    ("delivery_", lambda tx: deliveries.due_soon(tx, [ID], 1.5)),
    ("delivery_", lambda tx: deliveries.claim(tx, [ID], 15)),
    ("delivery_", lambda tx: deliveries.hold(tx, [ID], 15)),
    ("delivery_pkey", lambda tx: deliveries.bury(tx, [ID], "")),
    ("delivery_pkey", lambda tx: deliveries.release(tx, [ID])),
    ("delivery_due", lambda tx: deliveries.held_too_long(tx, 10)),
    (
        "delivery_by_endpoint",
        lambda tx: deliveries.unfinished_of_endpoint(tx, ID, ["held"], 10),
    ),
    (
        "delivery_by_media",
        lambda tx: delivery_log.find_deliveries(tx, "account", FILTER(media_id=ID), 10),
    ),
    (
        "delivery_by_event",
        lambda tx: delivery_log.find_deliveries(tx, "account", FILTER(event_id=ID), 10),
    ),
    (
        "delivery_by_endpoint",
        lambda tx: delivery_log.find_deliveries(tx, "account", FILTER(endpoint_id=ID), 10),
    ),
    ("delivery_by_account", lambda tx: delivery_log.find_deliveries(tx, "account", FILTER(), 10)),
    ("delivery_pkey", lambda tx: delivery_log.replay_these(tx, "account", [ID])),
    ("delivery_attempt_of", lambda tx: delivery_log.attempts_of(tx, ID)),
    ("delivery_by_state", lambda tx: delivery_log.forget_deliveries(tx, "dead", 30, 10)),
    ("event_endpoint_pkey", lambda tx: endpoints.get_endpoint(tx, ID)),
    ("event_endpoint_pkey", lambda tx: endpoints.endpoints(tx, [ID])),
    ("event_endpoint_pkey", lambda tx: endpoints.take_probe(tx, ID, 1)),
    ("event_endpoint_to_probe", lambda tx: endpoints.endpoints_in_state(tx, "open", 0, 10)),
    ("event_endpoint_by_account", lambda tx: endpoints.endpoints_of_account(tx, "account-1")),
    ("event_subscriber_of", lambda tx: subscriptions.subscribers_of(tx, "account-1", "app")),
]


@pytest.mark.parametrize(("index", "query"), QUERIES)
def test_plans(full_tables: None, index: str, query: Callable[[Any], Any]) -> None:
    def explain(tx: database.Transaction) -> None:
        explaining = Explaining(tx)
        query(explaining)
        plans.extend(explaining.plans)
        raise Rollback

    plans: list[str] = []
    with pytest.raises(Rollback):
        database.run(explain)
    assert any(index in plan for plan in plans)
    # The vendors' subscriptions are empty here: reading nothing whole is the better plan.
    assert not any("Seq Scan" in plan and "event_subscription" not in plan for plan in plans)
