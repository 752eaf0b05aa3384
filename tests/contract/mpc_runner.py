"""Tries one operation of MPC with all that the facts say of it, and reports what was seen."""

from dataclasses import dataclass, field

from chalicelib.apis.protocol.huawei_rest.dispatch import load_product
from chalicelib.apis.protocol.huawei_rest.projects import project_id
from tests.contract.mpc_facts import Case, Operation, cases, operations
from tests.contract.mpc_requests import UNKNOWN, Request, requests_of, violated
from tests.contract.mpc_world import MpcWorld

PRODUCT = load_product("chalicelib.apis.huawei_mpc")
INVALID = "MPC.10202"

_AS_THE_SOURCE = "the manual has it corrected to 0, as the source has it"
_TO_FIVE = "the manual has it corrected to 5"
# Violations that are let pass on purpose, by the end of the parameter's path.
DEPARTURES: dict[tuple[str, str], str] = {
    **{
        (f"{holder}.frame_rate", kind): _AS_THE_SOURCE
        for holder in ("video", "video_common")
        for kind in ("too large", "too small", "between")
    },
    ("output_param.segment_duration", "too large"): _TO_FIVE,
    ("output_param.segment_duration", "too small"): _TO_FIVE,
}
# Parameters of the manual that have no meaning.
IGNORED = {("CreateWatermarkTemplate", "template_id"): "the new template has another"}

# Right requests that cannot succeed here, with what they are answered.
DECLINED = {
    "RetryRemuxTask": "MPC.10211",
    "DeleteRemuxTaskRecord": "MPC.10211",
    "DeleteTranscodingTaskRecord": "MPC.10211",
    "SetAgency": "MPC.10224",
}

_GROUP = requests_of(operations()["UpdateTemplateGroup"])[0]
# Requests that provoke the error that an operation's section prints: the last one is answered so.
PROVOKING: dict[tuple[str, str], tuple[Request, ...]] = {
    ("DeleteTranscodingTemplate", "MPC.10212"): ({"template_id": UNKNOWN},),
    ("ListTranscodingTemplates", "MPC.10212"): ({"template_id": UNKNOWN},),
    ("ListTemplateGroups", "MPC.10212"): ({"group_id": UNKNOWN},),
    ("UpdateTemplateGroup", "MPC.10212"): ({**_GROUP, "group_id": UNKNOWN},),
    ("DeleteTemplateGroup", "MPC.10212"): ({"group_id": UNKNOWN},),
    ("DeleteWatermarkTemplate", "MPC.10212"): ({"template_id": UNKNOWN},),
    ("ListThumbnailTasks", "MPC.10212"): ({"task_id": UNKNOWN},),
    ("CancelTranscodingTask", "MPC.10212"): ({"task_id": "{running transcoding}"},),
    ("DeleteTranscodingTaskRecord", "MPC.10213"): ({"task_id": "{transcoding}"},),
    ("RetryRemuxTask", "MPC.10212"): ({"task_id": "{remux}"},),
    ("DeleteRemuxTaskRecord", "MPC.10211"): ({"task_id": UNKNOWN},),
    ("CancelExtractMetadataTask", "MPC.10212"): ({"task_id": "{running metadata}"},),
    ("SetBucketAuthority", "MPC.10209"): ({"bucket": "no-such-bucket-here", "operation": "1"},),
    ("ListBucketObjects", "MPC.10209"): ({"bucket": "{gone}"},),
    ("SetAgency", "MPC.10223"): ({"operate_type": "CREATED"},) * 2,
}
_WRONG_PROJECT = "MPC.10208"


@dataclass
class Report:
    """What was tried of an operation. ``problems`` is empty when all is as the facts say."""

    operation: Operation
    refused: list[Case] = field(default_factory=list)
    departures: list[str] = field(default_factory=list)
    provoked: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def built() -> list[str]:
    """The operations of the product, in the manual's order."""
    return [name for name in operations() if name in PRODUCT.actions]


def examine(world: MpcWorld, name: str) -> Report:
    """Try everything."""
    report = Report(operations()[name])
    _parameters_are_known(report)
    _violations(world, report)
    _right_requests(world, report)
    _printed_errors(world, report)
    world.forget()
    return report


def departure(operation: Operation, case: Case) -> str | None:
    """Why this violation is not refused, if that is on purpose."""
    ignored = IGNORED.get((operation.name, case.path))
    ends = (
        reason
        for (end, kind), reason in DEPARTURES.items()
        if kind == case.kind and case.path.endswith(end)
    )
    return ignored or next(ends, None)


def _parameters_are_known(report: Report) -> None:
    known = PRODUCT.find(report.operation.name).model_fields
    for path in report.operation.parameters:
        name = path.split(".")[0].removesuffix("[]")
        if name not in known and (report.operation.name, name) not in IGNORED:
            report.problems.append(f"the parameter {name} is not known")


def _violations(world: MpcWorld, report: Report) -> None:
    operation = report.operation
    for case in cases(operation):
        reason = departure(operation, case)
        if reason is not None:
            report.departures.append(f"{case}: {reason}")
            continue
        request = violated(requests_of(operation), case)
        if request is None:
            report.problems.append(f"{case}: no request has a place for it")
            continue
        status, body = world.ask(operation, request)
        if (status, body.get("error_code")) == (operation.failure, INVALID):
            report.refused.append(case)
        else:
            report.problems.append(f"{case}: {status} {body}"[:300])
    if report.refused and INVALID in operation.errors:
        report.provoked.add(INVALID)


def _right_requests(world: MpcWorld, report: Report) -> None:
    operation = report.operation
    expected = (operation.success, None)
    if operation.name in DECLINED:
        expected = (operation.failure, DECLINED[operation.name])
    for request in requests_of(operation):
        status, body = world.ask(operation, request)
        if (status, body.get("error_code")) != expected:
            report.problems.append(f"a right request: {status} {body}"[:400])
        world.forget()


def _printed_errors(world: MpcWorld, report: Report) -> None:
    operation = report.operation
    for code in set(operation.errors) - {INVALID}:
        requests = PROVOKING.get((operation.name, code), ())
        if code == _WRONG_PROJECT:
            foreign = project_id("somebody else")
            status, body = world.ask(operation, requests_of(operation)[0], foreign)
        elif requests:
            *_, (status, body) = [world.ask(operation, request) for request in requests]
        else:
            continue
        if (status, body.get("error_code")) == (operation.failure, code):
            report.provoked.add(code)
        else:
            report.problems.append(f"for {code}: {status} {body}"[:300])
