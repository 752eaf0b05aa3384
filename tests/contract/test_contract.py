"""Every action does what the manual and the official SDK say of it (generated from the facts)."""

import os

import pytest

from chalicelib.apis.aliyun_vod.rate_limits import RATE_LIMITS
from chalicelib.identity.call_rates import CallRate
from tests.contract import coverage, facts, isolation
from tests.contract.runner import PRODUCT, Report, built, examine
from tests.contract.shapes import Shapes
from tests.contract.world import World

_SECONDS = {"second": 1, "day": 24 * 3600}


class Reports(dict[str, Report]):
    """What was seen of each action, tried when it is first asked for."""

    def __init__(self, world: World, shapes: Shapes) -> None:
        super().__init__()
        self._world, self._shapes = world, shapes

    def __missing__(self, name: str) -> Report:
        report = self[name] = examine(self._world, self._shapes, name)
        return report


@pytest.fixture(scope="module")
def reports(world: World, shapes: Shapes) -> Reports:
    return Reports(world, shapes)


@pytest.mark.parametrize("name", built())
def test_the_action_keeps_its_contract(reports: Reports, name: str) -> None:
    problems = reports[name].problems
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", built())
def test_the_action_keeps_applications_apart(world: World, name: str) -> None:
    problems = isolation.problems(world, name)
    assert not problems, "\n".join(problems)


def test_the_product_has_no_actions_that_the_manual_does_not_know() -> None:
    assert set(PRODUCT.actions) == set(built())


def test_the_rates_are_those_of_the_manual() -> None:
    assert {
        name: CallRate(calls, seconds=_SECONDS[per]) for name, (calls, per) in facts.rates().items()
    } == RATE_LIMITS


def test_the_published_coverage_is_current(reports: Reports) -> None:
    page = coverage.table([reports[name] for name in built()])
    if os.environ.get("OPENVOD_PUBLISH_COVERAGE"):
        coverage.PUBLISHED.write_text(page, "utf-8")
    assert coverage.PUBLISHED.read_text("utf-8") == page, "make coverage-table"
