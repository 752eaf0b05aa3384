"""The environments that the Makefile makes. Nothing is fetched here: the requirements are empty."""

import subprocess
import sys
from pathlib import Path

import pytest

from local import make_venv
from local.layout import PROJECT

SCRIPT = PROJECT / "local" / "make_venv.py"


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("# nothing yet\n")
    return path


def start(directory: Path, *requirements: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-I", str(SCRIPT), str(directory), *map(str, requirements)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_two_at_once_make_one_environment_and_a_third_has_nothing_to_do(
    tmp_path: Path, requirements: Path
) -> None:
    directory = tmp_path / "env"
    both = [start(directory, requirements) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(text.count("Making") for text in said) == [0, 1]
    assert subprocess.call([directory / "bin" / "python", "-c", "import pip"]) == 0

    third = start(directory, requirements)
    assert third.communicate(timeout=60)[1] == ""
    assert third.returncode == 0

    # What pip cannot install leaves no stamp, so the next call tries again.
    requirements.write_text("./no-such-directory\n")
    for _ in range(2):
        failing = start(directory, requirements)
        assert "pip could not install" in failing.communicate(timeout=60)[1]
        assert failing.returncode == 1


def test_a_change_in_an_included_file_is_noticed(tmp_path: Path, requirements: Path) -> None:
    included = tmp_path / "more.txt"
    included.write_text("# one\n")
    requirements.write_text("-r more.txt\n")
    before = make_venv.fingerprint([requirements])
    included.write_text("# two\n")
    assert make_venv.fingerprint([requirements]) != before


def test_every_requirement_is_pinned() -> None:
    constraints = (PROJECT / "constraints.txt").read_text().lower().replace("-", "_").splitlines()
    pinned = {line.split("==")[0] for line in constraints}
    for name in ("requirements.txt", "requirements-media.txt", "requirements-dev.txt"):
        for line in (PROJECT / name).read_text().splitlines():
            wanted = line.split("#")[0].split("[")[0].strip().lower().replace("-", "_")
            assert not wanted or wanted.startswith("_r ") or wanted in pinned, f"{name}: {line}"
    for line in (PROJECT / "requirements-sdk.txt").read_text().splitlines():
        assert line.startswith("#") or "==" in line, line
