"""Tries one action with everything that the facts say of it, and reports what was seen."""

from dataclasses import dataclass, field

from chalicelib.apis.registry import load_product
from tests.contract import documents, facts, scenarios
from tests.contract.cases import cases, departure, is_expected
from tests.contract.facts import Action
from tests.contract.inside import InnerCase, inner_cases, inner_departure, prefix_for
from tests.contract.scenarios import GENERIC, SCENARIOS
from tests.contract.shapes import Shapes
from tests.contract.world import World

PRODUCT = load_product("chalicelib.apis.aliyun_vod")

# Parameters of the manual that actions take without any effect, and do not even name.
IGNORED: dict[str, str] = {}


@dataclass
class Report:
    """What was tried of an action. ``problems`` is empty when all is as the facts say."""

    action: Action
    refused: set[str] = field(default_factory=set)
    refused_inside: set[str] = field(default_factory=set)
    departures: list[str] = field(default_factory=list)
    provoked: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def built() -> list[str]:
    """The actions that are both in the facts and in the product, in the manual's order."""
    known = facts.actions()
    names = [name for name in PRODUCT.actions if name in known]
    return sorted(names, key=lambda name: [int(part) for part in known[name].section.split(".")])


def examine(world: World, shapes: Shapes, name: str) -> Report:
    """Try everything."""
    report = Report(facts.actions()[name])
    _parameters_are_known(report)
    _violations(world, report)
    _violations_inside(world, report)
    _good_requests(world, shapes, report)
    _errors(world, report)
    return report


def _parameters_are_known(report: Report) -> None:
    found = PRODUCT.find(report.action.name)
    assert found is not None
    for name in report.action.request:
        if name not in found.model_fields and name not in IGNORED:
            report.problems.append(f"the parameter {name} is not known")


def _violations(world: World, report: Report) -> None:
    action = report.action
    parameters = scenarios.base(world, action)
    for case in cases(action):
        reason = departure(action, case)
        if reason is not None:
            report.departures.append(f"{case.parameter} ({case.kind}): {reason}")
            continue
        status, body = world.ask(action.name, case.applied_to(parameters))
        if is_expected(case, action, status, body.get("Code", "")):
            report.refused.add(f"{case.parameter} {case.kind}")
        else:
            report.problems.append(f"{case.parameter} {case.kind}: {status} {body}"[:300])


def _violations_inside(world: World, report: Report) -> None:
    """Violations in documents, each of which is first shown to be accepted without one."""
    action = report.action
    makers = documents.of(action, lambda of: scenarios.base(of, action))
    bases: dict[str, dict[str, str]] = {}
    for prefix, make in makers.items():
        bases[prefix] = make(world)
        status, body = world.ask(action.name, bases[prefix])
        if status != 200:
            report.problems.append(f"the document for {prefix}: {status} {body}"[:400])
    for case in inner_cases(action):
        prefix = prefix_for(case.path, makers)
        reason = inner_departure(action, case)
        if prefix is not None:
            _violate_inside(world, report, case, prefix, bases[prefix])
        elif reason is not None:
            report.departures.append(f"{case.path} ({case.kind}): {reason}")
        else:
            report.problems.append(f"no document has a place for {case.path}")
    world.drop_spare_groups()


def _violate_inside(
    world: World, report: Report, case: InnerCase, prefix: str, base: dict[str, str]
) -> None:
    action = report.action
    reason = inner_departure(action, case)
    try:
        parameters = case.applied_to(base, prefix)
    except LookupError:
        report.problems.append(f"the document for {prefix} has no {case.path}")
        return
    status, body = world.ask(action.name, parameters)
    refused = status == 400 or (status == 404 and body["Code"] in action.errors)
    if refused and reason is None:
        report.refused_inside.add(f"{case.path} {case.kind}")
    elif status == 200 and reason is not None:
        report.departures.append(f"{case.path} ({case.kind}): {reason}")
    else:
        report.problems.append(f"{case.path} {case.kind}: {status} {body}"[:300])


def _good_requests(world: World, shapes: Shapes, report: Report) -> None:
    action = report.action
    scenario = SCENARIOS.get(action.name)
    makers = scenario.good if scenario and scenario.good else ()
    # Made one after the other: what one request deletes, the next one makes again.
    asked = [(make, world.admin) for make in makers or (lambda of: scenarios.base(of, action),)]
    asked += [(make, world.reader) for make in (scenario.limited if scenario else ())]
    for make, key in asked:
        parameters = make(world)
        status, body = world.ask(action.name, parameters, key)
        if status != 200:
            report.problems.append(f"a good request {parameters}: {status} {body}"[:400])
            continue
        report.problems += shapes.problems(action.name, body)
        report.seen |= set(facts.filled(body)) & set(action.fields())
    for name in action.fields():
        if action.is_documented(name) and name not in report.seen:
            if scenarios.not_filled(action, name) is None:
                report.problems.append(f"nothing fills {name}")
        elif scenarios.not_filled(action, name) is not None:
            report.problems.append(f"{name} is filled after all")


def _errors(world: World, report: Report) -> None:
    action = report.action
    scenario = SCENARIOS.get(action.name)
    own = scenario.errors if scenario else {}
    for code, status in action.errors.items():
        if scenarios.not_provoked(action, code):
            continue
        if code in own:
            answer = own[code](world)
        elif code in GENERIC:
            answer = GENERIC[code](world, action)
        else:
            answer = None
        if answer is None:
            report.problems.append(f"nothing provokes {code}")
        elif (answer[0], answer[1].get("Code")) == (status, code):
            report.provoked.add(code)
        else:
            report.problems.append(f"for {code} {status}: {answer[0]} {answer[1]}"[:300])
