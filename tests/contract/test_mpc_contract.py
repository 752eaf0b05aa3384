"""Every operation of MPC does what the manual says of it (generated from the facts)."""

import os
import secrets

import pytest

from chalicelib.apis.huawei_mpc.catalog import ROUTES
from chalicelib.apis.huawei_mpc.codes import CODES
from tests.contract import mpc_coverage
from tests.contract.mpc_facts import operations
from tests.contract.mpc_runner import Report, built, examine
from tests.contract.mpc_world import MpcWorld, make_world


class Reports(dict[str, Report]):
    """What was seen of each operation, tried when it is first asked for."""

    def __init__(self, world: MpcWorld) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, name: str) -> Report:
        report = self[name] = examine(self._world, name)
        return report


@pytest.fixture(scope="module")
def reports(deployment: dict[str, str]) -> Reports:
    return Reports(make_world(str(10**15 + secrets.randbelow(10**15))))


@pytest.mark.parametrize("name", built())
def test_the_operation_keeps_its_contract(reports: Reports, name: str) -> None:
    problems = reports[name].problems
    assert not problems, "\n".join(problems)


def test_every_operation_is_where_the_manual_has_it() -> None:
    known = {
        name: (one.method, one.path, one.success, one.failure) for name, one in operations().items()
    }
    routes = {
        name: (route.method, route.path, route.success, route.failure)
        for name, route in ROUTES.items()
    }
    assert routes == known


def test_there_are_the_manuals_codes() -> None:
    assert len(CODES) == 147
    assert {code for one in operations().values() for code in one.errors} <= CODES.keys()


def test_the_published_coverage_is_current(reports: Reports) -> None:
    page = mpc_coverage.table([reports[name] for name in built()])
    if os.environ.get("OPENVOD_PUBLISH_COVERAGE"):
        mpc_coverage.PUBLISHED.write_text(page, "utf-8")
    assert mpc_coverage.PUBLISHED.read_text("utf-8") == page, "make coverage-table"
