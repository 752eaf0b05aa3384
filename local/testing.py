"""For tests and the demo: a whole stack as a context manager."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.files import read_json, tail
from local.layout import PROJECT
from local.ports import free_ports

_START_SECONDS = 120
_STOP_SECONDS = 40


@dataclass
class RunningStack:
    """A started stack. ``info`` is the content of stack.json when it became ready."""

    info: dict[str, Any]
    process: "subprocess.Popen[bytes]"
    data: Path

    def present_info(self) -> dict[str, Any] | None:
        """The content of stack.json now: process ids change with every restart."""
        return read_json(self.data / "stack.json")

    def pid(self, name: str) -> int:
        """The process id that a process of the stack has now; 0 while it has none."""
        return int((self.present_info() or {}).get("pids", {}).get(name, 0))

    def stop(self) -> int:
        """Stop in good order; returns the supervisor's exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """``kill -9`` of every process at once, as a power cut would do it."""
        pids = (self.present_info() or self.info)["pids"]
        # The supervisor goes first, or it would start the others again.
        for pid in (self.process.pid, *pids.values()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def start_stack(
    data_dir: Path, port: int | None = None, env: Mapping[str, str] | None = None
) -> RunningStack:
    """Start a stack and wait until all of it answers.

    Its output goes to ``up.log`` in the data directory. ``env`` holds its settings: those of this
    process, OpenVOD's and AWS's, are not passed on. Raises RuntimeError with the end of the
    output when the stack does not start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    output = data_dir / "up.log"
    command = [sys.executable, "-m", "local", "up", "--data", str(data_dir)]
    command += ["--port", str(port or free_ports())]
    with output.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**_neutral_environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        info = read_json(data_dir / "stack.json")
        # One that a killed stack left behind names another supervisor.
        if info and info["pids"]["supervisor"] == process.pid:
            return RunningStack(info, process, data_dir)
        if process.poll() is not None:
            raise RuntimeError(f"the stack ended with {process.returncode}:\n{tail(output, 40)}")
        time.sleep(0.05)
    _end(process)
    raise RuntimeError(f"the stack did not start within {_START_SECONDS} s:\n{tail(output, 40)}")


def _neutral_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENVOD_", "AWS_"))
    }


@contextlib.contextmanager
def running_stack(
    data_dir: Path, port: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[RunningStack]:
    """A stack that is stopped in good order at the end, whatever happens. See ``start_stack``."""
    stack = start_stack(data_dir, port, env)
    try:
        yield stack
    finally:
        _end(stack.process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
