"""Reading in a child: what happens there stays there."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from chalicelib.media import isolated
from chalicelib.media.errors import (
    Cancelled,
    EncoderFailed,
    NoStreams,
    NoVideoStream,
    SourceBad,
    SourceUnreachable,
    SourceUnsupported,
    TimeLimitExceeded,
)
from chalicelib.media.probe import probe
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, SnapshotSpec
from tests import clips
from tests.media.file_server import serving


def readers() -> list[psutil.Process]:
    """The children of the helper: one for each source that is being read."""
    return [
        child
        for helper in psutil.Process().children()
        if "chalicelib.media.reader" in " ".join(helper.cmdline())
        for child in helper.children()
    ]


def until(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.01)


def test_the_same_facts_and_pictures(tmp_path: Path) -> None:
    clip = clips.make("normal_720p")
    assert isolated.probe(clip) == probe(clip)
    assert isolated.probe(str(clip)) == probe(clip)
    made = isolated.make_pictures(clip, COVER_SNAPSHOTS, tmp_path)
    assert [picture.time_ms for picture in made.pictures] == [0, 2000, 4000]
    assert all((tmp_path / picture.file_name).is_file() for picture in made.pictures)
    until(lambda: not readers())


@pytest.mark.parametrize(
    ("name", "error"),
    [("text_named_mp4", SourceBad), ("zero_byte", SourceBad), ("audio_only", NoVideoStream)],
)
def test_errors_come_out_as_they_are(name: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error) as raised:
        isolated.make_pictures(clips.make(name), SnapshotSpec(), tmp_path)
    assert type(raised.value) is error


def test_every_error_of_the_room_comes_through() -> None:
    for kind in (NoStreams, SourceUnreachable, SourceUnsupported, EncoderFailed):
        told = isolated._error({"reason": kind.__name__, "message": "why"})
        assert (type(told), str(told)) == (kind, "why")


def test_a_crash_is_the_sources_fault(tmp_path: Path) -> None:
    """Whatever signal ends the child, the caller goes on with an error of its own."""
    with serving(clips.make("silent_video").parent) as server:
        server.stall = threading.Event()

        def kill() -> None:
            until(readers)
            for child in readers():
                child.send_signal(signal.SIGSEGV)

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(SourceBad, match="broke off"):
            isolated.probe(server.url("silent_video.mp4"))
        killer.join()


def test_a_reader_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(isolated, "_GRACE_SECONDS", 0.1)
    with serving(clips.make("silent_video").parent) as server:
        server.stall = threading.Event()

        def stop() -> None:
            until(readers)
            for child in readers():
                child.suspend()  # it cannot end by itself any more

        stopper = threading.Thread(target=stop)
        stopper.start()
        with pytest.raises(TimeLimitExceeded):
            isolated.probe(server.url("silent_video.mp4"), timeout_seconds=1)
        stopper.join()
    until(lambda: not readers())


def test_cancelling_kills_the_reader(tmp_path: Path) -> None:
    with serving(clips.make("silent_video").parent) as server:
        server.stall = threading.Event()
        source = server.url("silent_video.mp4")
        with pytest.raises(Cancelled):
            isolated.make_pictures(
                source, SnapshotSpec(), tmp_path, cancelled=lambda: bool(readers())
            )
    until(lambda: not readers())


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    huge = tmp_path / "huge.mkv"
    clips.ffmpeg(
        *("-f", "lavfi", "-i", "color=red:s=8192x4096:r=1:d=1", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast", huge),
    )
    assert isolated.probe(huge).width == 8192
    helper = next(p for p in psutil.Process().children() if "reader" in " ".join(p.cmdline()))
    monkeypatch.setattr(isolated, "MEMORY_BYTES", helper.memory_info().vms + 32 * 2**20)
    with pytest.raises((SourceUnsupported, SourceBad)):
        isolated.probe(huge)


def test_no_credentials_where_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    isolated._HELPER.stop()
    isolated.probe(clips.make("silent_video"))
    helper = next(p for p in psutil.Process().children() if "reader" in " ".join(p.cmdline()))
    assert set(helper.environ()) <= {
        *("PATH", "LC_ALL", "TZ", "PYTHONPATH"),
        *isolated._PASSED_ON,
        "LC_CTYPE",
    }


def test_a_dead_helper_is_started_again() -> None:
    isolated.probe(clips.make("silent_video"))
    helper = next(p for p in psutil.Process().children() if "reader" in " ".join(p.cmdline()))
    helper.kill()
    until(lambda: not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE)
    assert isolated.probe(clips.make("silent_video")).width == 640
    assert not psutil.pid_exists(helper.pid) or os.getpid() != helper.ppid()
