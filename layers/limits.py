"""Lambda's limits on what a function is made of, and sizes held against them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
# AWS states both limits in units of 1,048,576 bytes.
UNZIPPED_LIMIT = 250 * 1_048_576
"""Bytes that a function and all its layers may have together, unpacked."""
API_ZIP_GOAL = 15 * MEGABYTE
"""Bytes that the functions' package should stay under: it is fetched at every cold start."""


class BuildError(Exception):
    """Something cannot be packed; the message says what, in one line."""


@dataclass(frozen=True)
class Part:
    """A named share of the unpacked size."""

    name: str
    size: int


def total(parts: Iterable[Part]) -> int:
    """The unpacked size of several parts in bytes."""
    return sum(part.size for part in parts)


def table(parts: Iterable[Part], limit: int = UNZIPPED_LIMIT) -> str:
    """Sizes, one line each, and their sum against the limit."""
    parts = list(parts)
    width = max(len(part.name) for part in parts) + 2
    lines = [f"  {part.name:<{width}}{part.size / MEGABYTE:8.1f} MB" for part in parts]
    used = total(parts)
    lines.append(
        f"  {'together':<{width}}{used / MEGABYTE:8.1f} MB of {limit / MEGABYTE:.1f} MB "
        f"({100 * used / limit:.0f} %)"
    )
    return "\n".join(lines)


def check(what: str, parts: Iterable[Part], limit: int = UNZIPPED_LIMIT) -> None:
    """Raise BuildError when the parts are over the limit together."""
    used = total(parts)
    if used > limit:
        raise BuildError(
            f"{what}: {used / MEGABYTE:.1f} MB unpacked, {(used - limit) / MEGABYTE:.1f} MB over "
            f"Lambda's limit of {limit / MEGABYTE:.1f} MB"
        )


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
