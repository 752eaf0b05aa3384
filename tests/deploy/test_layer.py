"""The layer: the same bytes twice, under Lambda's limit, and enough to work with on its own."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from layers import archive, limits
from layers.ffmpeg import build as ffmpeg_layer
from layers.functions import build as function_libraries
from tests import clips

_ROOT = Path(__file__).parents[2]
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_WORK = """
import sys
from pathlib import Path
import av, imageio_ffmpeg, pydantic
layer, source, folder = sys.argv[1:]
assert av.__file__.startswith(layer) and imageio_ffmpeg.__file__.startswith(layer)
from chalicelib.media import ffmpeg
from chalicelib.media.probe import probe
found = probe(source)
print(found.main_video.width, found.main_video.height)
ffmpeg.run(
    ["-nostdin", "-y", "-i", source, "-c:v", "libx265", "out.mp4"],
    folder=Path(folder), duration=2.0, limits=ffmpeg.Limits(60, 10**8),
    on_progress=lambda _: None, cancelled=lambda: False,
)
made = probe(str(Path(folder) / "out.mp4"))
print(made.main_video.codec_name)
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer's zip, built once for this module."""
    output = tmp_path_factory.mktemp("layer") / "layer.zip"
    ffmpeg_layer.build(output)
    return output


@pytest.fixture(scope="module")
def unpacked(layer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer as Lambda unpacks it, with the modes of the zip."""
    folder = tmp_path_factory.mktemp("opt")
    with zipfile.ZipFile(layer) as archive_file:
        for entry in archive_file.infolist():
            Path(archive_file.extract(entry, folder)).chmod(entry.external_attr >> 16 & 0o777)
    return folder


def test_two_builds_give_the_same_bytes(layer: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    ffmpeg_layer.build(again)
    assert layer.read_bytes() == again.read_bytes()


def test_an_archive_shows_neither_times_nor_the_umask(tmp_path: Path) -> None:
    zips = []
    for number, mode in enumerate((0o640, 0o604)):
        folder = tmp_path / str(number)
        (folder / "b").mkdir(parents=True)
        for name in ("b/x", "a")[:: 1 if number else -1]:
            (folder / name).write_text(name)
            (folder / name).chmod(mode)
            os.utime(folder / name, (number, 1_700_000_000 + number * 3600))
        archive.write(folder, tmp_path / f"{number}.zip")
        zips.append((tmp_path / f"{number}.zip").read_bytes())
    assert zips[0] == zips[1]


def test_a_layer_over_the_limit_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(limits.BuildError) as raised:
        ffmpeg_layer.build(tmp_path / "layer.zip", limit=100 * limits.MEGABYTE)
    assert "MB over Lambda's limit of 100.0 MB" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "layer.zip").exists()


def test_layer_and_function_fit_lambda_together(layer: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(layer) as archive_file:
        unzipped = sum(entry.file_size for entry in archive_file.infolist())
    libraries = function_libraries.build(tmp_path / "vendor", _PYTHON)
    own = limits.size_of(_ROOT / "chalicelib")
    assert unzipped + libraries + own < limits.UNZIPPED_LIMIT
    archive.write(tmp_path / "vendor", tmp_path / "vendor.zip")
    archive.write(_ROOT / "chalicelib", tmp_path / "own.zip")
    zips = [tmp_path / "vendor.zip", tmp_path / "own.zip"]
    assert sum(path.stat().st_size for path in zips) < limits.API_ZIP_GOAL


def test_the_layer_probes_and_transcodes_with_nothing_but_itself(
    unpacked: Path, tmp_path: Path
) -> None:
    function_libraries.build(tmp_path / "vendor", _PYTHON)
    source = clips.make("silent_video")
    done = subprocess.run(
        # -S: no site-packages, so that nothing of this environment can stand in.
        [sys.executable, "-S", "-c", _WORK, str(unpacked), str(source), str(tmp_path)],
        env={
            "PYTHONPATH": f"{unpacked}/python:{tmp_path}/vendor:{_ROOT}",
            "PATH": os.defpath,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["640", "272", "hevc"]


def test_ffmpeg_of_the_layer_has_what_renditions_need(unpacked: Path) -> None:
    binary = next((unpacked / "python" / "imageio_ffmpeg" / "binaries").glob("ffmpeg-*"))
    environment = {"GCONV_PATH": "/nonexistent"}
    shown = ""
    for what in ("-encoders", "-filters"):
        shown += subprocess.run(
            [binary, "-hide_banner", what],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    names = {line.split()[1] for line in shown.splitlines() if len(line.split()) > 2}
    assert {"libx264", "libx265", "libvpx-vp9", "libwebp", "ass", "subtitles"} <= names


_SUBTITLES = """[Script Info]
ScriptType: v4.00+
PlayResX: 160
PlayResY: 64

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Noto Sans SC,40,&H00FFFFFF,5

[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:00.00,0:00:05.00,Default,{text}
"""


def test_the_font_of_the_layer_is_found_and_draws_chinese(unpacked: Path, tmp_path: Path) -> None:
    binary = next((unpacked / "python" / "imageio_ffmpeg" / "binaries").glob("ffmpeg-*"))
    pictures = []
    # This ffmpeg is built without drawtext; libass draws texts as well as subtitles.
    for number, text in enumerate(("你好", "世界")):
        (tmp_path / "text.ass").write_text(_SUBTITLES.format(text=text), "utf-8")
        picture = tmp_path / f"{number}.rgb"
        subprocess.run(
            [
                *(binary, "-loglevel", "error", "-f", "lavfi", "-i", "color=black:s=160x64:d=1"),
                *("-vf", f"ass=text.ass:fontsdir={unpacked}/fonts", "-frames:v", "1"),
                *("-f", "rawvideo", "-pix_fmt", "rgb24", str(picture)),
            ],
            cwd=tmp_path,
            env={"GCONV_PATH": "/nonexistent"},
            check=True,
        )
        pictures.append(picture.read_bytes())
    # Two different texts: missing glyphs would be drawn as the same boxes.
    assert pictures[0] != pictures[1]
    assert all(max(picture) > 200 for picture in pictures)
