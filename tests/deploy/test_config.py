"""The configuration of Chalice, the template and the settings after deployment fit one another."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from deploy import infrastructure, project, stages
from deploy.errors import DeployError
from deploy.functions import FUNCTIONS

_ROOT = Path(__file__).parents[2]
_TEMPLATE = cfn_yaml.load(str(_ROOT / "infra" / "template.yaml"))
_CONFIG: dict[str, Any] = json.loads((_ROOT / ".chalice" / "config.json").read_text("utf-8"))
_QUEUES = {
    "storage_events": "StorageEventsQueue",
    "quick_jobs": "QuickJobsQueue",
    "heavy_jobs": "HeavyJobsQueue",
    "deliveries": "DeliveriesQueue",
    "puller": "PullsQueue",
}


def test_there_are_the_three_stages_and_all_functions() -> None:
    assert list(_CONFIG["stages"]) == ["local", "dev", "prod"]
    assert set(_CONFIG["lambda_functions"]) == set(FUNCTIONS)
    for stage in _CONFIG["stages"].values():
        assert set(stage.get("lambda_functions", {})) <= set(FUNCTIONS)


def test_nothing_but_the_template_says_what_a_function_may_do() -> None:
    assert _CONFIG["autogen_policy"] is False
    assert _CONFIG["manage_iam_role"] is False


@pytest.mark.parametrize("function", _QUEUES)
def test_messages_stay_hidden_for_six_times_the_time_limit(function: str) -> None:
    timeout = _CONFIG["lambda_functions"][function]["lambda_timeout"]
    hidden = _TEMPLATE["Resources"][_QUEUES[function]]["Properties"]["VisibilityTimeout"]
    if isinstance(hidden, dict):
        hidden = _TEMPLATE["Parameters"][hidden["Ref"]]["Default"]
    assert hidden >= 6 * timeout


def test_media_functions_alone_carry_the_layer() -> None:
    carrying = {name for name, function in FUNCTIONS.items() if function.has_layer}
    assert carrying == {"quick_jobs", "heavy_jobs"}


def test_a_rendered_stage_names_roles_layer_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    stage = stages.stage_named("dev")
    outputs = {function.role: f"arn:{function.role}" for function in FUNCTIONS.values()}
    rendered = project.render(stage, "arn:layer:7", outputs, {"OPENVOD_STAGE": "dev"})
    assert list(rendered["stages"]) == ["dev"]
    chosen = rendered["stages"]["dev"]
    for name, function in FUNCTIONS.items():
        own = chosen["lambda_functions"][name]
        assert own["iam_role_arn"] == f"arn:{function.role}"
        assert own["layers"] == (["arn:layer:7"] if function.has_layer else [])
    assert chosen["environment_variables"] == {"OPENVOD_STAGE": "dev"}
    assert project.python_version(stage) == "3.13"


def test_settings_that_no_function_could_start_with_are_not_deployed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    outputs = {function.role: f"arn:{function.role}" for function in FUNCTIONS.values()}
    variables = {"OPENVOD_PULL_PRIVATE_SOURCES": "10.0.0.0/8,ten"}
    with pytest.raises(DeployError, match=r"pull_private_sources"):
        project.render(stages.stage_named("dev"), "arn:layer:7", outputs, variables)


def test_an_unknown_stage_is_one_line_that_names_the_known_ones() -> None:
    with pytest.raises(DeployError, match=r"no stage 'proud'; .* local, dev, prod$"):
        stages.stage_named("proud")


def test_a_real_stage_never_goes_to_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(DeployError, match="points away from AWS"):
        stages.stage_named("prod")


def test_the_emulated_stage_never_goes_to_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(DeployError, match="make deploy-local"):
        stages.stage_named("local")


def test_every_output_that_names_a_setting_reaches_the_functions() -> None:
    outputs = _TEMPLATE["Outputs"]
    named = {o: d["Description"] for o, d in outputs.items() if d["Description"][:8] == "OPENVOD_"}
    filled = infrastructure.settings_from({output: output for output in outputs})
    assert {setting: output for output, setting in named.items()} == filled


def test_no_bucket_is_open_to_tasks_until_the_operator_names_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("OPENVOD_FILE_BUCKETS", raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert stages.stage_named("dev").file_bucket_arns == ""
    monkeypatch.setenv("OPENVOD_FILE_BUCKETS", " films, customer-* ")
    named = stages.stage_named("dev")
    assert named.file_bucket_arns == "arn:aws:s3:::films,arn:aws:s3:::customer-*"
    assert infrastructure.stack_of(named).parameters["FileBucketArns"] == named.file_bucket_arns
    assert named.file_buckets == "films,customer-*"
    monkeypatch.setenv("OPENVOD_FILE_BUCKETS", "films/a")
    with pytest.raises(DeployError, match="'films/a' is no bucket's name"):
        stages.stage_named("dev")
