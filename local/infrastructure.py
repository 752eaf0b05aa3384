"""Applies the CloudFormation template to the emulator."""

import hashlib
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from local.errors import StackError
from local.layout import PROJECT, STACK_NAME, STAGE, Layout

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

TEMPLATE = PROJECT / "infra" / "template.yaml"
# Workers here renew a message while they work on it, so a dead worker's message is back soon.
_PARAMETERS: list["ParameterTypeDef"] = [
    {"ParameterKey": "Stage", "ParameterValue": STAGE},
    {"ParameterKey": "Edge", "ParameterValue": "embedded"},
    {"ParameterKey": "FileBucketArns", "ParameterValue": "arn:aws:s3:::*"},
    {"ParameterKey": "HeavyJobsVisibilityTimeout", "ParameterValue": "120"},
]
_CAPABILITIES: list["CapabilityType"] = ["CAPABILITY_NAMED_IAM"]
_FINISHED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_SECONDS = 60


def fingerprint() -> str:
    """Changes when the template or its parameters do."""
    return hashlib.sha256(TEMPLATE.read_bytes() + repr(_PARAMETERS).encode()).hexdigest()


def apply(layout: Layout, settled_fingerprint: str) -> tuple[dict[str, str], bool]:
    """Make the infrastructure what the template says.

    Returns the stack's outputs, and whether the emulator has to be settled. Runs with the
    emulator's root credentials. Raises StackError with the emulator's reason.
    """
    try:
        return _apply(layout, settled_fingerprint)
    except ClientError as error:
        raise StackError(f"{TEMPLATE.name} could not be applied: {error}") from error


def _apply(layout: Layout, settled_fingerprint: str) -> tuple[dict[str, str], bool]:
    client = boto3.client("cloudformation")
    stack = _describe(client)
    changed = True
    if stack is None:
        client.create_stack(
            StackName=STACK_NAME,
            TemplateBody=TEMPLATE.read_text("utf-8"),
            Parameters=_PARAMETERS,
            Capabilities=_CAPABILITIES,
        )
    elif settled_fingerprint != fingerprint():
        _update(client)
    else:
        changed = False
    stack = _finished(client)
    outputs = {
        output["OutputKey"]: _with_present_port(output["OutputValue"], layout)
        for output in stack.get("Outputs", [])
    }
    return outputs, changed


def _describe(client: "CloudFormationClient") -> "StackTypeDef | None":
    try:
        return client.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise


def _update(client: "CloudFormationClient") -> None:
    try:
        client.update_stack(
            StackName=STACK_NAME,
            TemplateBody=TEMPLATE.read_text("utf-8"),
            Parameters=_PARAMETERS,
            Capabilities=_CAPABILITIES,
        )
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise


def _finished(client: "CloudFormationClient") -> "StackTypeDef":
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        stack = _describe(client)
        if stack is not None and not stack["StackStatus"].endswith("_IN_PROGRESS"):
            if stack["StackStatus"] in _FINISHED:
                return stack
            raise StackError(f"{TEMPLATE.name} could not be applied: {_reason(client)}")
        time.sleep(0.05)
    raise StackError(f"{TEMPLATE.name} was not applied within {_SECONDS} s")


def _reason(client: "CloudFormationClient") -> str:
    events = client.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    reasons = [
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
        for event in events
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return "; ".join(reversed(reasons)) or "the emulator gives no reason"


def _with_present_port(value: str, layout: Layout) -> str:
    """Queue URLs keep the port they were made on; the stack may run on another one today."""
    url = urlsplit(value)
    if url.scheme != "http":
        return value
    return url._replace(netloc=urlsplit(layout.emulator_url).netloc).geturl()
