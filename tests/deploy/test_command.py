"""What keeps a deployment from going on is told in one clear line, and the exit code is not 0."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import smoke, steps
from deploy.errors import DeployError
from deploy.stages import stage_named
from layers import limits
from local.ports import free_ports

_ROOT = Path(__file__).parents[2]


def _deploy(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "OPENVOD_"))}
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=_ROOT,
        env=inherited | nobody | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_wrong_stage(command: str) -> None:
    done = _deploy(command, "prodd")
    assert done.returncode == 1
    assert done.stderr == ("openvod: no stage 'prodd'; .chalice/config.json has local, dev, prod\n")


@pytest.mark.parametrize("command", ["up", "down"])
def test_no_credentials(command: str) -> None:
    done = _deploy(command, "dev", AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
    assert done.returncode == 1
    assert done.stderr.startswith("openvod: AWS does not take your credentials")
    assert done.stderr.count("\n") == 1


def test_no_region() -> None:
    done = _deploy("up", "dev")
    assert done.returncode == 1
    assert done.stderr.startswith("openvod: no AWS region is set")
    assert done.stderr.count("\n") == 1


def test_half_a_custom_domain() -> None:
    done = _deploy("up", "dev", OPENVOD_DOMAIN_NAME="vod.example.com")
    assert done.returncode == 1
    assert "OPENVOD_CERTIFICATE_ARN" in done.stderr


def test_layer_and_libraries_over_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("OPENVOD_DEPLOY_FOLDER", str(tmp_path))
    with pytest.raises(DeployError, match=r"10\.0 MB over Lambda's limit") as raised:
        steps._check_sizes(stage_named("dev"), limits.UNZIPPED_LIMIT, 10 * limits.MEGABYTE)
    assert "\n" not in str(raised.value)


def test_a_failed_smoke_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_PATIENCE_SECONDS", 0.0)
    url = f"http://127.0.0.1:{free_ports()}"
    with pytest.raises(DeployError, match=r"the smoke test failed: .* no answer") as raised:
        smoke.check(url, {"access_key_id": "id", "access_key_secret": "secret"})
    assert "secret" not in str(raised.value)
