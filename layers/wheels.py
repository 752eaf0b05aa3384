"""Wheels from the package index, pinned and hash-checked, unpacked into a folder."""

import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from layers.limits import BuildError

# Lambda's Pythons from 3.12 on stand on Amazon Linux 2023 with glibc 2.34.
_PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
CACHE = Path(__file__).parent.parent / ".deploy" / "wheels"

Keep = Callable[[PurePosixPath], bool]


def fetch(requirements: Path, python: str) -> list[Path]:
    """The wheels of a requirements file for Linux on x86_64 and a Python ("3.13").

    pip refuses a file whose hash is not in the requirements; what lies in the cache is checked
    against them again. Raises BuildError with pip's own words.
    """
    text = requirements.read_text("utf-8")
    allowed = set(_HASH.findall(text))
    digest = hashlib.sha256(f"{python}\n{text}".encode()).hexdigest()[:16]
    folder = CACHE / digest
    stamp = folder / "complete"
    if not stamp.exists():
        _download(requirements, folder, python)
        stamp.touch()
    wheels = sorted(folder.glob("*.whl"))
    for wheel in wheels:
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in allowed:
            stamp.unlink()
            raise BuildError(f"{wheel.name} in {folder} is damaged; run the build again")
    return wheels


def _download(requirements: Path, folder: Path, python: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", python]
    command += [f"--platform={name}_x86_64" for name in _PLATFORMS]
    command += ["--dest", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = " ".join(lines) or done.stderr.strip()[-500:]
        raise BuildError(f"the wheels of {requirements.name} cannot be had: {reason}")


def unpack(wheels: list[Path], folder: Path, keep: Keep) -> None:
    """Unpack the members that ``keep`` wants; executables stay executable."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member in _members(archive):
                path = PurePosixPath(member.filename)
                if not keep(path):
                    continue
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))
                target.chmod(0o755 if (member.external_attr >> 16) & 0o100 else 0o644)


def is_kept_metadata(path: PurePosixPath) -> bool:
    """Of a wheel's metadata stay the version, which libraries ask for, and the licences."""
    return path.name == "METADATA" or "licenses" in path.parts or path.name.startswith("LICENSE")


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts:
            raise BuildError(f"{archive.filename}: {member.filename} lies outside of the wheel")
        if not member.is_dir():
            yield member
