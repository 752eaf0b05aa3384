"""Drives an official SDK that runs in a process and an environment of its own.

One JSON object per line goes in, one comes back:

    {"product": "vod" | "sts", "action": "GetVideoInfo", "parameters": {...}, "method"?: "GET",
     "credentials": {"access_key_id", "access_key_secret", "security_token"?},
     "endpoint": "host:port"}
    {"result": <what the SDK gives to the app>, "raw": <the body as received>, "mistyped": [...]}
    {"error": {"code", "status", "message"}}      the SDK raised the API's error
    {"failure": "..."}                            there was no answer
"""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[2]
_CLIENTS = Path(__file__).resolve().parent / "clients"


class ApiFailure(Exception):
    """The API answered with an error: its code and HTTP status as the SDK shows them."""

    def __init__(self, action: str, code: str, status: int, message: str) -> None:
        super().__init__(f"{action}: {status} {code}: {message}")
        self.code = code
        self.status = status
        self.message = message


class NoAnswer(Exception):
    """The API could not be reached, or what it answered was not understood."""


class Sdk:
    """A long-lived process with one SDK; safe for threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [str(sdk_python()), str(_CLIENTS / f"{name}.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Nothing of AWS or of a proxy may leak into what a customer's process would not have.
            env={"PATH": os.defpath, "HOME": "/nonexistent", "NO_PROXY": "127.0.0.1"},
        )

    def call(
        self,
        endpoint: str,
        credentials: Mapping[str, str],
        action: str,
        parameters: Mapping[str, Any],
        *,
        product: str = "vod",
        method: str | None = None,
    ) -> dict[str, Any]:
        """The result as the app gets it. Raises ApiFailure or NoAnswer.

        Whatever test makes the call: nothing of the body may be lost between the wire and the
        SDK's model, and every field must have the type that the model declares.
        """
        order = {
            "product": product,
            "action": action,
            "parameters": dict(parameters),
            "endpoint": endpoint,
            "credentials": dict(credentials),
            "method": method,
        }
        answer = self.exchange(order)
        if "error" in answer:
            error = answer["error"]
            raise ApiFailure(action, error["code"], error["status"], error["message"])
        missing = list(lost(answer["raw"], answer["result"], action))
        assert missing == [], f"{self.name} loses what was sent: {missing}"
        assert answer["mistyped"] == [], f"{self.name} declares other types for {action}"
        result: dict[str, Any] = answer["result"]
        assert len(result["RequestId"]) == 36
        return result

    def exchange(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """What the process answers to an order. Raises NoAnswer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        assert line, f"the process with the SDK {self.name} ended"
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise NoAnswer(f"{self.name}: {answer['failure']} upon {order.get('action')}")
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def lost(sent: Any, kept: Any, path: str) -> Iterator[str]:
    """Where the SDK's model has not kept what was sent; empty lists of its own do no harm."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for name in sent.keys() - kept.keys():
            yield f"{path}.{name}"
        for name in kept.keys() - sent.keys():
            if kept[name] != []:
                yield f"{path}.{name} came from nowhere"
        for name in sent.keys() & kept.keys():
            yield from lost(sent[name], kept[name], f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for number, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from lost(one, other, f"{path}[{number}]")
    elif sent != kept:
        yield f"{path}: {sent!r} became {kept!r}"


def sdk_python() -> Path:
    default = _REPOSITORY / ".venv-sdk" / "bin" / "python"
    python = Path(os.environ.get("OPENVOD_SDK_PYTHON") or default)
    # Never skipped: without the SDKs nothing is known about whether apps work.
    assert python.exists(), (
        f"there is no {python}: the official SDKs are not installed. `make setup-sdk` installs them"
        " (requirements-sdk.txt) into .venv-sdk; OPENVOD_SDK_PYTHON names another environment"
    )
    return python
