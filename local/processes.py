"""Starting, recording and ending the processes of the stack.

Every process is forked from the supervisor, leads a session of its own (so that its group, with
every ffmpeg it started, can be ended at once, and Ctrl-C reaches the supervisor alone) and is told
by the kernel when the supervisor dies. Where the kernel cannot do that, the next start ends what
was left behind: the supervisor records what it starts.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from local.files import read_json, write_json

_PR_SET_PDEATHSIG = 1
# The clock that processes are stamped with may be adjusted a little between two readings.
_SAME_START_SECONDS = 2.0


def fork(run: Callable[[], None], log_file: Path, on_parent_death: int = signal.SIGTERM) -> int:
    """Run a function in a new process that logs into a file; returns the process's id.

    The caller must have no other threads. The process ends when the function returns.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        _forget_signal_handlers()
        _log_into(log_file)
        end_with_parent(parent, on_parent_death)
        run()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    return 0


def end_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)  # it died before the kernel was asked


def _forget_signal_handlers() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _log_into(log_file: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def kill_group(pid: int, signal_number: int) -> None:
    """Signal a process and everything it started; it may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal_number)


def is_running(pid: int) -> bool:
    """Whether a process is there and not merely a corpse that nobody has waited for."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def ends_within(pids: Iterable[int], seconds: float) -> bool:
    """Wait until none of these processes, which need not be children, is left."""
    deadline = time.monotonic() + seconds
    while any(is_running(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def record(path: Path, pids: dict[str, int]) -> None:
    """Write down what runs, each with its starting time: process ids are used again."""
    entries = [
        {"name": name, "pid": pid, "started": started}
        for name, pid in pids.items()
        if (started := _started(pid)) is not None
    ]
    write_json(path, entries)


def end_orphans(path: Path) -> list[str]:
    """End what an earlier supervisor left behind; returns the names of what was still running.

    Only processes with the recorded id and starting time are touched.
    """
    entries = read_json(path)
    orphans = [entry for entry in entries or [] if _is_recorded(entry)]
    pids = [int(entry["pid"]) for entry in orphans]
    for number, seconds in ((signal.SIGTERM, 8), (signal.SIGKILL, 3)):
        for pid in pids:
            kill_group(pid, number)
        if ends_within(pids, seconds):
            break
    path.unlink(missing_ok=True)
    return [str(entry["name"]) for entry in orphans]


def _is_recorded(entry: dict[str, object]) -> bool:
    pid, started = entry.get("pid"), entry.get("started")
    if not isinstance(pid, int) or not isinstance(started, float | int):
        return False
    now = _started(pid) if is_running(pid) else None
    return now is not None and abs(now - started) < _SAME_START_SECONDS


def _started(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
