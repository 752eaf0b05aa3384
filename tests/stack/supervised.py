"""A supervisor with processes of a test's own: ``python -m tests.stack.supervised DIRECTORY``."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local.errors import StackError
from local.layout import Layout
from local.supervisor import Child, Supervisor


def crash_once(directory: Path) -> Callable[[Callable[[], None]], None]:
    """The first time: starts a program and crashes; the second time: tells that it is ready."""

    def run(ready: Callable[[], None]) -> None:
        helper = directory / "helper"
        if helper.exists():
            ready()
            time.sleep(600)
        program = subprocess.Popen(["sleep", "600"])
        helper.write_text(str(program.pid))
        print("12:00:00 WARNING about to crash\n  and why\n12:00:01 INFO   no news", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    return run


def refuse() -> None:
    raise StackError("refused for a reason")


def main(directory: Path) -> None:
    layout = Layout(directory, 1)
    layout.create()
    supervisor = Supervisor(layout, lambda _: None)
    supervisor.watch_signals()
    print(supervisor.call({"one": lambda: {"pid": os.getpid() > 1}, "two": lambda: [1, "2"]}))
    try:
        supervisor.call({"refusing": refuse})
    except StackError as error:
        print(error)
    child = Child("crashing", crash_once(directory))
    supervisor.add(child)
    supervisor.wait_until(lambda: child.is_ready, 30, "it did not come back")
    print("ready again", flush=True)
    while not supervisor.asked_to_stop:
        supervisor.run_once()
    supervisor.end(["crashing"], [(signal.SIGTERM, 5)])
    print("ended" if not child.runs else "still there")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
