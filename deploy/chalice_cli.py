"""Chalice's command line (``python -m deploy.chalice_cli``) with two things it cannot be told.

- The functions' Python is the one that their libraries were packed for (``CHALICE_RUNTIME``), not
  the one that happens to run the deployment.
- What has been made is recorded as it is made, here and in the stage's bucket, so that the next
  run goes on from there wherever this one is killed; Chalice records nothing unless all succeeded,
  and would make the HTTP API a second time.

And in the emulator, which does not have it, without replacing the routes of an API that is there.
"""

import json
import os
from pathlib import Path
from typing import Any

import boto3
from chalice.awsclient import TypedAWSClient
from chalice.cli import main
from chalice.config import Config
from chalice.deploy import validate
from chalice.deploy.executor import Executor

from deploy.chalice import RECORD_KEY

_note = Executor._add_to_deployed_values


def _note_and_record(self: Any, payload: dict[str, Any]) -> None:
    _note(self, payload)
    _record(self.resource_values)


def _record(resources: list[dict[str, Any]]) -> None:
    path = Path(os.environ["CHALICE_DEPLOYED_FILE"])
    known = json.loads(path.read_text("utf-8"))["resources"] if path.exists() else []
    merged: dict[str, dict[str, Any]] = {}
    for each in [*known, *resources]:
        merged[each["name"]] = merged.get(each["name"], {}) | each
    document = {"resources": list(merged.values()), "schema_version": "2.0", "backend": "api"}
    text = json.dumps(document, indent=2)
    path.write_text(text, "utf-8")
    bucket = os.environ["CHALICE_RECORD_BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key=RECORD_KEY, Body=text.encode())


def _put_later(self: Any, rest_api_id: str, swagger_document: dict[str, Any]) -> None:
    """MiniStack has no ``PutRestApi``; ``deploy.emulated_http`` puts the routes afterwards."""


def _adapt() -> None:
    runtime = os.environ["CHALICE_RUNTIME"]
    replaced: list[tuple[Any, str, Any]] = [
        (Config, "lambda_python_version", property(lambda _: runtime)),
        (validate, "validate_python_version", lambda *_: None),
        (Executor, "_add_to_deployed_values", _note_and_record),
    ]
    if os.environ.get("CHALICE_IS_EMULATED"):
        replaced.append((TypedAWSClient, "update_api_from_swagger", _put_later))
    for place, name, value in replaced:
        setattr(place, name, value)


if __name__ == "__main__":
    _adapt()
    raise SystemExit(main())
