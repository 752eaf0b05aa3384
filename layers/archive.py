"""Zip files whose bytes depend on nothing but their content."""

import os
import zipfile
from pathlib import Path

# The earliest moment that a zip file can name: no clock and no checkout shows.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def write(folder: Path, target: Path) -> None:
    """Pack a folder: sorted names, one fixed time, modes 755 or 644.

    The file appears under its name only when it is whole. The same content gives the same bytes
    wherever Python is linked with the same zlib.
    """
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
            if path.is_file():
                archive.writestr(_entry(folder, path), path.read_bytes())
    scratch.replace(target)


def _entry(folder: Path, path: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: Lambda then takes the mode from the entry
    mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
    entry.external_attr = (0o100000 | mode) << 16
    return entry
