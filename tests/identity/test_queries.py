"""Every query of the room is served by an index, however many rows there are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.store import database, identities, master_keys

NOW = datetime(2022, 7, 13, tzinfo=UTC)
ROWS = 5000


class Explaining:
    """Stands for a transaction and keeps the plan of every statement that it passes on."""

    def __init__(self, tx: database.Transaction, plans: list[str]) -> None:
        self.tx = tx
        self.plans = plans

    def execute(self, statement: bytes, values: dict[str, Any]) -> Any:
        rows = self.tx.execute(b"EXPLAIN " + statement, values).fetchall()
        self.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
        return self.tx.execute(statement, values)


@pytest.fixture
def full_tables(empty: None) -> None:
    statements = (
        """INSERT INTO ram_user SELECT 'a' || n, 'u', '[]', now()
           FROM generate_series(1, %(rows)s) n""",
        """INSERT INTO user_password SELECT 'a' || n, 'u', 'h', now()
           FROM generate_series(1, %(rows)s) n""",
        """INSERT INTO access_key SELECT 'k' || n, 'a' || n, 'u', 's', 1 + n %% 2, true, now()
           FROM generate_series(1, %(rows)s) n""",
        """INSERT INTO ram_role SELECT 'a' || n, 'r', '[]', '[]', now()
           FROM generate_series(1, %(rows)s) n""",
        """INSERT INTO nonce SELECT 'k', 'n' || n, 'r', now() + n * interval '1 second'
           FROM generate_series(1, %(rows)s) n""",
    )
    for statement in statements:
        database.run(lambda tx, text=statement: database.change(tx, text, rows=ROWS))
    for table in ("ram_user", "access_key", "ram_role", "nonce"):
        database.run(lambda tx, name=table: database.change(tx, f"ANALYZE {name}"))


@pytest.mark.parametrize(
    "query",
    [
        lambda: identities.access_key("k7"),
        lambda: identities.user("a7", "u"),
        lambda: identities.set_password_hash("a7", "u", "h", NOW),
        lambda: identities.remove_password("a8", "u"),
        lambda: identities.first_access_key("a7", "u"),
        lambda: identities.access_keys_under_older(2, "k3", 10),
        lambda: identities.deactivate_access_key("k7"),
        lambda: identities.role("a7", "r"),
        lambda: identities.remember_nonce("k", "n7", "another", NOW),
        lambda: identities.forget_nonces(NOW, 10),
        lambda: master_keys.latest(2),
        lambda: master_keys.get(1),
    ],
)
def test_queries_use_indexes(
    full_tables: None, monkeypatch: pytest.MonkeyPatch, query: Callable[[], object]
) -> None:
    plans: list[str] = []

    def explaining(work: Callable[[Any], object]) -> object:
        return database.run(lambda tx: work(Explaining(tx, plans)))

    for module in (identities, master_keys):
        for name in ("run", "run_single"):
            monkeypatch.setattr(module, name, explaining, raising=False)
    query()
    assert plans
    for plan in plans:  # master_key has a handful of rows for good
        assert "Seq Scan" not in plan or "Seq Scan on master_key" in plan, plan
