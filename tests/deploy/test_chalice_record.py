"""What Chalice had made when it failed is recorded, so that the next run does not make it twice."""

import json
from pathlib import Path

import pytest
from chalice.deploy import models
from chalice.deploy.executor import Executor
from chalice.deploy.planner import Variable
from chalice.utils import UI

from deploy import chalice_cli


def _recorded(name: str, value: str) -> models.RecordResourceValue:
    return models.RecordResourceValue(
        resource_type="rest_api", resource_name=name, name="rest_api_id", value=value
    )


def test_a_failure_half_way_leaves_a_record_beside_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "dev.json"
    earlier = [
        {"name": "kept", "resource_type": "rest_api", "rest_api_id": "1"},
        {"name": "again", "resource_type": "rest_api", "rest_api_id": "2"},
    ]
    record.write_text(json.dumps({"resources": earlier, "schema_version": "2.0"}))
    monkeypatch.setenv("CHALICE_DEPLOYED_FILE", str(record))
    failing = models.StoreValue(name="x", value=Variable("missing"))
    steps = [_recorded("again", "3"), _recorded("new", "4"), failing, _recorded("never", "5")]
    plan = models.Plan(steps, {})
    with pytest.raises(Exception, match="missing"):
        chalice_cli._execute_and_record(Executor(None, UI()), plan)
    resources = json.loads(record.read_text())["resources"]
    assert {each["name"]: each["rest_api_id"] for each in resources} == {
        "kept": "1",
        "again": "3",
        "new": "4",
    }
