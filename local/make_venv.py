"""Makes a virtual environment from pinned requirements; called by the Makefile.

``python make_venv.py DIRECTORY REQUIREMENTS [CONSTRAINTS]`` with any Python from 3.11 on and
nothing installed. Does nothing when the environment is up to date; two calls at once are safe.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

STAMP = "installed-requirements"


def main(directory: Path, requirements: list[Path]) -> None:
    """Bring the environment up to date; exits with a message that says what to do if it cannot."""
    with requirements[0].open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint(requirements)
        stamp = directory / STAMP
        if stamp.exists() and stamp.read_text("ascii") == wanted:
            return
        stamp.unlink(missing_ok=True)
        create(directory)
        install(directory, requirements)
        stamp.write_text(wanted, "ascii")


def fingerprint(requirements: list[Path]) -> str:
    """Changes when a requirements file does, or one that it includes."""
    digest = hashlib.sha256()
    for path in requirements:
        text = path.read_text("utf-8")
        digest.update(text.encode())
        included = [line.split()[1] for line in text.splitlines() if line.startswith("-r ")]
        digest.update(fingerprint([path.parent / name for name in included]).encode())
    return digest.hexdigest()


def create(directory: Path) -> None:
    """Make the environment unless it is there; one whose Python is gone is made anew."""
    python = directory / "bin" / "python"
    if python.exists() and subprocess.call([python, "-c", "import pip"]) == 0:
        return
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of Python's own package
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            "This Python cannot make virtual environments. "
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )
    print(f"Making {directory} with Python {sys.version.split()[0]}", file=sys.stderr, flush=True)
    venv.create(directory, with_pip=True, clear=True)


def install(directory: Path, requirements: list[Path]) -> None:
    """Install with pip; the second file, if any, holds the constraints."""
    command = [str(directory / "bin" / "python"), "-m", "pip", "install", "-qq"]
    command += ["--disable-pip-version-check", "-r", str(requirements[0])]
    for constraints in requirements[1:]:
        command += ["-c", str(constraints)]
    print(f"Installing {requirements[0]} into {directory}", file=sys.stderr, flush=True)
    if subprocess.call(command):
        sys.exit(f"pip could not install {requirements[0]}; see its messages above")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
