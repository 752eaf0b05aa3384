"""Identity starts from nothing in every test: no keys, no accounts."""

import pytest

from chalicelib.identity import master_keys
from chalicelib.store.database import Transaction, change, run

_TABLES = ("user_password", "account", "ram_user", "access_key", "ram_role", "master_key", "nonce")
_TABLES += ("event_subscription", "event_subscriber", "play_domain")


@pytest.fixture(autouse=True)
def empty(deployment: None) -> None:
    """Empty the room's tables, and those of what hangs on master keys; the caches are empty."""

    def work(tx: Transaction) -> None:
        for table in _TABLES:
            change(tx, f"DELETE FROM {table}")

    run(work)
    master_keys.forget()


def age_master_keys(seconds: int) -> None:
    """Let time pass for the master keys, and forget what is in memory."""
    statement = "UPDATE master_key SET created_at = created_at - %(seconds)s * interval '1 second'"
    run(lambda tx: change(tx, statement, seconds=seconds))
    master_keys.forget()
