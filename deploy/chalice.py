"""Runs ``chalice deploy`` and ``chalice delete`` in a stage's project folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy.errors import DeployError
from deploy.functions import FUNCTIONS
from deploy.project import python_version
from deploy.stages import PROJECT, Stage

RECORD_KEY = "chalice/deployed.json"


def deploy(stage: Stage, bucket: str, variables: dict[str, str]) -> str:
    """Deploy; returns the address at which API Gateway answers, without a final slash."""
    _fetch_record(stage, bucket)
    try:
        _run(stage, "deploy", bucket, variables)
    finally:
        _keep_record(stage, bucket)
    return str(_resources(stage)["rest_api"]["rest_api_url"]).rstrip("/")


def delete(stage: Stage, bucket: str, variables: dict[str, str]) -> None:
    """Delete everything that ``deploy`` made."""
    _fetch_record(stage, bucket)
    if _record(stage).exists():
        _run(stage, "delete", bucket, variables)
        _keep_record(stage, bucket)


def known_url(stage: Stage, bucket: str) -> str:
    """The API's address from an earlier deployment, or nothing."""
    _fetch_record(stage, bucket)
    url = str(_resources(stage).get("rest_api", {}).get("rest_api_url", ""))
    return url.rstrip("/")


def rest_api_id(stage: Stage) -> str:
    """The id of the deployed HTTP API."""
    return str(_resources(stage)["rest_api"]["rest_api_id"])


def _run(stage: Stage, command: str, bucket: str, variables: dict[str, str]) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "deploy.chalice_cli", "--project-dir", str(stage.project)),
            *(command, "--stage", stage.name),
        ],
        cwd=stage.project,
        env=os.environ
        | variables
        | {
            # The application is imported to learn its routes and queues.
            "PYTHONPATH": str(PROJECT),
            "CHALICE_RUNTIME": f"python{python_version(stage)}",
            "CHALICE_DEPLOYED_FILE": str(_record(stage)),
            "CHALICE_RECORD_BUCKET": bucket,
            "CHALICE_IS_EMULATED": "yes" if stage.is_emulated else "",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        log = stage.folder / f"chalice-{command}.log"
        log.write_text("\n".join(lines), "utf-8")
        raise DeployError(f"chalice {command} failed: {' '.join(lines[-2:])[:400]} (all: {log})")


# ---- The record of what was deployed ------------------------------------------------------------
# Chalice keeps it beside the project. It is kept in the stage's bucket as well, so that a clean
# clone on another machine goes on where this one stopped.


def _record(stage: Stage) -> Path:
    return stage.project / ".chalice" / "deployed" / f"{stage.name}.json"


def _resources(stage: Stage) -> dict[str, dict[str, Any]]:
    path = _record(stage)
    if not path.exists():
        return {}
    document = json.loads(path.read_text("utf-8"))
    return {each["name"]: each for each in document["resources"]}


def _fetch_record(stage: Stage, bucket: str) -> None:
    path = _record(stage)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        body = boto3.client("s3").get_object(Bucket=bucket, Key=RECORD_KEY)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(body)
    _adopt_queue_triggers(stage)


def _keep_record(stage: Stage, bucket: str) -> None:
    path = _record(stage)
    if path.exists():
        boto3.client("s3").put_object(Bucket=bucket, Key=RECORD_KEY, Body=path.read_bytes())


def _adopt_queue_triggers(stage: Stage) -> None:
    """Record triggers that are there without a record: a killed run left them, and Lambda takes no
    second one from the same queue to the same function."""
    known = _resources(stage)
    client = boto3.client("lambda")
    for name, function in FUNCTIONS.items():
        resource = f"{name}-sqs-event-source"
        if not function.takes_batches or resource in known:
            continue
        found = client.list_event_source_mappings(FunctionName=stage.function_name(name))
        for mapping in found["EventSourceMappings"]:
            arn = mapping["EventSourceArn"]
            known[resource] = {
                "name": resource,
                "resource_type": "sqs_event",
                "queue_arn": arn,
                "event_uuid": mapping["UUID"],
                "queue": arn.rsplit(":", 1)[-1],
                "lambda_arn": mapping["FunctionArn"],
            }
    if known:
        document = {"resources": list(known.values()), "schema_version": "2.0", "backend": "api"}
        _record(stage).write_text(json.dumps(document, indent=2), "utf-8")
