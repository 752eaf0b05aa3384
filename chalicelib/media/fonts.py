"""The fonts that texts are drawn with, and their names.

libass is given one folder. A text that asks for a font that is not there gets the folder's first:
what libass would fall back to depends on the machine, and may have no glyphs at all.
"""

import os
import struct
from functools import lru_cache
from pathlib import Path

FONTS_VARIABLE = "OPENVOD_FONTS"
"""Environment variable that names a folder of TrueType or OpenType fonts."""

_LAYER = Path("/opt/fonts")
_SUFFIXES = (".ttf", ".otf")
_FAMILY = 1
_MAX_FONTS = 200
_MAX_NAME_TABLE = 1024 * 1024


def font_folder() -> Path | None:
    """`OPENVOD_FONTS`, or the folder of the layer; None if there is neither."""
    named = os.environ.get(FONTS_VARIABLE)
    folder = Path(named) if named else _LAYER
    return folder if folder.is_dir() else None


@lru_cache(maxsize=4)
def families(folder: Path) -> tuple[str, ...]:
    """The families of the fonts in a folder, in the order of the files' names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    found = (_family(path) for path in paths[:_MAX_FONTS])
    return tuple(dict.fromkeys(name for name in found if name))


def chosen_family(wanted: str | None, folder: Path) -> str:
    """The font asked for if it is there, else the first; "" if there is none."""
    known = families(folder)
    same = [name for name in known if wanted is not None and name.lower() == wanted.lower()]
    return (same or [*known, ""])[0]


def _family(path: Path) -> str:
    """The name in an OpenType file's table of names (OpenType 1.9, "name")."""
    try:
        with path.open("rb") as file:
            tables = struct.unpack(">4xH6x", file.read(12))[0]
            for _ in range(min(tables, 64)):
                tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
                if tag == b"name" and length <= _MAX_NAME_TABLE:
                    file.seek(offset)
                    return _english_family(file.read(length))
    except (struct.error, OSError, UnicodeDecodeError):
        return ""
    return ""


def _english_family(table: bytes) -> str:
    count, strings = struct.unpack(">2xHH", table[:6])
    names: dict[int, str] = {}
    for number in range(count):
        record = struct.unpack(">6H", table[6 + 12 * number : 18 + 12 * number])
        platform, _, language, name, length, offset = record
        if platform == 3 and name == _FAMILY:  # Windows, which every font has
            begin = strings + offset
            names[language] = table[begin : begin + length].decode("utf-16-be")
    english = 0x409
    return names.get(english) or next(iter(names.values()), "")
