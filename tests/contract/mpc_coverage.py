"""The table of what MPC's contract tests have covered: ``docs/coverage-huawei.md``."""

from collections.abc import Sequence
from pathlib import Path

from tests.contract.mpc_facts import cases
from tests.contract.mpc_runner import Report

PUBLISHED = Path(__file__).parents[2] / "docs" / "coverage-huawei.md"

_HEAD = """# What the contract tests of Huawei MPC cover

Made by `make coverage-table` from what the tests have seen; `make test` fails when it is not
current. For each operation: its parameters by the manual, those inside of others included; the
requests with one violation that were refused with MPC.10202 and the operation's status (a required
parameter left out, a value out of its limits or its enumeration, a value of another type); the
errors that its section prints that were provoked. Answers and outputs are held to the SDK's models
and to the request by the tests that use it (`tests/sdk/test_mpc_*.py`).

| section | operation | parameters | violations refused | errors provoked |
| --- | --- | --- | --- | --- |
"""


def table(reports: Sequence[Report]) -> str:
    """The whole page."""
    rows = "".join(_row(report) for report in reports)
    refused = sum(len(report.refused) for report in reports)
    departures = "".join(
        f"- {report.operation.name}: {departure}\n"
        for report in reports
        for departure in report.departures
    )
    missing = "".join(_not_provoked(report) for report in reports) or "None.\n"
    return (
        f"{_HEAD}{rows}\n{len(reports)} operations; {refused} violations refused.\n"
        f"\n## Violations that are let pass on purpose\n\n{departures}"
        f"\n## Printed errors that nothing here provokes\n\n{missing}"
    )


def _row(report: Report) -> str:
    operation = report.operation
    counts = (
        str(len(operation.parameters)),
        f"{len(report.refused)}/{len(cases(operation))}",
        f"{len(report.provoked)}/{len(operation.errors)}",
    )
    return f"| {operation.section} | {operation.name} | {' | '.join(counts)} |\n"


def _not_provoked(report: Report) -> str:
    codes = sorted(set(report.operation.errors) - report.provoked)
    return f"- {report.operation.name}: {', '.join(codes)}\n" if codes else ""
