"""The official SDK's models, in one process of their own for all answers."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.sdk.driver import lost, sdk_python

_CLIENT = Path(__file__).parents[1] / "sdk" / "clients" / "shapes.py"


class Shapes:
    """Passes answers through the SDK's models."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(sdk_python()), str(_CLIENT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.defpath, "HOME": "/nonexistent"},
        )

    def problems(self, action: str, body: dict[str, Any]) -> list[str]:
        """What the model loses of an answer, and where it holds another type than it declares."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, "body": body}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "failure" in answer:
            return [f"{action}: the SDK's model fails: {answer['failure']}"]
        return [*lost(body, answer["result"], action), *answer["mistyped"]]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
