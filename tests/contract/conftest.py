"""One deployment and one filled account for all of the contract's tests."""

import secrets
from collections.abc import Iterator

import pytest

from chalicelib.settings import settings
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
        yield make_world(str(10**15 + secrets.randbelow(10**15)))
    settings.cache_clear()


@pytest.fixture(scope="module")
def shapes() -> Iterator[Shapes]:
    """The official SDK's models."""
    models = Shapes()
    yield models
    models.close()
