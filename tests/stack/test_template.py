"""infra/template.yaml: valid for AWS, and what it promises is what it says."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from chalicelib.settings import Settings
from local.environment import from_outputs
from local.infrastructure import TEMPLATE

QUEUES = ("StorageEvents", "QuickJobs", "HeavyJobs", "Deliveries", "Pulls")


@pytest.fixture(scope="module")
def template() -> Any:
    return cfn_yaml.load(str(TEMPLATE))


def of_type(template: Any, kind: str) -> dict[str, Any]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def statements(template: Any, role: str) -> list[Any]:
    policies = of_type(template, "AWS::IAM::Role")[role]["Policies"]
    given = [policy["Fn::If"][1] if "Fn::If" in policy else policy for policy in policies]
    return [s for policy in given for s in policy["PolicyDocument"]["Statement"]]


def actions(statement: Any) -> list[str]:
    named = statement["Action"]
    return [named] if isinstance(named, str) else list(named)


def test_cfn_lint_has_nothing_to_say() -> None:
    linter = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_queue_has_dead_letters_that_are_kept_and_watched(template: Any) -> None:
    queues = of_type(template, "AWS::SQS::Queue")
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    assert set(queues) == {f"{q}Queue" for q in QUEUES} | {f"{q}DeadLetters" for q in QUEUES}
    for name in QUEUES:
        redrive = queues[f"{name}Queue"]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}
        assert redrive["maxReceiveCount"] == (5 if name == "StorageEvents" else 10)
        assert queues[f"{name}DeadLetters"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        watched = alarms[f"{name}Alarm"]["Dimensions"][0]["Value"]
        assert watched == {"Fn::GetAtt": [f"{name}DeadLetters", "QueueName"]}
        assert alarms[f"{name}Alarm"]["Threshold"] == 0
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())


def test_what_cannot_be_made_again_is_never_deleted_with_the_stack(template: Any) -> None:
    for name in ("MediaBucket", "SecretsKey"):
        resource = template["Resources"][name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_bucket_is_private_encrypted_and_forgets_abandoned_uploads(template: Any) -> None:
    bucket = of_type(template, "AWS::S3::Bucket")["MediaBucket"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    abandoned = rules.pop("abort-abandoned-uploads")
    assert abandoned["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert "ExpirationInDays" not in abandoned
    # Nothing expires but what work in progress leaves behind.
    assert {rule["Prefix"] for rule in rules.values()} == {"work/"}


def test_only_the_media_bucket_may_write_into_its_queue(template: Any) -> None:
    (policy,) = of_type(template, "AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    bucket = of_type(template, "AWS::S3::Bucket")["MediaBucket"]["BucketName"]["Fn::Sub"]
    source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert source == f"arn:${{AWS::Partition}}:s3:::{bucket}"
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"}
    }


def test_no_role_may_do_everything_or_touch_everything(template: Any) -> None:
    for role in of_type(template, "AWS::IAM::Role"):
        for statement in statements(template, role):
            if statement["Effect"] == "Deny":
                continue
            # The names of all buckets are not to be had otherwise.
            if actions(statement) != ["s3:ListAllMyBuckets"]:
                assert statement["Resource"] != "*", role
            # One wildcard is wanted: a batch of SendMessage.
            assert all("*" not in a or a == "sqs:SendMessage*" for a in actions(statement)), role


def test_an_upload_credential_can_write_parts_and_nothing_else(template: Any) -> None:
    (statement,) = statements(template, "UploadRole")
    assert set(actions(statement)) == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    }
    trust = of_type(template, "AWS::IAM::Role")["UploadRole"]["AssumeRolePolicyDocument"]
    (trusted,) = trust["Statement"]
    assert trusted["Principal"] == {"AWS": {"Fn::GetAtt": ["ApiRole", "Arn"]}}


def test_a_credential_for_files_can_be_cut_by_those_alone_who_work_on_files(template: Any) -> None:
    denied, looking, working = statements(template, "ProcessingFilesRole")
    assert (denied["Effect"], denied["Action"]) == ("Deny", "s3:*")
    assert denied["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::openvod-*"}
    for statement in (looking, working):
        account = statement["Condition"]["StringEquals"]
        assert account == {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}
    trust = of_type(template, "AWS::IAM::Role")["ProcessingFilesRole"]["AssumeRolePolicyDocument"]
    (trusted,) = trust["Statement"]
    roles = [{"Fn::GetAtt": [f"{name}Role", "Arn"]} for name in ("Api", "MediaWorker")]
    assert trusted["Principal"] == {"AWS": roles}
    # Without a word of the operator's no further bucket can be reached.
    assert template["Parameters"]["FileBucketArns"]["Default"] == ""


def test_the_outputs_fill_every_setting_that_names_a_resource(template: Any) -> None:
    outputs = {name: f"value of {name}" for name in template["Outputs"]}
    filled = from_outputs(outputs)
    for name, value in filled.items():
        assert name.removeprefix("OPENVOD_").lower() in Settings.model_fields
        output = value.removeprefix("value of ")
        assert template["Outputs"][output]["Description"] == name
    resources = {"media_bucket", "upload_role_arn", "files_role_arn", "kms_key_id"}
    resources |= {name for name in Settings.model_fields if name.endswith("_queue_url")}
    assert {name.removeprefix("OPENVOD_").lower() for name in filled} == resources
