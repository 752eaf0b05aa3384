"""The supervisor by itself, with small processes."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local import processes
from local.layout import PROJECT
from local.log_follower import LogFollower, rotate


def test_functions_are_called_processes_come_back_and_their_programs_end_with_them(
    tmp_path: Path,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stack.supervised", str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(3)]
    assert told == [
        "{'one': {'pid': True}, 'two': [1, '2']}",
        "refused for a reason",
        "ready again",
    ]
    program = int((tmp_path / "helper").read_text())
    assert not processes.is_running(program)
    process.terminate()
    rest, trouble = process.communicate(timeout=30)
    assert rest.strip() == "ended"
    assert "crashing was killed by signal 9" in trouble
    assert "crashing | 12:00:00 WARNING about to crash" in trouble
    assert "crashing |   and why" in trouble
    assert "no news" not in trouble


@pytest.fixture
def stranger() -> "subprocess.Popen[bytes]":
    """A process that is not the stack's."""
    return subprocess.Popen(["sleep", "600"], start_new_session=True)


def test_orphans_of_an_earlier_stack_are_ended(
    tmp_path: Path, stranger: "subprocess.Popen[bytes]"
) -> None:
    processes.record(tmp_path / "processes.json", {"emulator": stranger.pid})
    assert processes.end_orphans(tmp_path / "processes.json") == ["emulator"]
    assert stranger.wait() < 0
    assert not (tmp_path / "processes.json").exists()


def test_a_process_that_only_has_the_id_of_an_orphan_is_left_alone(
    tmp_path: Path, stranger: "subprocess.Popen[bytes]"
) -> None:
    started = psutil.Process(stranger.pid).create_time()
    (tmp_path / "processes.json").write_text(
        f'[{{"name": "emulator", "pid": {stranger.pid}, "started": {started - 60}}}]'
    )
    assert processes.end_orphans(tmp_path / "processes.json") == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '[{"name": "x"}]', '[{"pid": "1"}]'])
def test_a_damaged_record_ends_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "processes.json").write_text(content)
    assert processes.end_orphans(tmp_path / "processes.json") == []


def test_logs_are_followed_line_by_line_and_the_last_run_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("12:00:00 ERROR   of the last run\n")
    rotate(log)
    follower = LogFollower()
    follower.follow("api", log)
    with log.open("w") as file:
        file.write("12:00:01 INFO    fine\n12:00:02 ERROR   half a li")
        file.flush()
        assert follower.news() == []
        file.write("ne\nTraceback (most recent call last):\n  File\n12:00:03 INFO    fine\n")
        file.flush()
        assert [line for _, line in follower.news()] == [
            "12:00:02 ERROR   half a line",
            "Traceback (most recent call last):",
            "  File",
        ]
    assert (tmp_path / "api.log.1").read_text() == "12:00:00 ERROR   of the last run\n"
