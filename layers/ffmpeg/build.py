"""Builds the layer: ``python -m layers.ffmpeg.build [--output FILE]``.

In it lie, where Lambda puts a layer (``/opt``):

- ``python/``: PyAV with its libraries, and imageio-ffmpeg with a static ffmpeg 7.0 (libx264,
  libx265, libvpx, libwebp, libass, freetype, fontconfig; texts are drawn with libass)
- ``fonts/``: Noto Sans SC (SIL Open Font License), for the ``fontsdir`` of ffmpeg's ``ass`` filter

imageio-ffmpeg 0.8's ffmpeg is 95 MB larger and would leave no room for PyAV. PyAV's wheel is for
CPython's stable ABI, so that one layer serves every Python from 3.11 on; it needs glibc 2.28, which
Lambda's Pythons have from 3.12 on (the one of 3.11 stands on an older system).
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path, PurePosixPath

from layers import archive, limits, wheels
from layers.ffmpeg.fonts import FONT, LICENCE
from layers.limits import BuildError, Part

_HERE = Path(__file__).parent
_PROJECT = _HERE.parent.parent
DEFAULT_OUTPUT = _PROJECT / ".deploy" / "ffmpeg-layer.zip"
# PyAV's wheel serves them all; pip wants one named.
_PYTHON = "3.11"

# Sources and type hints of compiled modules, and of C callers.
_NEVER_LOADED = frozenset({".pyi", ".pxd", ".pyx", ".c", ".h", ".typed"})


def build(output: Path, limit: int = limits.UNZIPPED_LIMIT) -> list[Part]:
    """Build the layer's zip; returns its parts with their unpacked sizes. Raises BuildError."""
    files = wheels.fetch(_HERE / "requirements.txt", _PYTHON)
    with tempfile.TemporaryDirectory(prefix="openvod-layer-") as scratch:
        folder = Path(scratch)
        wheels.unpack(files, folder / "python", _is_loaded)
        _drop_sources_of_compiled(folder / "python" / "av")
        _add_fonts(folder)
        parts = [
            Part("PyAV", limits.size_of(folder / "python" / "av")),
            Part("PyAV's libraries", limits.size_of(folder / "python" / "av.libs")),
            Part("ffmpeg", limits.size_of(folder / "python" / "imageio_ffmpeg")),
            Part("fonts", limits.size_of(folder / "fonts")),
        ]
        rest = limits.size_of(folder) - limits.total(parts)
        parts.append(Part("licences and metadata", rest))
        limits.check("the ffmpeg layer", parts, limit)
        archive.write(folder, output)
    return parts


def fingerprint() -> str:
    """Changes when the layer's content would: this folder and the packing code."""
    digest = hashlib.sha256()
    sources = [*_HERE.glob("*"), *_HERE.parent.glob("*.py")]
    for path in sorted(path for path in sources if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _is_loaded(path: PurePosixPath) -> bool:
    if path in (FONT, LICENCE):
        return True
    if path.parts[0].endswith(".dist-info"):
        return not path.parts[0].startswith("zhplot") and wheels.is_kept_metadata(path)
    return not path.parts[0].startswith("zhplot") and path.suffix not in _NEVER_LOADED


def _drop_sources_of_compiled(package: Path) -> None:
    for library in package.rglob("*.abi3.so"):
        library.with_name(library.name.removesuffix(".abi3.so") + ".py").unlink(missing_ok=True)


def _add_fonts(folder: Path) -> None:
    fonts = folder / "fonts"
    fonts.mkdir()
    for path in (FONT, LICENCE):
        (folder / "python" / path).rename(fonts / path.name)
    shutil.rmtree(folder / "python" / "zhplot")


def main(arguments: list[str]) -> int:
    """Build and print the sizes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m layers.ffmpeg.build", description=__doc__)
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT)
    options = parser.parse_args(arguments)
    try:
        parts = build(options.output)
    except BuildError as error:
        print(f"layer: {error}", file=sys.stderr)
        return 1
    print(f"{options.output}: {options.output.stat().st_size / limits.MEGABYTE:.1f} MB zipped")
    print(limits.table(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
