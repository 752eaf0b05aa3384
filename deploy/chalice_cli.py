"""Chalice's command line (``python -m deploy.chalice_cli``) with two things it cannot be told.

- The functions' Python is the one that their libraries were packed for (``CHALICE_RUNTIME``), not
  the one that happens to run the deployment.
- What was made before a failure is recorded, so that the next run goes on from there; Chalice
  records nothing unless all succeeded, and would make the HTTP API a second time.
"""

import json
import os
from pathlib import Path
from typing import Any

from chalice.cli import main
from chalice.config import Config
from chalice.deploy import validate
from chalice.deploy.executor import Executor

_execute = Executor.execute


def _execute_and_record(self: Any, plan: Any) -> None:
    try:
        _execute(self, plan)
    except BaseException:
        _record(self.resource_values)
        raise


def _record(resources: list[dict[str, Any]]) -> None:
    path = Path(os.environ["CHALICE_DEPLOYED_FILE"])
    known = json.loads(path.read_text("utf-8"))["resources"] if path.exists() else []
    merged = {each["name"]: each for each in [*known, *resources]}
    document = {"resources": list(merged.values()), "schema_version": "2.0", "backend": "api"}
    path.write_text(json.dumps(document, indent=2), "utf-8")


if __name__ == "__main__":
    Config.lambda_python_version = property(  # type: ignore[method-assign, assignment]
        lambda _: os.environ["CHALICE_RUNTIME"]
    )
    validate.validate_python_version = lambda *_: None  # type: ignore[assignment]
    Executor.execute = _execute_and_record
    raise SystemExit(main())
