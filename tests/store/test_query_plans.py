"""Every query that a timer or a worker repeats is served by an index, also with many rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chalicelib.settings import settings
from chalicelib.store import (
    applications,
    database,
    deliveries,
    events,
    jobs,
    media,
    outputs,
    pictures,
)
from chalicelib.store.database import Transaction

_ROWS = 20_000
_NOW = datetime.now(UTC)


@pytest.fixture(scope="module", autouse=True)
def _filled(database_url: str) -> Iterator[None]:
    """A library of a size at which reading a whole table is never the better plan."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVOD_DATABASE_URL", database_url)
        settings.cache_clear()
        database.close()
        with psycopg.connect(database_url, autocommit=True) as connection:
            _fill(connection)
            yield
            connection.execute("DELETE FROM job WHERE account_id = 'plans'")
            connection.execute("DELETE FROM media WHERE account_id = 'plans'")
            connection.execute("DELETE FROM stream WHERE account_id = 'plans'")
            connection.execute("DELETE FROM snapshot_set WHERE account_id = 'plans'")
            connection.execute("DELETE FROM animated_image WHERE account_id = 'plans'")
            connection.execute("DELETE FROM picture_template WHERE account_id = 'plans'")
            connection.execute("DELETE FROM task WHERE account_id = 'plans'")
    settings.cache_clear()
    database.close()


def _fill(connection: psycopg.Connection) -> None:
    series = f"FROM generate_series(1, {_ROWS}) AS n"
    connection.execute(f"""
        INSERT INTO media SELECT md5(n::text), 'plans', 'app', 't', '', '', NULL, '', '', 'f',
            'mp4', 'k' || n, NULL, 'normal', 'g', '', '', '', 1, 1, '', '', now(), '', '', '',
            NULL, now() - n * interval '1 minute', now() {series}
    """)
    connection.execute(f"""
        INSERT INTO job SELECT md5('j' || n), 'probe', 'quick', 'plans', 'app', md5(n::text), 1,
            md5('t' || n), '', '', '{{}}', 6, 4, '', '', 'succeeded', 1, '', now(), now(), 100,
            '', '', '', now() - n * interval '1 minute', now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO stream SELECT md5('j' || n), 'plans', md5(n::text), 1, '', 'LD', 'mp4', 'k', 1,
            '{{}}', false, now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO snapshot_set SELECT md5('j' || n), 'plans', md5(n::text), 'cover', 'p', 8,
            now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO task SELECT md5('t' || n), 'plans', 'app', md5(n::text), 1, 'g', 'upload', 6,
            '', '', 2, 2, 2, '', '', now(), now() {series}
    """)
    connection.execute(f"""
        INSERT INTO animated_image SELECT md5('i' || n), md5('j' || n), 'plans', md5(n::text),
            'gif', 'k', 1, 1, 1, '10', 1000, now() {series}
    """)
    connection.execute(f"""
        INSERT INTO picture_template SELECT md5(n::text), 'plans', 'app' || n % 1000, 'snapshot',
            'n', '{{}}', '{{}}', now(), now() {series}
    """)
    for table in (
        *("media", "job", "stream", "snapshot_set", "task"),
        *("animated_image", "picture_template"),
    ):
        connection.execute(f"ANALYZE {table}")


_MEDIA = "c4ca4238a0b923820dcc509a6f75849b"
_QUERIES: dict[str, Callable[[Transaction], object]] = {
    "a media": lambda tx: media.get(tx, "plans", _MEDIA),
    "several media": lambda tx: media.get_several(tx, "plans", [_MEDIA]),
    "uploads to look for": lambda tx: media.to_look_for(tx, _NOW, 50),
    "the next job": lambda tx: jobs.next_submitted(tx, "quick", _NOW),
    "lost workers": lambda tx: jobs.due(tx, "running", _NOW - timedelta(days=1), 100),
    "lost hints": lambda tx: jobs.due(tx, "submitted", _NOW - timedelta(days=1), 100),
    "jobs of a task": lambda tx: jobs.jobs_of_task(tx, _MEDIA),
    "open tasks of a media": lambda tx: jobs.open_tasks(tx, _MEDIA),
    "jobs to cancel": lambda tx: jobs.cancel_open_jobs(tx, _MEDIA, 1, _NOW),
    "streams of a media": lambda tx: outputs.streams_of(tx, _MEDIA),
    "snapshots of a media": lambda tx: outputs.latest_snapshots(tx, _MEDIA, "cover"),
    "covers of several media": lambda tx: outputs.latest_covers(tx, [_MEDIA]),
    "applications of an account": lambda tx: applications.all_of(tx, "plans"),
    "policies of a user": lambda tx: applications.grants(tx, "plans", "user", "u1"),
    "whether a user is held to them": lambda tx: applications.is_held(tx, "plans", "user", "u1"),
    "what an application holds": lambda tx: applications.holding(tx, "plans", "none"),
    "animated images of a media": lambda tx: pictures.images_of(tx, _MEDIA),
    "animated images to forget": lambda tx: pictures.drop_images(tx, _MEDIA, ["a", "b"]),
    "a picture template": lambda tx: pictures.get_template(tx, "plans", _MEDIA),
    "picture templates": lambda tx: pictures.templates_of(tx, "plans", "app", "snapshot"),
    "unannounced events": lambda tx: events.take_unannounced(tx, 100, 60.0),
    "overdue deliveries": lambda tx: deliveries.take_overdue(tx, 100, 5.0, 60.0),
}


class _Explaining:
    """A transaction that asks for the plan of each statement before it runs it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.plans: list[str] = []

    def execute(self, statement: bytes, values: dict[str, object]) -> object:
        # Small tables are read whole whatever their indexes; the question is whether one fits.
        self._tx.execute("SET LOCAL enable_seqscan = off")
        plan = self._tx.execute(b"EXPLAIN " + statement, values).fetchall()
        self.plans.append("\n".join(row["QUERY PLAN"] for row in plan))
        return self._tx.execute(statement, values)


@pytest.mark.parametrize("name", _QUERIES)
def test_an_index_serves_the_query(name: str) -> None:
    def explain(tx: Transaction) -> list[str]:
        explaining = _Explaining(tx)
        _QUERIES[name](explaining)  # type: ignore[arg-type]
        return explaining.plans

    plans = database.run(explain)
    assert plans
    for plan in plans:
        assert "Seq Scan" not in plan, plan
        # A condition on the index, not a walk through all of it.
        assert "Index Cond" in plan, plan
