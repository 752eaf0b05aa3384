"""``make demo`` from its first line to its last."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.demo import StepFailed, _Reported, _step
from local.layout import PROJECT
from local.report import Report


def test_the_demo_does_the_main_job_and_leaves_nothing_running() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local", "demo"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    lines = done.stdout.splitlines()
    steps = [line.split()[1:3] for line in lines if line.startswith("  ok  ")]
    assert len(steps) == 12
    assert "\x1b" not in done.stdout
    for event in (
        "FileUploadComplete",
        "VideoAnalysisComplete",
        "SnapshotComplete",
        "StreamTranscodeComplete",
        "TranscodeComplete",
    ):
        assert event in done.stdout
    assert re.search(r"http://127\.0\.0\.1:\d+/\S+\.m3u8\?auth_key=", done.stdout)


def test_a_step_that_fails_says_why_and_shows_the_log_that_explains_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "jobs-heavy-1.log").write_text("first line\nthe encoder is missing\n")
    (tmp_path / "logs" / "api.log").write_text("nothing to see\n")
    with (
        pytest.raises(_Reported),
        _step(Report(), "transcode", tmp_path, ("jobs-*.log",)),
    ):
        raise StepFailed("no stream was made")
    said = capsys.readouterr().out
    assert "FAILED  transcode: no stream was made" in said
    assert "the end of jobs-heavy-1.log" in said
    assert "the encoder is missing" in said
    assert "nothing to see" not in said
