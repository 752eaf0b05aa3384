"""One deployment and one filled account for all of the contract's tests."""

import secrets
from collections.abc import Iterator

import pytest

from chalicelib.settings import settings
from chalicelib.store import database
from tests.contract.shapes import Shapes
from tests.contract.world import World, make_world
from tests.pipeline.conftest import deployment as deployment


@pytest.fixture(scope="module")
def world(deployment: dict[str, str]) -> Iterator[World]:
    """An account with everything in it that the scenarios speak of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVOD_RATE_LIMITS", "false")
        # Pulls from here are submitted; nothing runs them.
        patch.setenv("OPENVOD_PULL_PRIVATE_SOURCES", "127.0.0.0/8")
        settings.cache_clear()
        account_id = str(10**15 + secrets.randbelow(10**15))
        yield make_world(account_id)
        # Tests of the master keys count what hangs on them.
        for table in ("access_key", "event_subscription"):
            statement = f"DELETE FROM {table} WHERE account_id = %(account_id)s"
            database.run(
                lambda tx, text=statement: database.change(tx, text, account_id=account_id)
            )
    settings.cache_clear()


@pytest.fixture(scope="module")
def shapes() -> Iterator[Shapes]:
    """The official SDK's models."""
    models = Shapes()
    yield models
    models.close()
