"""The font of the layer, for machines without the layer: ``python -m layers.ffmpeg.fonts FOLDER``.

It comes out of the same pinned, hash-checked wheel.
"""

import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from layers import wheels
from layers.limits import BuildError

FONT = PurePosixPath("zhplot/fonts/NotoSansSC-Regular.ttf")
LICENCE = PurePosixPath("zhplot/fonts/OFL.txt")

_REQUIREMENTS = Path(__file__).parent / "requirements.txt"
# The wheel serves every Python; pip wants one named.
_PYTHON = "3.11"


def install(folder: Path) -> None:
    """Put the font and its licence into a folder, unless they are there. Raises BuildError."""
    missing = [name for name in (FONT, LICENCE) if not (folder / name.name).exists()]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(_wheel()) as archive:
        for name in missing:
            partial = folder / f".{name.name}"
            partial.write_bytes(archive.read(str(name)))
            partial.rename(folder / name.name)


def _wheel() -> Path:
    """The font's wheel alone: the others of the layer are many times as large."""
    text = _REQUIREMENTS.read_text("utf-8")
    package = FONT.parts[0]
    with tempfile.TemporaryDirectory(prefix="openvod-font-") as scratch:
        only = Path(scratch) / _REQUIREMENTS.name
        only.write_text(text[text.index(f"{package}==") :].split("\n\n")[0], "utf-8")
        (wheel,) = wheels.fetch(only, _PYTHON)
    return wheel


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    try:
        install(Path(arguments[0]))
    except BuildError as error:
        print(f"fonts: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
