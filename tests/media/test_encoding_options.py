"""Rate control, keyframes, profiles, pixel formats, scan modes: as they are in the output."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from chalicelib.media.errors import EncoderMissing
from chalicelib.media.readback import RenditionResult
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import Decoded, decode
from tests.media.encoding import run

_SMALL = PictureSize(width=160)


def made(
    tmp_path: Path, name: str = "flv", container: str = "mp4", **changes: object
) -> tuple[RenditionResult, Decoded]:
    video = VideoEncoding.model_validate({"size": _SMALL, "preset": "ultrafast", **changes})
    spec = RenditionSpec.model_validate({"container": container, "video": video})
    result = run(clips.make(name), spec, tmp_path)
    return result, decode(result.entry)


@pytest.mark.parametrize("codec", ["h264", "h265", "vp8", "vp9"])
def test_an_average_rate_in_two_passes(codec: str, tmp_path: Path) -> None:
    container = "webm" if codec.startswith("vp") else "mp4"
    result, decoded = made(
        tmp_path, container=container, codec=codec, bitrate_kbps=300, rate_mode="two_pass"
    )
    assert decoded.frames == 75
    assert result.facts.bitrate_kbps == pytest.approx(300, rel=0.25)
    assert list(tmp_path.iterdir()) == [result.entry]


def test_a_constant_rate(tmp_path: Path) -> None:
    """A picture that hardly needs bits gets them all the same."""
    grey = tmp_path / "grey.mp4"
    clips.ffmpeg("-f", "lavfi", "-i", "color=gray:s=320x180:r=25:d=4", "-crf", "30", grey)
    (tmp_path / "out").mkdir()
    video = VideoEncoding(preset="ultrafast", bitrate_kbps=500, rate_mode="constant")
    result = run(grey, RenditionSpec(container="ts", video=video), tmp_path / "out")
    assert result.facts.bitrate_kbps is not None
    assert result.facts.bitrate_kbps > 400


def test_a_cap_on_the_rate(tmp_path: Path) -> None:
    result, _ = made(tmp_path, crf=5, maxrate_kbps=200, bufsize_kb=200)
    assert result.facts.bitrate_kbps is not None
    assert result.facts.bitrate_kbps < 270


def test_keyframes_by_frames_and_by_seconds(tmp_path: Path) -> None:
    _, decoded = made(tmp_path, gop_frames=20)
    gaps = [b - a for a, b in pairwise(decoded.keyframes)]
    assert max(gaps) <= 0.801
    assert len(decoded.keyframes) >= 4
    _, decoded = made(tmp_path, gop_seconds=0.5)
    assert decoded.keyframes == pytest.approx([n * 0.5 for n in range(6)], abs=0.021)


@pytest.mark.parametrize("codec", ["h265", "vp8", "vp9"])
def test_keyframes_of_other_codecs(codec: str, tmp_path: Path) -> None:
    container = "webm" if codec.startswith("vp") else "mp4"
    _, decoded = made(tmp_path, container=container, codec=codec, gop_seconds=1)
    assert {round(at) for at in decoded.keyframes if abs(at - round(at)) < 0.01} >= {0, 1, 2}


def test_frame_rates(tmp_path: Path) -> None:
    result, decoded = made(tmp_path, fps=50)
    assert (decoded.frames, result.facts.fps) == (150, pytest.approx(50))
    result, decoded = made(tmp_path, fps=12.5)
    assert (decoded.frames, result.facts.fps) == (pytest.approx(37, abs=1), pytest.approx(12.5))


@pytest.mark.parametrize(
    ("asked", "profile", "pix_fmt"),
    [
        ({"profile": "baseline"}, "Constrained Baseline", "yuv420p"),
        (
            {"profile": "main", "b_frames": 0, "level": "3.1", "preset": "veryfast"},
            "Main",
            "yuv420p",
        ),
        ({"pix_fmt": "yuv422p"}, "High 4:2:2", "yuv422p"),
        ({"pix_fmt": "yuv444p"}, "High 4:4:4 Predictive", "yuv444p"),
        ({"profile": "high10", "pix_fmt": "yuv420p10le"}, "High 10", "yuv420p10le"),
        ({"pix_fmt": "yuvj420p"}, "Constrained Baseline", "yuvj420p"),
        ({"codec": "h265"}, "Main", "yuv420p"),
        ({"codec": "h265", "profile": "main10"}, "Main 10", "yuv420p10le"),
    ],
)
def test_profiles_and_pixel_formats(
    asked: dict[str, object], profile: str, pix_fmt: str, tmp_path: Path
) -> None:
    result, decoded = made(tmp_path, **asked)
    video = result.facts.main_video
    assert video is not None
    assert video.profile == profile or (profile, video.profile) == ("Constrained Baseline", "High")
    assert decoded.formats == {pix_fmt}
    if "b_frames" in asked:
        assert video.has_b_frames == 0
    if "level" in asked:
        assert video.level == 31


@pytest.mark.parametrize(("width", "level"), [(160, "1"), (320, "2")])
def test_a_level_of_h265_is_raised_to_one_that_holds_the_picture(
    width: int, level: str, tmp_path: Path
) -> None:
    result, decoded = made(tmp_path, codec="h265", level="1", size={"width": width})
    assert decoded.frames == 75
    assert result.facts.main_video is not None
    assert result.facts.main_video.level == 30 * int(level)


def fields(path: Path) -> set[bool]:
    with av.open(str(path)) as container:
        return {frame.interlaced_frame for frame in container.decode(video=0)}


def test_scan_modes(tmp_path: Path) -> None:
    """PAL fields: joined to frames, kept as fields, or left as they are."""
    for scan, interlaced in (
        ("auto", False),
        ("progressive", False),
        ("interlaced", True),
        ("kept", True),
    ):
        size = PictureSize() if interlaced else _SMALL
        result, decoded = made(tmp_path, "mpeg2_interlaced_43", scan=scan, size=size)
        assert fields(result.entry) == {interlaced}
        assert decoded.frames == 75
    result, _ = made(tmp_path, "flv", scan="kept")
    assert fields(result.entry) == {False}
    result, _ = made(tmp_path, "flv", scan="interlaced")
    assert fields(result.entry) == {True}


def test_black_borders_are_found(tmp_path: Path) -> None:
    """A film of 320x136 with noise between black bars, letterboxed to 320x180."""
    boxed = tmp_path / "boxed.mp4"
    source = "testsrc2=s=320x136:r=25:d=2,noise=alls=8:allf=t,pad=320:180:0:22:black"
    clips.ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "18", boxed)
    (tmp_path / "out").mkdir()
    video = VideoEncoding(preset="ultrafast", crop="borders")
    result = run(boxed, RenditionSpec(container="mp4", video=video), tmp_path / "out")
    assert decode(result.entry).sizes == {(320, 136)}
    spec = RenditionSpec(container="mp4", video=video.model_copy(update={"size": _SMALL}))
    result = run(clips.make("flv"), spec, tmp_path / "out", name="none")
    assert decode(result.entry).sizes == {(160, 90)}


@pytest.mark.parametrize(
    ("codec", "settings"),
    [
        ("h264", [b"aq=3:0.80", b"rc_lookahead=60", b"subme=9", b"crf=26.0", b"vbv_maxrate=400"]),
        ("h265", [b"aq-mode=3", b"rc-lookahead=60", b"crf=26.0", b"vbv-maxrate=400"]),
    ],
)
def test_narrowband(codec: str, settings: list[bytes], tmp_path: Path) -> None:
    """The encoders write their settings into the stream."""
    asked = {"codec": codec, "narrowband": True, "crf": 26, "maxrate_kbps": 400}
    result, decoded = made(tmp_path, **asked, size=PictureSize(width=96))
    assert decoded.frames == 75
    content = result.entry.read_bytes()
    assert [setting for setting in settings if setting not in content] == []


def test_profiles_of_aac_that_this_ffmpeg_lacks(tmp_path: Path) -> None:
    audio = AudioEncoding(profile="aac_he", bitrate_kbps=48)
    with pytest.raises(EncoderMissing, match="libfdk_aac"):
        run(clips.make("audio_only"), RenditionSpec(container="m4a", audio=audio), tmp_path)


def test_gif_of_a_clip(tmp_path: Path) -> None:
    spec = RenditionSpec.model_validate(
        {
            "container": "gif",
            "video": {"codec": "gif", "size": {"width": 160}, "fps": 5},
            "clip": {"start": 1, "seconds": 2},
        }
    )
    result = run(clips.make("flv"), spec, tmp_path)
    decoded = decode(result.entry)
    assert (decoded.frames, decoded.sizes) == (10, {(160, 90)})
    assert result.facts.duration == pytest.approx(2, abs=0.05)
    assert Fraction(result.facts.fps).limit_denominator(10) == 5
