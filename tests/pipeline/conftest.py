"""A deployment for the pipeline's tests: the infrastructure template applied to the emulator."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.identity import master_keys
from chalicelib.settings import settings
from chalicelib.store import aws, bucket_access, database
from tests.sources import SourceServer, serving_sources

_TEMPLATE = Path(__file__).parents[2] / "infra" / "template.yaml"
_CLIENTS = (aws.s3, aws.sqs, aws.sts, aws.kms)


@pytest.fixture(scope="module")
def deployment(database_url: str, ministack_endpoint: str) -> Iterator[dict[str, str]]:
    """Settings of a deployment with its own bucket and queues; its stack's outputs."""
    stage = f"t{secrets.token_hex(4)}"
    formation = boto3.client("cloudformation")
    formation.create_stack(
        StackName=f"openvod-{stage}",
        TemplateBody=_TEMPLATE.read_text(),
        Parameters=[
            {"ParameterKey": "Stage", "ParameterValue": stage},
            {"ParameterKey": "FileBucketArns", "ParameterValue": "arn:aws:s3:::*"},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    formation.get_waiter("stack_create_complete").wait(
        StackName=f"openvod-{stage}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    described = formation.describe_stacks(StackName=f"openvod-{stage}")["Stacks"][0]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in described["Outputs"]}
    _let_tests_cut_credentials(stage)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "OPENVOD_STAGE": stage,
            "OPENVOD_DATABASE_URL": database_url,
            "OPENVOD_MEDIA_BUCKET": outputs["MediaBucketName"],
            "OPENVOD_UPLOAD_ROLE_ARN": outputs["UploadRoleArn"],
            "OPENVOD_FILES_ROLE_ARN": outputs["ProcessingFilesRoleArn"],
            "OPENVOD_FILE_BUCKETS": "*",
            "OPENVOD_KMS_KEY_ID": outputs["SecretsKeyId"],
            "OPENVOD_QUICK_JOBS_QUEUE_URL": outputs["QuickJobsQueueUrl"],
            "OPENVOD_HEAVY_JOBS_QUEUE_URL": outputs["HeavyJobsQueueUrl"],
            "OPENVOD_DELIVERIES_QUEUE_URL": outputs["DeliveriesQueueUrl"],
            "OPENVOD_PULLS_QUEUE_URL": outputs["PullsQueueUrl"],
            "OPENVOD_PULL_PRIVATE_SOURCES": "127.0.0.0/8",
            "OPENVOD_STORAGE_ENDPOINT": ministack_endpoint,
            "OPENVOD_JOB_LEASE_SECONDS": "4",
            "OPENVOD_LOST_UPLOAD_SECONDS": "1",
        }.items():
            patch.setenv(name, value)
        _forget()
        # This deployment's KMS key opens its own master keys alone, and nobody else's opens them.
        _drop_master_keys()
        yield outputs
        _drop_master_keys()
    _forget()


@pytest.fixture(autouse=True)
def _no_jobs_left(deployment: dict[str, str]) -> Iterator[None]:
    """Workers take the first job of a queue, so a test must not find those of another."""
    yield
    database.run(lambda tx: database.change(tx, "DELETE FROM job"))


def _let_tests_cut_credentials(stage: str) -> None:
    """Single functions' roles may cut credentials for uploads and further buckets. These tests play
    all functions in one process, under the root key; the stack's own tests run each under its role.
    """
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    for role in ("upload", "files"):
        boto3.client("iam").update_assume_role_policy(
            RoleName=f"openvod-{stage}-{role}",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )


def _drop_master_keys() -> None:
    database.run(lambda tx: database.change(tx, "DELETE FROM master_key"))
    master_keys.forget()


def _forget() -> None:
    settings.cache_clear()
    for client in _CLIENTS:
        client.cache_clear()
    bucket_access.forget_clients()
    master_keys.forget()
    database.close()


@pytest.fixture(scope="module")
def server() -> Iterator[SourceServer]:
    """A server of sources to pull from."""
    with serving_sources() as running:
        yield running


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets settings for one test."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"OPENVOD_{name.upper()}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()
