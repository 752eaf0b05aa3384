"""A deployment whose store is called as a function calls it: under the function's own role."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.settings import settings
from chalicelib.store import aws, bucket_access

_TEMPLATE = Path(__file__).parents[2] / "infra" / "template.yaml"
_CLIENTS = (aws.s3, aws.sqs, aws.sns, aws.sts, aws.kms)


def deployed(file_buckets: str) -> dict[str, str]:
    """The outputs of the template, applied with these ARNs of buckets for files."""
    stage = f"t{secrets.token_hex(4)}"
    formation = boto3.client("cloudformation")
    formation.create_stack(
        StackName=f"openvod-{stage}",
        TemplateBody=_TEMPLATE.read_text(),
        Parameters=[
            {"ParameterKey": "Stage", "ParameterValue": stage},
            {"ParameterKey": "FileBucketArns", "ParameterValue": file_buckets},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    formation.get_waiter("stack_create_complete").wait(
        StackName=f"openvod-{stage}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    described = formation.describe_stacks(StackName=f"openvod-{stage}")["Stacks"][0]
    return {item["OutputKey"]: item["OutputValue"] for item in described["Outputs"]}


@pytest.fixture(scope="module")
def infrastructure(ministack_endpoint: str) -> dict[str, str]:
    """A deployment where buckets whose names begin with "films-" are open."""
    return deployed(file_buckets="arn:aws:s3:::films-*")


@pytest.fixture
def as_worker(
    infrastructure: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Everything the store does is done with the media worker's role."""
    lent = boto3.client("sts").assume_role(
        RoleArn=infrastructure["MediaWorkerRoleArn"], RoleSessionName="worker"
    )["Credentials"]
    for name, value in {
        "AWS_ACCESS_KEY_ID": lent["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": lent["SecretAccessKey"],
        "AWS_SESSION_TOKEN": lent["SessionToken"],
        "OPENVOD_MEDIA_BUCKET": infrastructure["MediaBucketName"],
        "OPENVOD_FILES_ROLE_ARN": infrastructure["ProcessingFilesRoleArn"],
    }.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield infrastructure
    monkeypatch.undo()
    _forget()


@pytest.fixture
def make_bucket(ministack_endpoint: str) -> Any:
    """Makes a bucket as its owner does; returns its name."""
    owner = boto3.client("s3")

    def make(prefix: str) -> str:
        name = f"{prefix}-{secrets.token_hex(4)}"
        owner.create_bucket(Bucket=name)
        return name

    return make


def _forget() -> None:
    settings.cache_clear()
    aws._session.cache_clear()
    for client in _CLIENTS:
        client.cache_clear()
    bucket_access.forget_clients()
