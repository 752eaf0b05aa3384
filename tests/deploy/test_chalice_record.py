"""What Chalice has made is recorded as it is made, so that no later run makes it twice."""

import json
from pathlib import Path

import boto3
import pytest
from chalice.deploy import models
from chalice.deploy.executor import Executor
from chalice.deploy.planner import Variable
from chalice.utils import UI

from deploy import chalice_cli
from deploy.chalice import RECORD_KEY


def _recorded(name: str, value: str) -> models.RecordResourceValue:
    return models.RecordResourceValue(
        resource_type="rest_api", resource_name=name, name="rest_api_id", value=value
    )


def test_each_thing_is_recorded_before_the_next_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kms_key_id: str
) -> None:
    del kms_key_id  # it stands for the AWS emulator that it lies in
    record, bucket = tmp_path / "dev.json", "artifacts-of-a-test"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    earlier = [
        {"name": "kept", "resource_type": "rest_api", "rest_api_id": "1"},
        {"name": "again", "resource_type": "rest_api", "rest_api_id": "2", "rest_api_url": "u"},
    ]
    record.write_text(json.dumps({"resources": earlier, "schema_version": "2.0"}))
    monkeypatch.setenv("CHALICE_DEPLOYED_FILE", str(record))
    monkeypatch.setenv("CHALICE_RECORD_BUCKET", bucket)
    monkeypatch.setattr(Executor, "_add_to_deployed_values", chalice_cli._note_and_record)
    failing = models.StoreValue(name="x", value=Variable("missing"))
    steps = [_recorded("again", "3"), _recorded("new", "4"), failing, _recorded("never", "5")]
    with pytest.raises(Exception, match="missing"):
        Executor(None, UI()).execute(models.Plan(steps, {}))
    kept = s3.get_object(Bucket=bucket, Key=RECORD_KEY)["Body"].read()
    assert json.loads(kept) == json.loads(record.read_text())
    resources = json.loads(kept)["resources"]
    assert {each["name"]: each["rest_api_id"] for each in resources} == {
        "kept": "1",
        "again": "3",
        "new": "4",
    }
    # What an update has not come to yet stays as it was.
    assert resources[1]["rest_api_url"] == "u"
