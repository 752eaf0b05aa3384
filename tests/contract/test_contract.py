"""Every action does what the manual and the official SDK say of it (generated from the facts)."""

import os

import pytest

from chalicelib.apis.aliyun_vod.rate_limits import RATE_LIMITS
from chalicelib.identity.call_rates import CallRate
from tests.contract import coverage, facts, isolation
from tests.contract.isolation import Outcome
from tests.contract.runner import PRODUCT, Report, built, examine
from tests.contract.shapes import Shapes
from tests.contract.world import Key, World, grant, make_user

_SECONDS = {"second": 1, "day": 24 * 3600}


class Reports(dict[str, Report]):
    """What was seen of each action, tried when it is first asked for."""

    def __init__(self, world: World, shapes: Shapes) -> None:
        super().__init__()
        self._world, self._shapes = world, shapes

    def __missing__(self, name: str) -> Report:
        report = self[name] = examine(self._world, self._shapes, name)
        return report


class Outcomes(dict[str, Outcome]):
    """How each action keeps applications apart, tried when it is first asked for."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, name: str) -> Outcome:
        outcome = self[name] = isolation.examine(self._world, name)
        return outcome


@pytest.fixture(scope="module")
def outcomes(world: World) -> Outcomes:
    return Outcomes(world)


@pytest.fixture(scope="module")
def reports(world: World, shapes: Shapes) -> Reports:
    return Reports(world, shapes)


@pytest.mark.parametrize("name", built())
def test_the_action_keeps_its_contract(reports: Reports, name: str) -> None:
    problems = reports[name].problems
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", built())
def test_the_action_keeps_applications_apart(outcomes: Outcomes, name: str) -> None:
    problems = outcomes[name].problems
    assert not problems, "\n".join(problems)


def test_the_product_has_no_actions_that_the_manual_does_not_know() -> None:
    assert set(PRODUCT.actions) == set(built())


def test_the_rates_are_those_of_the_manual() -> None:
    assert {
        name: CallRate(calls, seconds=_SECONDS[per]) for name, (calls, per) in facts.rates().items()
    } == RATE_LIMITS


def test_media_move_with_all_that_finds_them(world: World) -> None:
    def move(key: Key, to: str, *ids: str) -> dict[str, list[str]]:
        wanted = {"TargetAppId": to, "ResourceType": "video", "ResourceIds": ",".join(ids)}
        status, body = world.ask("MoveAppResource", wanted, key)
        assert status == 200, body
        return {name: body[name] for name in ("FailedResourceIds", "NonExistResourceIds")}

    def found(key: Key, video: str) -> int:
        total = world.ask("SearchMedia", {"Match": f"VideoId = '{video}'"}, key)[1]["Total"]
        shown = world.ask("GetVideoInfo", {"VideoId": video}, key)[0] == 200
        assert shown is bool(total)
        return int(total)

    video, unknown = world.video(), "0" * 32
    mover = make_user(world, "mover", world.app_id, "VODAppReadOnlyAccess")
    grant(world, "mover", world.other_app_id, "VODAppFullAccess")
    refused = {"FailedResourceIds": [video], "NonExistResourceIds": [unknown]}
    assert move(mover, world.other_app_id, video, unknown) == refused
    assert (found(world.owner, video), found(world.stranger, video)) == (1, 0)
    done: dict[str, list[str]] = {"FailedResourceIds": [], "NonExistResourceIds": []}
    assert move(world.admin, world.other_app_id, video) == done
    assert (found(world.owner, video), found(world.stranger, video)) == (0, 1)
    assert move(mover, world.other_app_id, video) == done  # it is there already


def test_the_published_coverage_is_current(reports: Reports, outcomes: Outcomes) -> None:
    page = coverage.table([(reports[name], outcomes[name]) for name in built()])
    if os.environ.get("OPENVOD_PUBLISH_COVERAGE"):
        coverage.PUBLISHED.write_text(page, "utf-8")
    assert coverage.PUBLISHED.read_text("utf-8") == page, "make coverage-table"
