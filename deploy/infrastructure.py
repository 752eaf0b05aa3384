"""The infrastructure: applies ``infra/template.yaml`` to a stage and reads its outputs."""

import time
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


def apply(stage: Stage) -> tuple[dict[str, str], bool]:
    """Create or update the stack and wait; returns its outputs and whether anything changed.

    Raises DeployError with CloudFormation's reasons.
    """
    client = boto3.client("cloudformation")
    stack = _wait(client, stage)
    if stack is not None and stack["StackStatus"] in _DEAD:
        client.delete_stack(StackName=stage.stack_name)
        stack = _wait(client, stage)
    changed = _create(client, stage) if stack is None else _update(client, stage)
    before = stack["StackStatus"] if stack else ""
    stack = _wait(client, stage)
    status = stack["StackStatus"] if stack else "none"
    failed = status not in _GOOD or (changed and status == "UPDATE_ROLLBACK_COMPLETE" != before)
    if stack is None or failed:
        raise DeployError(f"the stack {stage.stack_name} is {status}: {_reasons(client, stage)}")
    return outputs_of(stack), changed


def outputs(stage: Stage) -> dict[str, str] | None:
    """The outputs of a stack that is there, else None."""
    stack = _describe(boto3.client("cloudformation"), stage)
    return outputs_of(stack) if stack else None


def outputs_of(stack: "StackTypeDef") -> dict[str, str]:
    """Outputs by key."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def settings_from(values: dict[str, str]) -> dict[str, str]:
    """The environment variables that outputs hold: the template's descriptions name them."""
    named = {
        "MediaBucketName": "OPENVOD_MEDIA_BUCKET",
        "UploadRoleArn": "OPENVOD_UPLOAD_ROLE_ARN",
        "SecretsKeyId": "OPENVOD_KMS_KEY_ID",
        "QuickJobsQueueUrl": "OPENVOD_QUICK_JOBS_QUEUE_URL",
        "HeavyJobsQueueUrl": "OPENVOD_HEAVY_JOBS_QUEUE_URL",
        "DeliveriesQueueUrl": "OPENVOD_DELIVERIES_QUEUE_URL",
        "DatabaseEndpoint": "OPENVOD_DSQL_ENDPOINT",
    }
    return {variable: values[key] for key, variable in named.items() if key in values}


def delete(stage: Stage) -> None:
    """Delete the stack and wait; what the template retains stays. Raises DeployError."""
    client = boto3.client("cloudformation")
    if _wait(client, stage) is None:
        return
    client.delete_stack(StackName=stage.stack_name)
    left = _wait(client, stage)
    if left is not None:
        raise DeployError(
            f"the stack {stage.stack_name} is {left['StackStatus']}: {_reasons(client, stage)}"
        )


def _parameters(stage: Stage) -> list["ParameterTypeDef"]:
    values = {
        "Stage": stage.name,
        "Database": "given" if stage.database_url else "dsql",
        "AlarmTopicArn": stage.alarm_topic_arn,
        "Tracing": "on" if stage.tracing else "off",
    }
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _create(client: "CloudFormationClient", stage: Stage) -> bool:
    client.create_stack(
        StackName=stage.stack_name,
        TemplateBody=TEMPLATE.read_text("utf-8"),
        Parameters=_parameters(stage),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    return True


def _update(client: "CloudFormationClient", stage: Stage) -> bool:
    try:
        client.update_stack(
            StackName=stage.stack_name,
            TemplateBody=TEMPLATE.read_text("utf-8"),
            Parameters=_parameters(stage),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


def _describe(client: "CloudFormationClient", stage: Stage) -> "StackTypeDef | None":
    try:
        stack = client.describe_stacks(StackName=stage.stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _wait(client: "CloudFormationClient", stage: Stage) -> "StackTypeDef | None":
    """The stack when nothing is under way on it; this is also how a broken-off run goes on."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        stack = _describe(client, stage)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(0.2 if stage.is_emulated else 5)
    raise DeployError(f"the stack {stage.stack_name} was not finished within {_SECONDS:.0f} s")


def _reasons(client: "CloudFormationClient", stage: Stage) -> str:
    events = client.describe_stack_events(StackName=stage.stack_name)["StackEvents"]
    failed = [
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
        for event in events
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return "; ".join(failed[:5]) or "CloudFormation gives no reason"
