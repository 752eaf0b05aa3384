"""The table of what the contract tests have covered: ``docs/coverage.md``."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.contract.cases import cases
from tests.contract.inside import inner_cases
from tests.contract.isolation import Outcome
from tests.contract.runner import Report
from tests.contract.scenarios import not_filled, not_provoked

PUBLISHED = Path(__file__).parents[2] / "docs" / "coverage.md"

_HEAD = """# What the contract tests cover

Made by `make coverage-table` from what the tests have seen; `make test` fails when it is not
current. For each action: its parameters by the manual; the requests with one violation that were
refused (a required parameter left out, a limit overstepped by one, a value out of an enumeration, a
text for a number); the same inside of JSON parameters, each violation put into a document that is
accepted without it; the documented errors that were provoked; the fields of the manual, and of the
official SDK's model, which is newer, that held a value in some answer. Every answer passed through
that model without loss. At the end of the page: who may do what to an application's media.

| section | action | parameters | refused | inside of JSON | errors | fields | SDK's fields |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


_MATRIX = """
## Two applications, and who may do what in the first

Each action was sent by a user and by the session of a role with VODAppFullAccess on the first
application (own), by a user with VODAppReadOnlyAccess on it (reader), and by a user and the
session of a role with VODAppFullAccess on the second (other). "No" stands for a refusal, or for an
answer in which the media are not there; "the account's" for actions on what belongs to all
applications, or that manage them, which have rules of their own (see
[applications.md](applications.md)). RegisterMedia works in the default application alone.

| action | own | reader | other |
| --- | --- | --- | --- |
"""


def table(examined: Sequence[tuple[Report, Outcome]]) -> str:
    """The whole page."""
    reports = [report for report, _ in examined]
    rows = "".join(_row(report) for report in reports)
    matrix = "".join(
        f"| {report.action.name} | {' | '.join(outcome.cells)} |\n" for report, outcome in examined
    )
    parts = (_totals(reports), _departures(reports), _open(reports), _MATRIX, matrix)
    return f"{_HEAD}{rows}\n{''.join(parts)}"


def _row(report: Report) -> str:
    action = report.action
    counts = (
        str(len(action.request)),
        f"{len(report.refused)}/{len(cases(action))}",
        f"{len(report.refused_inside)}/{len(inner_cases(action))}",
        f"{len(report.provoked)}/{len(action.errors)}",
        f"{len(_printed(report, report.seen))}/{len(_printed(report, action.fields()))}",
        f"{len(report.seen)}/{len(action.fields())}",
    )
    return f"| {action.section} | {action.name} | {' | '.join(counts)} |\n"


def _printed(report: Report, fields: Iterable[str]) -> list[str]:
    return [name for name in fields if report.action.is_documented(name)]


def _totals(reports: Sequence[Report]) -> str:
    actions = len(reports)
    refused = sum(len(report.refused) for report in reports)
    inside = sum(len(report.refused_inside) for report in reports)
    provoked = sum(len(report.provoked) for report in reports)
    documented = sum(len(report.action.errors) for report in reports)
    seen = sum(len(_printed(report, report.seen)) for report in reports)
    fields = sum(len(_printed(report, report.action.fields())) for report in reports)
    return (
        f"{actions} actions; {refused} violations refused, and {inside} inside of JSON parameters;"
        f" {provoked} of {documented} documented"
        f" errors provoked; {seen} of the manual's {fields} fields seen filled.\n"
    )


def _departures(reports: Sequence[Report]) -> str:
    lines = []
    for report in reports:
        by_reason: dict[str, list[str]] = {}
        for departure in report.departures:
            what, reason = departure.split(": ", 1)
            by_reason.setdefault(reason, []).append(what)
        lines += [
            f"- {report.action.name}: {', '.join(what)}: {reason}\n"
            for reason, what in by_reason.items()
        ]
    return "\n## Violations that are let pass on purpose\n\n" + "".join(lines)


def _open(reports: Sequence[Report]) -> str:
    lines = []
    for report in reports:
        action = report.action
        errors = [
            f"{code} ({not_provoked(action, code) or 'nothing provokes it'})"
            for code in action.errors
            if code not in report.provoked
        ]
        fields = [name for name in _printed(report, action.fields()) if name not in report.seen]
        if errors:
            lines.append(f"- {action.name}: errors not provoked: {', '.join(errors)}\n")
        if fields:
            reasons = [
                f"`{name}` ({not_filled(action, name) or 'nothing fills it'})" for name in fields
            ]
            lines.append(f"- {action.name}: fields never filled: {', '.join(reasons)}\n")
    return "\n## Not seen\n\n" + "".join(lines)
