"""Keeps a set of processes running: starts them again when they die, ends them in order.

The supervisor has one thread and never opens a database connection or an AWS client: what needs
one runs in a forked process (``call``). That keeps forking safe, and forking is what makes a
restart take milliseconds: the application is imported once, in the supervisor.
"""

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from local import processes
from local.errors import Interrupted, StackError
from local.files import tail
from local.layout import Layout
from local.log_follower import LogFollower, rotate
from local.terminal import warn

_LONGEST_BACKOFF_SECONDS = 30.0


def _steady_seconds() -> float:
    """A process that ran this long is started again at once when it dies;
    ``OPENVOD_LOCAL_STEADY_SECONDS``. Tests that kill processes on purpose set 0."""
    return float(os.environ.get("OPENVOD_LOCAL_STEADY_SECONDS", "10"))


@dataclass
class Child:
    """A process to keep running. ``start`` gets a function to call when it is ready to work."""

    name: str
    start: Callable[[Callable[[], None]], None]
    on_parent_death: int = signal.SIGTERM
    keep_alive: bool = True
    pid: int = 0
    started: float = 0.0
    is_ready: bool = False
    failures: int = 0
    restart_at: float | None = None
    ready_pipe: int = field(default=-1, repr=False)

    @property
    def runs(self) -> bool:
        return self.pid != 0


class Supervisor:
    """The processes of one stack."""

    def __init__(self, layout: Layout, in_child: Callable[[str], None]) -> None:
        """``in_child`` runs first in every new process, with its name: there it lets go of what
        is the supervisor's alone."""
        self._layout = layout
        self._in_child = in_child
        self.children: dict[str, Child] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.on_death: Callable[[Child], None] = lambda _: None
        self._follower = LogFollower()
        self._stop_signals = 0
        self._ending: set[str] = set()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)

    # ---- signals and waiting ----------------------------------------------------------------

    def watch_signals(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask the stack to stop."""
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_stop_signal(self, *_: object) -> None:
        self._stop_signals += 1

    @property
    def asked_to_stop(self) -> bool:
        return self._stop_signals > 0

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until the next signal; then look after the processes."""
        select.select([self._wake_reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            while self._wake_reader.recv(512):
                pass
        self._reap()
        self._read_readiness()
        for name, line in self._follower.news():
            warn(f"{name:>14} | {line}")

    def wait_until(
        self, condition: Callable[[], bool], seconds: float, what: str, name: str = ""
    ) -> None:
        """Wait for a condition. Raises Interrupted when asked to stop, and StackError in vain:
        ``what`` did not happen, with the end of the log of process ``name``."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.asked_to_stop:
                raise Interrupted
            if time.monotonic() > deadline:
                log = f":\n{tail(self._layout.log_file(name))}" if name else ""
                raise StackError(f"{what} within {seconds:.0f} s (logs: {self._layout.logs}){log}")
            self.pause(0.03)
            self._restart_due()

    # ---- starting ---------------------------------------------------------------------------

    def add(self, child: Child) -> None:
        """Start a process and keep it running from now on."""
        rotate(self._layout.log_file(child.name))
        self.children[child.name] = child
        self._launch(child)

    def start_again(self, name: str) -> None:
        """Start a process that was ended."""
        self._launch(self.children[name])

    def call(self, work: dict[str, Callable[[], Any]]) -> dict[str, Any]:
        """Run functions, each in a process of its own, at once; returns their results by name.

        The results must be JSON. Raises StackError with the message of a function that raised.
        """
        results: dict[str, Any] = {}
        pipes: dict[int, str] = {}
        received: dict[str, bytes] = dict.fromkeys(work, b"")
        for name, function in work.items():
            reader, writer = os.pipe()
            child = Child(name, _result_writer(function, reader, writer), keep_alive=False)
            self.add(child)
            os.close(writer)
            pipes[reader] = name
        try:
            while pipes:
                if self.asked_to_stop:
                    raise Interrupted
                descriptors = [*pipes, self._wake_reader.fileno()]
                readable, _, _ = select.select(descriptors, [], [], 0.2)
                for descriptor in set(readable) & set(pipes):
                    part = os.read(descriptor, 65_536)
                    received[pipes[descriptor]] += part
                    if not part:
                        results[pipes[descriptor]] = self._result(
                            pipes[descriptor], received[pipes[descriptor]]
                        )
                        os.close(descriptor)
                        del pipes[descriptor]
                self.pause(0)
        finally:
            for descriptor in pipes:
                os.close(descriptor)
        return results

    def _result(self, name: str, answer: bytes) -> Any:
        if not answer:
            log = self._layout.log_file(name)
            raise StackError(f"{name} failed:\n{tail(log)}\n(the whole log: {log})")
        document = json.loads(answer)
        if "error" in document:
            raise StackError(document["error"])
        return document["result"]

    def _launch(self, child: Child) -> None:
        reader, writer = os.pipe()

        def ready() -> None:
            with contextlib.suppress(OSError):
                os.write(writer, b"1")
                os.close(writer)

        def run() -> None:
            os.close(reader)
            for other in self.children.values():
                if other.ready_pipe >= 0:
                    os.close(other.ready_pipe)
            self._wake_reader.close()
            self._wake_writer.close()
            self._in_child(child.name)
            child.start(ready)

        log_file = self._layout.log_file(child.name)
        if child.keep_alive:  # what else fails is reported by whoever waits for it
            self._follower.follow(child.name, log_file)
        child.pid = processes.fork(run, log_file, child.on_parent_death)
        os.close(writer)
        child.ready_pipe = reader
        child.started = time.monotonic()
        child.is_ready = False
        child.restart_at = None
        self._record()

    # ---- watching ---------------------------------------------------------------------------

    def run_once(self) -> None:
        """Look after the processes for a moment."""
        self.pause(0.2)
        self._restart_due()

    def renew(self, names: list[str]) -> None:
        """End processes and start them again, without counting it as their failure."""
        self.end(names, [(signal.SIGTERM, 7), (signal.SIGKILL, 2)])
        for name in names:
            self._launch(self.children[name])
        self.on_change()

    def _reap(self) -> None:
        for child in self.children.values():
            if not child.runs:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._buried(child, status)

    def _buried(self, child: Child, status: int) -> None:
        # Whatever it had started (an ffmpeg) ends with it.
        processes.kill_group(child.pid, signal.SIGKILL)
        lived = time.monotonic() - child.started
        child.pid = 0
        self._close_ready_pipe(child)
        if child.name in self._ending or not child.keep_alive:
            return
        child.failures = 0 if lived > _steady_seconds() else child.failures + 1
        delay = 0.0 if child.failures <= 1 else 0.25 * 2.0**child.failures
        child.restart_at = time.monotonic() + min(delay, _LONGEST_BACKOFF_SECONDS)
        code = os.waitstatus_to_exitcode(status)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        warn(f"{child.name} {how}; it is started again")
        self.on_death(child)

    def _restart_due(self) -> None:
        changed = False
        for child in self.children.values():
            if child.restart_at is not None and time.monotonic() >= child.restart_at:
                self._launch(child)
                changed = True
        if changed:
            self.on_change()

    def _read_readiness(self) -> None:
        waiting = {c.ready_pipe: c for c in self.children.values() if c.ready_pipe >= 0}
        readable, _, _ = select.select(list(waiting), [], [], 0)
        for descriptor in readable:
            child = waiting[descriptor]
            child.is_ready = bool(os.read(descriptor, 1)) or child.is_ready
            self._close_ready_pipe(child)

    @staticmethod
    def _close_ready_pipe(child: Child) -> None:
        if child.ready_pipe >= 0:
            os.close(child.ready_pipe)
            child.ready_pipe = -1

    def _record(self) -> None:
        pids = {child.name: child.pid for child in self.children.values() if child.runs}
        processes.record(self._layout.process_file, pids)

    # ---- ending -----------------------------------------------------------------------------

    def end(self, names: list[str], steps: Sequence[tuple[int, float]]) -> None:
        """End some processes: each step is a signal and the seconds to wait for its effect."""
        self._ending.update(names)
        try:
            for number, seconds in steps:
                left = [self.children[n] for n in names if self.children[n].runs]
                for child in left:
                    os.kill(child.pid, number)
                deadline = time.monotonic() + seconds
                signals = self._stop_signals
                while any(child.runs for child in left) and time.monotonic() < deadline:
                    self.pause(0.05)
                    if self._stop_signals > max(signals, 1):
                        break  # somebody is in a hurry
            for name in names:
                self.children[name].restart_at = None
        finally:
            self._ending.difference_update(names)


def _result_writer(
    function: Callable[[], Any], reader: int, writer: int
) -> Callable[[Callable[[], None]], None]:
    def run(ready: Callable[[], None]) -> None:
        os.close(reader)
        ready()
        try:
            answer = {"result": function()}
        except StackError as error:
            answer = {"error": str(error)}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())

    return run
