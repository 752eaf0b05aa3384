"""Every action does what the manual and the official SDK say of it (generated from the facts)."""

import pytest

from tests.contract.runner import Report, built, examine
from tests.contract.shapes import Shapes
from tests.contract.world import World


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {}


@pytest.mark.parametrize("name", built())
def test_action(world: World, shapes: Shapes, reports: dict[str, Report], name: str) -> None:
    reports[name] = examine(world, shapes, name)
    assert not reports[name].problems, "\n".join(reports[name].problems)
