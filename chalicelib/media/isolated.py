"""Reading hostile media in a process of its own: one that may crash, hang or swell.

PyAV works inside the process that calls it, so a file that makes ffmpeg's libraries crash would
take the worker along. Each call here runs in a child with bounds on its memory, its files and its
time, without credentials in its environment. The children are forked by one helper that has loaded
PyAV already (`media.reader`): that costs milliseconds, and the worker itself never loads it.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chalicelib.media import errors
from chalicelib.media.errors import (
    Cancelled,
    EncoderFailed,
    MediaError,
    SourceBad,
    TimeLimitExceeded,
)
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.snapshot import PictureSet, SnapshotSpec

MEMORY_BYTES = 2560 * 1024**2
"""Address space of a child; decoding the largest picture that is accepted needs most of it."""

_FILE_BYTES = 1024**3
_TICK_SECONDS = 0.5
# A child ends by itself when its time is up; this much later it is killed.
_GRACE_SECONDS = 5.0
_MAX_REPLY_BYTES = 16 * 1024 * 1024
# What reading needs of the environment: where libraries and certificates are. No secrets.
_PASSED_ON = ("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


def probe(source: str | Path, *, timeout_seconds: float = 30) -> MediaFacts:
    """As `media.probe.probe`; SourceBad also for a source that makes the reading crash."""
    reply = _call("probe", source, timeout_seconds, {})
    return MediaFacts.model_validate_json(reply)


def make_pictures(
    source: str | Path,
    spec: SnapshotSpec,
    out_dir: Path,
    *,
    timeout_seconds: float = 100,
    cancelled: Callable[[], bool] = lambda: False,
) -> PictureSet:
    """As `media.picture_set.make_pictures`; SourceBad also for a source that makes it crash.

    `cancelled()` is asked twice a second; Cancelled is raised when it says so.
    """
    details = {"spec": spec.model_dump_json(), "out_dir": str(out_dir)}
    reply = _call("make_pictures", source, timeout_seconds, details, cancelled)
    return PictureSet.model_validate_json(reply)


def _call(
    what: str,
    source: str | Path,
    timeout_seconds: float,
    details: dict[str, str],
    cancelled: Callable[[], bool] = lambda: False,
) -> str:
    request = {
        "what": what,
        "source": str(source),
        "is_path": isinstance(source, Path),
        "timeout_seconds": timeout_seconds,
        "memory_bytes": MEMORY_BYTES,
        "file_bytes": _FILE_BYTES,
        **details,
    }
    pid, _, reply = _exchange(json.dumps(request).encode(), timeout_seconds, cancelled)
    if not pid:
        raise EncoderFailed("what reads media does not start")
    if not reply:
        raise SourceBad("the source is damaged in a way that broke off its reading")
    answer = json.loads(reply)
    if "reason" in answer:
        raise _error(answer)
    result: str = answer["result"]
    return result


def _exchange(
    request: bytes, timeout_seconds: float, cancelled: Callable[[], bool]
) -> tuple[bytes, bytes, bytes]:
    """The child's process id, a line break and its answer; all empty if none was started."""
    said = b""
    for _ in range(2):
        with _HELPER.child() as channel, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            channel.sendall(request)
            channel.shutdown(socket.SHUT_WR)
            said = _answer(channel, timeout_seconds, cancelled)
        if said:
            break
        _HELPER.stop()  # it died with the request in its hands, before there was a child
    return said.partition(b"\n")


def _answer(channel: socket.socket, timeout_seconds: float, cancelled: Callable[[], bool]) -> bytes:
    """All that the child says. It is dead afterwards."""
    end = time.monotonic() + timeout_seconds + _GRACE_SECONDS
    said = b""
    while not cancelled():
        if time.monotonic() > end:
            _kill(said)
            raise TimeLimitExceeded(f"reading the source took longer than {timeout_seconds:g} s")
        ready, _, _ = select.select([channel], [], [], _TICK_SECONDS)
        if not ready:
            continue
        with contextlib.suppress(ConnectionResetError):
            if data := channel.recv(65536):
                said += data
                if len(said) > _MAX_REPLY_BYTES:
                    _kill(said)
                    raise SourceBad("the source has more in it than can be told")
                continue
        return said
    _kill(said)
    raise Cancelled("the work was cancelled")


def _kill(said: bytes) -> None:
    """Kill the child: its end of the channel is open, so the number is still its own."""
    number = said.partition(b"\n")[0]
    if number:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGKILL)


def _error(answer: dict[str, str]) -> MediaError:
    kinds = {kind.__name__: kind for kind in _subclasses(MediaError)}
    return kinds[answer["reason"]](answer["message"])


def _subclasses(kind: type[MediaError]) -> Iterator[type[MediaError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _subclasses(child)


class _Helper:
    """The process that forks the children. Started when first needed, and again when it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @contextlib.contextmanager
    def child(self) -> Iterator[socket.socket]:
        """A channel to a new child."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs)
            yield ours

    def stop(self) -> None:
        """End the helper and its children."""
        with self._lock:
            self._forget()

    def _hand_over(self, channel: socket.socket) -> None:
        with self._lock:
            try:
                self._send(channel)
            except OSError:  # it is dead
                self._forget()
                self._send(channel)

    def _send(self, channel: socket.socket) -> None:
        control = self._control or self._start()
        socket.send_fds(control, [b"."], [channel.fileno()])

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "chalicelib.media.reader"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
                start_new_session=True,
            )
        self._control = ours
        return ours

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._control = None


_HELPER = _Helper()
atexit.register(_HELPER.stop)
