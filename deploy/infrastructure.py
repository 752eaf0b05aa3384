"""The infrastructure: applies the templates of ``infra/`` to a stage and reads their outputs."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from deploy.errors import DeployError
from deploy.stages import PROJECT, Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

TEMPLATE = PROJECT / "infra" / "template.yaml"
_SECONDS = 1800.0
# A stack whose creation failed can only be deleted.
_DEAD = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


@dataclass(frozen=True)
class Stack:
    """A stack as it is wanted."""

    name: str
    is_emulated: bool
    body: str
    parameters: dict[str, str]


def stack_of(stage: Stage) -> Stack:
    """Buckets, queues, keys, database and roles."""
    parameters = {
        "Stage": stage.name,
        "Database": "given" if stage.database_url else "dsql",
        "AlarmTopicArn": stage.alarm_topic_arn,
        "FileBucketArns": stage.file_bucket_arns,
        "Tracing": "on" if stage.tracing else "off",
    }
    return Stack(stage.stack_name, stage.is_emulated, TEMPLATE.read_text("utf-8"), parameters)


def apply(wanted: Stack) -> tuple[dict[str, str], bool]:
    """Create or update a stack and wait; returns its outputs and whether anything changed.

    Raises DeployError with CloudFormation's reasons.
    """
    client = boto3.client("cloudformation")
    stack = _wait(client, wanted)
    if stack is not None and stack["StackStatus"] in _DEAD:
        client.delete_stack(StackName=wanted.name)
        stack = _wait(client, wanted)
    changed = _create(client, wanted) if stack is None else _update(client, wanted)
    before = stack["StackStatus"] if stack else ""
    stack = _wait(client, wanted)
    status = stack["StackStatus"] if stack else "none"
    failed = status not in _GOOD or (changed and status == "UPDATE_ROLLBACK_COMPLETE" != before)
    if stack is None or failed:
        raise DeployError(f"the stack {wanted.name} is {status}: {_reasons(client, wanted)}")
    return outputs_of(stack), changed


def outputs(name: str) -> dict[str, str] | None:
    """The outputs of a stack that is there, else None."""
    stack = _describe(boto3.client("cloudformation"), name)
    return outputs_of(stack) if stack else None


def outputs_of(stack: "StackTypeDef") -> dict[str, str]:
    """Outputs by key."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def settings_from(values: dict[str, str]) -> dict[str, str]:
    """The environment variables that outputs hold: the template's descriptions name them."""
    named = {
        "MediaBucketName": "OPENVOD_MEDIA_BUCKET",
        "UploadRoleArn": "OPENVOD_UPLOAD_ROLE_ARN",
        "ProcessingFilesRoleArn": "OPENVOD_FILES_ROLE_ARN",
        "SecretsKeyId": "OPENVOD_KMS_KEY_ID",
        "QuickJobsQueueUrl": "OPENVOD_QUICK_JOBS_QUEUE_URL",
        "HeavyJobsQueueUrl": "OPENVOD_HEAVY_JOBS_QUEUE_URL",
        "DeliveriesQueueUrl": "OPENVOD_DELIVERIES_QUEUE_URL",
        "PullsQueueUrl": "OPENVOD_PULLS_QUEUE_URL",
        "DatabaseEndpoint": "OPENVOD_DSQL_ENDPOINT",
    }
    return {variable: values[key] for key, variable in named.items() if key in values}


def delete(unwanted: Stack) -> None:
    """Delete a stack and wait; what the template retains stays. Raises DeployError."""
    client = boto3.client("cloudformation")
    if _wait(client, unwanted) is None:
        return
    client.delete_stack(StackName=unwanted.name)
    left = _wait(client, unwanted)
    if left is not None:
        raise DeployError(
            f"the stack {unwanted.name} is {left['StackStatus']}: {_reasons(client, unwanted)}"
        )


def _parameters(stack: Stack) -> list["ParameterTypeDef"]:
    return [
        {"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()
    ]


def _create(client: "CloudFormationClient", stack: Stack) -> bool:
    client.create_stack(
        StackName=stack.name,
        TemplateBody=stack.body,
        Parameters=_parameters(stack),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    return True


def _update(client: "CloudFormationClient", stack: Stack) -> bool:
    try:
        client.update_stack(
            StackName=stack.name,
            TemplateBody=stack.body,
            Parameters=_parameters(stack),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


def _describe(client: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    try:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _wait(client: "CloudFormationClient", wanted: Stack) -> "StackTypeDef | None":
    """The stack when nothing is under way on it; this is also how a broken-off run goes on."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        stack = _describe(client, wanted.name)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(0.2 if wanted.is_emulated else 5)
    raise DeployError(f"the stack {wanted.name} was not finished within {_SECONDS:.0f} s")


def _reasons(client: "CloudFormationClient", stack: Stack) -> str:
    events = client.describe_stack_events(StackName=stack.name)["StackEvents"]
    failed = [
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
        for event in events
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return "; ".join(failed[:5]) or "CloudFormation gives no reason"
