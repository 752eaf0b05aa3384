"""What Chalice deploys from: the application, its libraries and its configuration for one stage.

A folder of its own, so that deploying changes nothing in the working tree: Chalice's configuration
is static, while roles, queues and layers have names that only the infrastructure knows.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from chalicelib import settings
from deploy.errors import DeployError
from deploy.functions import FUNCTIONS
from deploy.stages import CONFIG, PROJECT, Stage, config
from layers.functions import build as libraries

# Stands on Amazon Linux 2023, whose C library is new enough for PyAV; the one of 3.11 is not.
_PYTHON_ON_AWS = "3.13"


def python_version(stage: Stage) -> str:
    """The functions' Python: Lambda's, or the one that the emulator runs functions with."""
    if stage.is_emulated:
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    return _PYTHON_ON_AWS


def assemble(
    stage: Stage, layer_arn: str, outputs: dict[str, str], variables: dict[str, str]
) -> int:
    """Fill the stage's project folder; returns the libraries' unpacked size in bytes."""
    folder = stage.project
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "app.py", folder / "app.py")
    _mirror(PROJECT / "chalicelib", folder / "chalicelib")
    # Chalice would have pip resolve what is named here; the libraries lie in vendor/ already.
    (folder / "requirements.txt").write_text("", "ascii")
    size = libraries.build(folder / "vendor", python_version(stage))
    chalice = folder / ".chalice"
    (chalice / "deployed").mkdir(parents=True, exist_ok=True)
    rendered = json.dumps(render(stage, layer_arn, outputs, variables), indent=2)
    # It may hold the database's password.
    (chalice / CONFIG.name).touch(mode=0o600)
    (chalice / CONFIG.name).write_text(rendered, "utf-8")
    for old in (chalice / "deployments").glob("*.zip"):
        old.unlink()
    return size


def render(
    stage: Stage, layer_arn: str, outputs: dict[str, str], variables: dict[str, str]
) -> dict[str, Any]:
    """The checked-in configuration with this stage's roles, layer and environment filled in."""
    document = config()
    chosen = document["stages"][stage.name]
    try:
        settings.read(variables)
    except ValueError as error:
        raise DeployError(f"no function could start with these settings: {error}") from None
    chosen["environment_variables"] = variables
    chosen["xray"] = stage.tracing
    for name, function in FUNCTIONS.items():
        own = chosen.setdefault("lambda_functions", {}).setdefault(name, {})
        own["iam_role_arn"] = outputs[function.role]
        own["layers"] = [layer_arn] if function.has_layer else []
        own["environment_variables"] = {"POWERTOOLS_SERVICE_NAME": name.replace("_", "-")}
    chosen["iam_role_arn"] = outputs[FUNCTIONS["api_handler"].role]
    if stage.domain_name:
        chosen["api_gateway_custom_domain"] = {
            "domain_name": stage.domain_name,
            "certificate_arn": stage.certificate_arn,
            # The vendors' SDKs sign and call the root.
            "url_prefix": "/",
        }
    document["stages"] = {stage.name: chosen}
    return document


def _mirror(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
