"""Identity starts from nothing in every test: no keys, no accounts."""

import pytest

from chalicelib.identity import master_keys
from chalicelib.store.database import Transaction, change, run


@pytest.fixture(autouse=True)
def empty(deployment: None) -> None:
    """Empty the room's tables; the caches are empty already."""

    def work(tx: Transaction) -> None:
        for table in ("account", "ram_user", "access_key", "ram_role", "master_key", "nonce"):
            change(tx, f"DELETE FROM {table}")

    run(work)
    master_keys.forget()


def age_master_keys(seconds: int) -> None:
    """Let time pass for the master keys, and forget what is in memory."""
    statement = "UPDATE master_key SET created_at = created_at - %(seconds)s * interval '1 second'"
    run(lambda tx: change(tx, statement, seconds=seconds))
    master_keys.forget()
