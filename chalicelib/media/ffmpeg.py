"""The one module that starts ffmpeg: bounded, watched, killed with its parent, failures typed."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg

from chalicelib.media import launch
from chalicelib.media.errors import (
    Cancelled,
    EncoderFailed,
    MediaError,
    OutputTooLarge,
    SourceBad,
    SourceUnreachable,
    TimeLimitExceeded,
    redact,
)

BINARY_VARIABLE = "OPENVOD_FFMPEG"
"""Environment variable that names another ffmpeg than the one in the imageio-ffmpeg wheel."""

_TICK_SECONDS = 0.25
_WATCH_SECONDS = 0.5
_REPORT_SECONDS = 1.0
_LOG_LINES = 25
_LINE_CHARACTERS = 400
_LONGEST_LINE = 16 * 1024
# An 8K picture takes 5.3 GB on two cores; encoders hold more frames on more of them.
_DEFAULT_MEMORY_BYTES = 8 * 1024**3

# ffmpeg goes on and ends well when its input breaks off or a segment is missing: what it made is
# then not the whole, and only its log says so.
_INPUT_LOST = re.compile(
    r"Error during demuxing: (Input/output error|Connection)|Failed to open seg"
)
_OUR_FAULT = re.compile(r"Option .*not found|Unrecognized option|Error (parsing|setting) option")
_UNREACHABLE = re.compile(
    r"Server returned [45]|HTTP error [45]|Connection (refused|reset|timed out)|Input/output error"
    r"|Failed to resolve hostname|Network is unreachable|TLS|certificate|Immediate exit requested"
)
_NO_MEDIA = re.compile(
    r"Error opening input|Invalid data found when processing input|matches no streams"
    r"|does not contain any stream|Decoder .*not found|Decode error rate"
)
_TOO_LARGE = re.compile(r"File too large")


@dataclass(frozen=True)
class Limits:
    """Bounds of one run: wall-clock seconds, bytes written in all, bytes of address space."""

    seconds: float
    output_bytes: int
    memory_bytes: int = _DEFAULT_MEMORY_BYTES


def ffmpeg_binary() -> str:
    """The ffmpeg to run: `OPENVOD_FFMPEG`, or the one that comes with imageio-ffmpeg."""
    return os.environ.get(BINARY_VARIABLE) or str(imageio_ffmpeg.get_ffmpeg_exe())


@lru_cache(maxsize=16)
def knows_hls_option(binary: str, option: str) -> bool:
    """Whether this ffmpeg's HLS demuxer has an option; naming an unknown one is an error."""
    shown = subprocess.run(
        [binary, "-hide_banner", "-h", "demuxer=hls"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=30,
        check=False,
    )
    return f"-{option} " in shown.stdout


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    duration: float,
    limits: Limits,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    on_watch: Callable[[], int] = lambda: 0,
    held: Callable[[], bool] = lambda: False,
    binary: str | None = None,
) -> None:
    """Run ffmpeg in `folder`, which it has to itself and where it writes; return when it succeeded.

    `on_progress(fraction)` hears of the part of `duration` (seconds) that is done, at least every
    2 s; `cancelled()` is asked about as often. `on_watch()` is called as often as well: it may take
    files out of the folder and returns how many bytes it has taken so far, which count as output.
    While `held()` says so ffmpeg stands still: whoever takes its files away has not kept up.
    Whatever ends this call, ffmpeg is dead afterwards.
    Raises Cancelled, TimeLimitExceeded, OutputTooLarge, SourceBad, SourceUnreachable,
    EncoderFailed, and what the callbacks raise.
    """
    with subprocess.Popen(
        [*_launched(binary or ffmpeg_binary(), limits), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean_environment(),
        start_new_session=True,
    ) as process:
        watched = _Run(process, folder, duration, limits, on_watch, held)
        try:
            watched.follow(on_progress, cancelled)
        finally:
            if process.returncode is None:  # not waited for: the number is still its own
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    watched.check_end()


def _launched(program: str, limits: Limits) -> list[str]:
    return [
        *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid())),
        *(str(limits.memory_bytes), str(limits.output_bytes)),
        *(program, "-hide_banner", "-nostdin", "-loglevel", "level+warning"),
        *("-progress", "pipe:1", "-stats_period", str(_REPORT_SECONDS / 2)),
    ]


def clean_environment() -> dict[str, str]:
    """For ffmpeg, nothing of ours: no credentials reach a program that reads hostile files.

    GCONV_PATH names no folder: the wheel's static ffmpeg would load the system's character set
    modules for the service names of MPEG-TS, built for another C library, and crash.
    """
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "GCONV_PATH": "/nonexistent"}


@dataclass
class _Run:
    process: "subprocess.Popen[bytes]"
    folder: Path
    duration: float
    limits: Limits
    on_watch: Callable[[], int]
    held: Callable[[], bool]
    standing: bool = False
    taken: int = 0
    started: float = field(default_factory=time.monotonic)
    fraction: float = 0.0
    input_lost: bool = False
    log: deque[str] = field(default_factory=lambda: deque(maxlen=_LOG_LINES))

    def follow(self, on_progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        """Read both pipes until they close, keeping watch meanwhile."""
        next_watch = next_report = 0.0
        for now in self._ticks():
            if now >= next_watch:
                next_watch = now + _WATCH_SECONDS
                self._watch(now)
                if cancelled():
                    raise Cancelled("the work was cancelled")
            if now >= next_report:
                next_report = now + _REPORT_SECONDS
                on_progress(self.fraction)
        while self.process.poll() is None:
            self._watch(time.monotonic())
            time.sleep(_TICK_SECONDS / 10)

    def check_end(self) -> None:
        """Raise what the exit status and the log mean."""
        self._check_size()
        if self.process.returncode == 0 and not self.input_lost:
            return
        lines = tuple(self.log)
        text = "\n".join(lines)
        if _TOO_LARGE.search(text) or self.process.returncode == -signal.SIGXFSZ:
            raise self._too_large()
        if _OUR_FAULT.search(text):
            raise EncoderFailed("the encoder does not know an option", lines)
        if self.input_lost or _UNREACHABLE.search(text):
            raise SourceUnreachable("the source could not be read to its end", lines)
        raise self._failure(text, lines)

    def _failure(self, text: str, lines: tuple[str, ...]) -> MediaError:
        if _NO_MEDIA.search(text):
            return SourceBad("the source cannot be decoded: it is damaged", lines)
        code = self.process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
        return EncoderFailed(f"the encoder {how}: {lines[-1] if lines else 'no message'}", lines)

    def _ticks(self) -> Iterator[float]:
        """Take in what both pipes bring; yield the time at least every tick until they close."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        progress = _Lines(self._note_progress)
        log = _Lines(self._note_log)
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ, progress)
            selector.register(self.process.stderr, selectors.EVENT_READ, log)
            while selector.get_map():
                for key, _ in selector.select(_TICK_SECONDS):
                    data = os.read(key.fd, 65536)
                    key.data.take(data)
                    if not data:
                        selector.unregister(key.fileobj)
                yield time.monotonic()

    def _note_progress(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit() and self.duration > 0:
            done = int(value) / 1_000_000 / self.duration
            self.fraction = max(self.fraction, min(1.0, done))

    def _note_log(self, line: str) -> None:
        self.input_lost = self.input_lost or _INPUT_LOST.search(line) is not None
        self.log.append(redact(line)[:_LINE_CHARACTERS])

    def _watch(self, now: float) -> None:
        if now - self.started > self.limits.seconds:
            raise TimeLimitExceeded(
                f"the work took longer than {self.limits.seconds:g} s", tuple(self.log)
            )
        self._check_size()
        self.taken = self.on_watch()
        if self.held() != self.standing:
            self.standing = not self.standing
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGSTOP if self.standing else signal.SIGCONT)

    def _check_size(self) -> None:
        if self.taken + folder_bytes(self.folder) > self.limits.output_bytes:
            raise self._too_large()

    def _too_large(self) -> OutputTooLarge:
        return OutputTooLarge(f"the output is larger than {self.limits.output_bytes} bytes")


class _Lines:
    """Cuts what comes through a pipe into lines; a line without end is cut as well."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._rest = b""

    def take(self, data: bytes) -> None:
        """`data` empty: the pipe is closed."""
        *lines, self._rest = re.split(rb"[\r\n]+", self._rest + data)
        if len(self._rest) > _LONGEST_LINE or not data:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            if line.strip():
                self._note(line.decode("utf-8", "replace").strip())


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in `folder` and in its folders; files come and go while it is counted."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
