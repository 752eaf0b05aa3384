"""The embedded database's awkward moments."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import postgres
from local.errors import StackError
from local.layout import PROJECT
from local.ports import free_ports
from tests.stack_fixture import stack_of_its_own


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["sleep", "600"])
    yield process
    assert process.poll() is None, "a process that is not PostgreSQL was ended"
    process.kill()
    process.wait()


def test_lock_files_with_the_id_of_another_process_are_cleared(
    tmp_path: Path, bystander: "subprocess.Popen[bytes]"
) -> None:
    pid_file, socket_lock = tmp_path / "postmaster.pid", tmp_path / ".s.PGSQL.5432.lock"
    for path in (pid_file, socket_lock):
        path.write_text(f"{bystander.pid}\n{tmp_path}\n")
    postgres.clear_remains(tmp_path)
    assert not pid_file.exists()
    assert not socket_lock.exists()


@pytest.mark.parametrize("content", ["", "not a number\n"])
def test_a_damaged_lock_file_is_left_to_postgresql(tmp_path: Path, content: str) -> None:
    (tmp_path / "postmaster.pid").write_text(content)
    postgres.clear_remains(tmp_path)
    assert (tmp_path / "postmaster.pid").exists()


def test_the_socket_of_a_deep_directory_lies_in_a_shorter_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    near = postgres.socket_directory(deep)
    assert len(os.fsencode(near / ".s.PGSQL.5432")) <= 100
    assert near != postgres.socket_directory(deep / "f")
    assert postgres.socket_directory(Path("/short")) == Path("/short")


def test_a_stack_runs_in_a_deep_directory_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    data = private / ("d" * 60) / ("with a space and \u00fc" + "e" * 40)
    with stack_of_its_own(data) as stack:
        assert stack.rows("SELECT 1 AS one") == [{"one": 1}]
        sockets = postgres.socket_directory(data / "postgres")
        assert sockets != data / "postgres"
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_a_socket_directory_that_is_not_ours_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 100)
    postgres.socket_directory(deep).symlink_to(tmp_path)
    with pytest.raises(StackError, match="belongs to somebody else"):
        postgres.serve(deep, os.getpid())


def test_any_name_of_a_directory_will_do(tmp_path: Path) -> None:
    with stack_of_its_own(tmp_path / "a, b'\"+%41\u00fc") as stack:
        assert stack.rows("SELECT 1 AS one") == [{"one": 1}]


def test_a_given_database_is_used_and_no_other_is_made(tmp_path: Path, database_url: str) -> None:
    with stack_of_its_own(tmp_path, OPENVOD_DATABASE_URL=database_url) as stack:
        assert stack.info["database_url"] == database_url
        assert "postgres" not in stack.info["pids"]
        assert not (tmp_path / "postgres").exists()
        assert "OPENVOD_DATABASE_URL" in (tmp_path / "up.log").read_text()
        assert database_url not in (tmp_path / "up.log").read_text()


def test_a_database_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").write_text("a file where initdb wants a directory")
    done = subprocess.run(
        [sys.executable, "-m", "local", "up", "--data", str(tmp_path), "--port", str(free_ports())],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "initdb failed" in done.stderr
