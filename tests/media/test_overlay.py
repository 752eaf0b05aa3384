"""Watermarks and subtitles, looked for in the decoded pictures of the output."""

from collections.abc import Mapping
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame

from chalicelib.media.errors import EncoderMissing, MediaError, SourceBad, TargetUnfit
from chalicelib.media.fonts import chosen_family, families
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.subtitles import BurnedSubtitles
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import (
    ImageWatermark,
    TextWatermark,
    TimeSpan,
    Watermark,
)
from tests import clips
from tests.media.decoding import colour, decode
from tests.media.encoding import run

_WIDTH, _HEIGHT = 320, 180


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a grey picture: whatever is laid on it stands out."""
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    source = ["-f", "lavfi", "-i", f"color=gray:s={_WIDTH}x{_HEIGHT}:r=10:d=3"]
    clips.ffmpeg(*source, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", path)
    return path


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red square with a transparent half, and animations that turn from green to blue."""
    folder = tmp_path_factory.mktemp("marks")
    square = (
        "color=red:s=40x40,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(lt(X,20),255,0)'"
    )
    clips.ffmpeg("-f", "lavfi", "-i", square, "-frames:v", "1", folder / "red.png")
    moving = "color=green:s=40x40:r=10:d=0.5[a];color=blue:s=40x40:r=10:d=0.5[b];[a][b]concat"
    for name, encoder in (("a.gif", "gif"), ("a.apng", "apng"), ("a.mov", "qtrle")):
        clips.ffmpeg("-f", "lavfi", "-i", moving, "-c:v", encoder, folder / name)
    return folder


def made(
    grey: Path,
    tmp_path: Path,
    *,
    watermarks: tuple[Watermark, ...] = (),
    subtitles: tuple[BurnedSubtitles, ...] = (),
    files: Mapping[str, str | Path] | None = None,
) -> list[VideoFrame]:
    """The pictures of the output as RGB, ten a second."""
    video = VideoEncoding(crf=5, preset="ultrafast", watermarks=watermarks, subtitles=subtitles)
    spec = RenditionSpec(container="mp4", video=video)
    result = run(grey, spec, tmp_path, files=files)
    decoded = decode(result.entry)
    assert (decoded.frames, decoded.sizes) == (30, {(_WIDTH, _HEIGHT)})
    with av.open(str(result.entry)) as container:
        return [frame.reformat(format="rgb24") for frame in container.decode(video=0)]


def is_grey(frame: VideoFrame, x: int, y: int) -> bool:
    return all(abs(value - 128) < 12 for value in colour(frame, x, y))


def ink(frame: VideoFrame, box: tuple[int, int, int, int] = (0, 0, _WIDTH, _HEIGHT)) -> int:
    """How many pixels of a box (left, top, right, bottom) are not grey."""
    left, top, right, bottom = box
    return sum(
        not is_grey(frame, x, y) for y in range(top, bottom, 2) for x in range(left, right, 2)
    )


@pytest.mark.parametrize(
    ("corner", "left", "top"),
    [
        ("top_left", 16, 10),
        ("top_right", 320 - 16 - 40, 10),
        ("bottom_left", 16, 180 - 10 - 40),
        ("bottom_right", 320 - 16 - 40, 180 - 10 - 40),
    ],
)
def test_an_image_in_each_corner(
    corner: str, left: int, top: int, grey: Path, marks: Path, tmp_path: Path
) -> None:
    mark = ImageWatermark.model_validate(
        {"file": "logo", "corner": corner, "dx": 0.05, "dy": 10, "width": 40}
    )
    frame = made(grey, tmp_path, watermarks=(mark,), files={"logo": marks / "red.png"})[15]
    red, green, blue = colour(frame, left + 8, top + 20)
    assert red > 220
    assert max(green, blue) < 40
    assert is_grey(frame, left + 32, top + 20)  # its transparent half
    assert is_grey(frame, left - 8, top + 20)
    assert is_grey(frame, left + 8, top - 6)
    assert is_grey(frame, left + 8, top + 46)


def test_sizes_times_and_looks_of_images(grey: Path, marks: Path, tmp_path: Path) -> None:
    shown = TimeSpan(start=1, seconds=1)
    watermarks = (
        ImageWatermark(file="logo", corner="top_left", shown=shown),  # 0.12 of the width
        ImageWatermark(file="logo", corner="bottom_left", height=0.5, process="grey"),
        ImageWatermark(file="logo", corner="top_right", width=20, height=80, opacity=0.5),
    )
    frames = made(grey, tmp_path, watermarks=watermarks, files={"logo": marks / "red.png"})
    assert is_grey(frames[9], 4, 10)
    assert colour(frames[10], 4, 10)[0] > 200
    assert colour(frames[19], 16, 36)[0] > 200
    assert is_grey(frames[20], 4, 10)
    red, green, blue = colour(frames[0], 20, 130)
    assert abs(red - green) < 12
    assert abs(red - blue) < 12
    assert red < 100  # red is dark without its colour
    assert is_grey(frames[0], 20, 80)
    red, green, _ = colour(frames[0], 305, 70)
    assert 170 < red < 215
    assert 40 < green < 85


def test_pixels_of_the_source_are_scaled_with_it(grey: Path, marks: Path, tmp_path: Path) -> None:
    mark = ImageWatermark(
        file="logo", corner="top_left", dx=40, dy=0.25, width=80, measured_on="source"
    )
    halved = VideoEncoding(
        crf=5, preset="ultrafast", size=PictureSize(width=160, height=90), watermarks=(mark,)
    )
    spec = RenditionSpec(container="mp4", video=halved)
    result = run(grey, spec, tmp_path, files={"logo": marks / "red.png"})
    with av.open(str(result.entry)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    # 80 pixels of the source are 40 here, and begin at 20; a share stays one.
    assert [is_grey(frame, x, 30) for x in (16, 24, 36)] == [True, False, False]
    assert is_grey(frame, 44, 30)
    assert [is_grey(frame, 30, y) for y in (18, 26, 58, 66)] == [True, False, False, True]


@pytest.mark.parametrize("name", ["a.gif", "a.apng", "a.mov"])
def test_an_animation_is_repeated(name: str, grey: Path, marks: Path, tmp_path: Path) -> None:
    mark = ImageWatermark(file="moving", corner="top_left", width=40)
    frames = made(grey, tmp_path, watermarks=(mark,), files={"moving": marks / name})
    kinds = ["b" if colour(frame, 20, 20)[2] > 150 else "g" for frame in frames]
    assert "".join(kinds) == "gggggbbbbb" * 3


def test_texts(grey: Path, tmp_path: Path, font_folder: Path) -> None:
    watermarks = (
        TextWatermark(text="水印", font_size=40, colour="#ff0000", dx=10, dy=10),
        TextWatermark(
            text="{\\pos(0,0)}\\N", font_size=20, corner="bottom_right", dx=0.05, dy=0.05
        ),
        TextWatermark(
            text="●",
            font_size=40,
            corner="bottom_left",
            border_width=4,
            border_colour="#0000ff",
            colour="#00ff00",
            shown=TimeSpan(start=2),
        ),
    )
    frames = made(grey, tmp_path, watermarks=watermarks)
    first, last = frames[5], frames[25]
    assert ink(first, (10, 10, 94, 70)) > 100
    assert ink(first, (120, 0, 320, 90)) == 0
    # What looks like an order is drawn as it stands, where it was put.
    assert ink(first, (180, 130, 306, 172)) > 60
    assert ink(first, (0, 80, 100, 180)) == 0
    colours = {colour(last, x, y) for x in range(0, 60, 2) for y in range(110, 180, 2)}
    assert any(g > 200 and r < 80 and b < 80 for r, g, b in colours)
    assert any(b > 200 and r < 80 and g < 80 for r, g, b in colours)
    reds = [colour(first, x, y) for x in range(10, 90, 2) for y in range(10, 70, 2)]
    assert sum(r > 200 and g < 60 for r, g, _ in reds) > 50


def test_a_text_grows_with_the_picture_where_it_shall(
    grey: Path, tmp_path: Path, font_folder: Path
) -> None:
    text = TextWatermark(text="MMMM", font_size=108, adapt=True)
    frame = made(grey, tmp_path, watermarks=(text,))[0]
    assert ink(frame) > 20
    assert ink(frame, (100, 0, 320, 180)) == 0  # 18 pixels high here


def test_fonts_are_found_by_their_names(font_folder: Path, tmp_path: Path) -> None:
    assert families(font_folder) == ("Noto Sans SC",)
    assert chosen_family("noto sans sc", font_folder) == "Noto Sans SC"
    assert chosen_family("SimSun", font_folder) == "Noto Sans SC"
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0\xff\xff" + b"x" * 40)
    assert families(tmp_path) == ()


def test_without_a_font_no_text(
    grey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_FONTS", str(tmp_path / "none"))
    with pytest.raises(EncoderMissing, match="font"):
        made(grey, tmp_path, watermarks=(TextWatermark(text="a"),))


_SRT = "1\n00:00:01,000 --> 00:00:02,000\n<i>{\\an8}字幕 &amp; words</i>\nand more\n\n"
_VTT = "WEBVTT\n\nNOTE nothing\n\nsome id\n00:01.000 --> 00:02.000 line:0\n<v Ann>字幕\n"
_ASS = """[Script Info]
PlayResX: 320
PlayResY: 180

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Big,Arial,30,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,0,2,9,9,9,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Big,,0,0,0,,{\\i1\\p1}字幕{\\fscx99999}
"""


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (_SRT, "utf-8", "utf-8"),
        (_SRT, "gbk", "gbk"),
        (_SRT, "gbk", "auto"),
        (_SRT, "utf-16", "auto"),
        (_VTT, "utf-8-sig", "auto"),
        (_ASS, "utf-8", "auto"),
    ],
    ids=["srt", "gbk", "gbk guessed", "utf-16", "vtt", "ass"],
)
def test_burnt_subtitles(
    text: str, encoding: str, named: str, grey: Path, tmp_path: Path, font_folder: Path
) -> None:
    (tmp_path / "subtitles").write_bytes(text.encode(encoding))
    (tmp_path / "out").mkdir()
    burned = BurnedSubtitles.model_validate({"file": "s", "encoding": named})
    frames = made(grey, tmp_path / "out", subtitles=(burned,), files={"s": tmp_path / "subtitles"})
    assert ink(frames[9]) == ink(frames[20]) == 0
    assert ink(frames[10], (60, 110, 260, 180)) > 20
    assert ink(frames[19], (60, 110, 260, 180)) > 20
    assert ink(frames[15], (0, 0, 320, 90)) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not subtitles at all",
        b"PK\3\4" + bytes(3000),
        b"\x1f\x8b\x08" + bytes(range(256)) * 20,
        b"1\n00:00:01,000 --> 00:00:02,000\n\xff\xff\n",
        b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n" * 20_001,
        b"x" * (4 * 1024 * 1024 + 1),
    ],
    ids=["empty", "prose", "zip", "gzip", "no text", "too many", "too large"],
)
def test_hostile_subtitles(data: bytes, grey: Path, tmp_path: Path, font_folder: Path) -> None:
    (tmp_path / "subtitles").write_bytes(data)
    burned = BurnedSubtitles(file="s", encoding="utf-8")
    with pytest.raises(SourceBad, match=r"subtitles|empty"):
        made(grey, tmp_path, subtitles=(burned,), files={"s": tmp_path / "subtitles"})


def test_hostile_watermarks(grey: Path, tmp_path: Path) -> None:
    mark = ImageWatermark(file="w")
    playlist = tmp_path / "w.png"
    for content in (
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"text",
        b"\x89PNG",
    ):
        playlist.write_bytes(content)
        with pytest.raises(SourceBad, match="a watermark"):
            made(grey, tmp_path, watermarks=(mark,), files={"w": playlist})
    with pytest.raises(TargetUnfit, match="missing"):
        made(grey, tmp_path, watermarks=(mark,))
    with pytest.raises(MediaError):
        made(grey, tmp_path, watermarks=(mark,), files={"w": "file:///etc/passwd"})
    wide = tmp_path / "wide.png"
    clips.ffmpeg("-f", "lavfi", "-i", "color=red:s=9000x4", "-frames:v", "1", wide)
    with pytest.raises(MediaError, match="a watermark"):
        made(grey, tmp_path, watermarks=(mark,), files={"w": wide})
