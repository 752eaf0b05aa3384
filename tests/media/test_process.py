"""ffmpeg as a process: cancelled, killed with its parent, bounded, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.media import ffmpeg
from chalicelib.media.encode import Output
from chalicelib.media.errors import Cancelled, EncoderFailed, OutputTooLarge, TimeLimitExceeded
from chalicelib.media.probe import probe
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips

_ENDLESS = RenditionSpec(
    container="m3u8", video=VideoEncoding(preset="veryslow"), audio=AudioEncoding()
)

_CHILD = """
import sys
from pathlib import Path
from chalicelib.media.probe import probe
from chalicelib.media.encode import Output
from chalicelib.media.transcode import transcode_renditions
from tests.media.test_process import _ENDLESS
source, out = sys.argv[1:]
print("started", flush=True)
transcode_renditions(Path(source), probe(Path(source)), [Output(_ENDLESS, "out")], Path(out),
    on_progress=lambda fraction: print(fraction, flush=True), cancelled=lambda: False,
    time_limit_seconds=300, max_output_bytes=2**30)
"""


def processes_in(folder: Path) -> list[int]:
    """Processes whose working folder is under `folder`: ffmpeg's is where it writes."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            inside = (entry / "cwd").resolve(strict=True).is_relative_to(folder)
        except OSError:
            continue
        if inside:
            found.append(int(entry.name))
    return found


def wait_until(met: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def start(out: Path, cancelled: Callable[[], bool], on_progress: Callable[[float], None]) -> None:
    source = clips.make("ten_minute_1080p")
    transcode_renditions(
        source,
        probe(source),
        [Output(_ENDLESS, "out")],
        out,
        on_progress=on_progress,
        cancelled=cancelled,
        time_limit_seconds=120,
        max_output_bytes=2**30,
    )


def test_cancelling_kills_and_clears_away(tmp_path: Path) -> None:
    seen: list[int] = []

    def cancelled() -> bool:
        seen.extend(processes_in(tmp_path))
        return bool(seen)

    with pytest.raises(Cancelled):
        start(tmp_path, cancelled, lambda _: None)
    assert seen
    assert processes_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_caller_kills_too(tmp_path: Path) -> None:
    def on_progress(_: float) -> None:
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="database"):
        start(tmp_path, lambda: False, on_progress)
    assert processes_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, str(clips.make("ten_minute_1080p")), str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ | {"PYTHONPATH": "."}
    ) as child:
        wait_until(lambda: processes_in(tmp_path))
        (encoder,) = processes_in(tmp_path)
        assert "ffmpeg" in Path(f"/proc/{encoder}/cmdline").read_bytes().decode()
        child.send_signal(signal.SIGKILL)
    wait_until(lambda: not processes_in(tmp_path))
    # What it had begun has no name that anybody takes for finished.
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


def script(folder: Path, body: str) -> str:
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def run(
    folder: Path,
    binary: str,
    *,
    seconds: float = 20,
    progress: Callable[[float], None] = lambda _: None,
    memory: int = 2**32,
    most: int = 2**20,
) -> None:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    ffmpeg.run(
        [],
        folder=work,
        duration=10,
        limits=ffmpeg.Limits(seconds, most, memory),
        on_progress=progress,
        cancelled=lambda: False,
        binary=binary,
    )


def test_a_silent_program_is_reported_on_and_timed_out(tmp_path: Path) -> None:
    heard: list[float] = []
    with pytest.raises(TimeLimitExceeded):
        run(tmp_path, script(tmp_path, "sleep 60"), seconds=2.5, progress=heard.append)
    assert len(heard) >= 2
    wait_until(lambda: not processes_in(tmp_path))


def test_a_program_that_closes_its_pipes_is_timed_out(tmp_path: Path) -> None:
    with pytest.raises(TimeLimitExceeded):
        run(tmp_path, script(tmp_path, "exec >&- 2>&-; sleep 60"), seconds=1)
    wait_until(lambda: not processes_in(tmp_path))


def test_what_it_started_itself_dies_too(tmp_path: Path) -> None:
    with pytest.raises(TimeLimitExceeded):
        run(tmp_path, script(tmp_path, "sleep 60 & sleep 60"), seconds=1)
    wait_until(lambda: not processes_in(tmp_path))


def test_progress_is_read_and_never_goes_back(tmp_path: Path) -> None:
    heard: list[float] = []
    lines = "\n".join(
        f"echo out_time_us={at}; echo progress=continue; sleep 0.4"
        for at in ("N/A", 2_000_000, 1_000_000, 5_000_000, -7, 99_000_000)
    )
    run(tmp_path, script(tmp_path, f"{lines}\nsleep 1"), progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_failures_tell_what_ffmpeg_said_without_secrets(tmp_path: Path) -> None:
    noise = "for i in $(seq 200); do echo line $i >&2; done"
    body = f"{noise}; echo 'broken https://h/a.ts?X-Amz-Signature=abc' >&2; exit 3"
    with pytest.raises(EncoderFailed, match="status 3") as failed:
        run(tmp_path, script(tmp_path, body))
    assert len(failed.value.log) == 25
    assert failed.value.log[-1] == "broken https://h/a.ts?..."
    with pytest.raises(EncoderFailed, match="signal 11"):
        run(tmp_path, script(tmp_path, "kill -SEGV $$"))


def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    body = "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1"
    with pytest.raises(EncoderFailed) as failed:
        run(tmp_path, script(tmp_path, body))
    assert sum(len(line) for line in failed.value.log) < 20_000


def test_memory_and_file_size_are_bounded_by_the_system(tmp_path: Path) -> None:
    greedy = script(tmp_path, f"exec {sys.executable} -c 'bytearray(2**31)'")
    with pytest.raises(EncoderFailed) as failed:
        run(tmp_path, greedy, memory=2**30)
    assert "MemoryError" in failed.value.log[-1]
    writer = script(tmp_path, "exec head -c 50000000 /dev/zero > big")
    with pytest.raises(OutputTooLarge):
        run(tmp_path, writer)
    assert (tmp_path / "work" / "big").stat().st_size <= 2**20


def test_threads_may_run_it_side_by_side(tmp_path: Path) -> None:
    """The launcher's fork is safe in a process with threads, and each run minds its own."""
    source = clips.make("audio_only")
    facts = probe(source)
    done: list[float] = []

    def one(number: int) -> None:
        out = tmp_path / str(number)
        out.mkdir()
        (result,) = transcode_renditions(
            source,
            facts,
            [Output(RenditionSpec(container="mp4", audio=AudioEncoding()), "out")],
            out,
            on_progress=lambda _: None,
            cancelled=lambda: False,
            time_limit_seconds=60,
            max_output_bytes=2**24,
        )
        done.append(result.facts.duration)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == pytest.approx([3] * 4, abs=0.06)
