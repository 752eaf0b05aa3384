"""Rendition and snapshot specs: limits, and the size of a rendition."""

import pytest
from pydantic import ValidationError

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import Layout, PictureSize, layout
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, SnapshotSpec
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import ImageWatermark, TextWatermark, TimeSpan


@pytest.mark.parametrize(
    ("source", "long_side", "expected"),
    [
        ((1920, 1080), 1280, (1280, 720)),
        ((1080, 1920), 1280, (720, 1280)),
        ((1920, 1080), 848, (848, 478)),
        ((640, 360), 1280, (640, 360)),  # never enlarged
        ((641, 361), None, (640, 360)),
        ((641, 361), 641, (640, 360)),
        ((1000, 1000), 333, (332, 332)),
        ((4096, 16), 640, (640, 2)),
        ((1, 1), None, (2, 2)),
    ],
)
def test_a_long_side(
    source: tuple[int, int], long_side: int | None, expected: tuple[int, int]
) -> None:
    asked = PictureSize(width=long_side, sides="long_short")
    assert layout(source, asked) == Layout(expected, expected)


@pytest.mark.parametrize(
    ("source", "asked", "scaled", "canvas"),
    [
        # One side given: the other follows, whichever way it is held.
        ((1920, 1080), {"width": 1280}, (1280, 720), (1280, 720)),
        ((1080, 1920), {"width": 540}, (540, 960), (540, 960)),
        ((1080, 1920), {"height": 720, "sides": "long_short"}, (720, 1280), (720, 1280)),
        ((1920, 1080), {"height": 480}, (854, 480), (854, 480)),
        # Both given.
        ((1920, 1080), {"width": 640, "height": 640}, (640, 640), (640, 640)),
        ((1080, 1920), {"width": 640, "height": 360, "sides": "long_short"}, *[(360, 640)] * 2),
        ((1920, 1080), {"width": 640, "height": 640, "fit": "inside"}, (640, 360), (640, 360)),
        ((1920, 1080), {"width": 640, "height": 640, "fit": "pad"}, (640, 360), (640, 640)),
        ((1920, 1080), {"width": 640, "height": 640, "fit": "crop"}, (1138, 640), (640, 640)),
        # Larger than the source only if that is asked for.
        ((640, 360), {"width": 1280, "height": 720}, (640, 360), (640, 360)),
        ((640, 360), {"width": 1280, "height": 1280, "fit": "pad"}, (640, 360), (640, 640)),
        ((640, 360), {"width": 720, "height": 720, "fit": "crop"}, (640, 360), (360, 360)),
        ((640, 360), {"width": 1280, "enlarge": True}, (1280, 720), (1280, 720)),
        ((640, 360), {"factor": 2, "enlarge": True}, (1280, 720), (1280, 720)),
        ((640, 360), {"factor": 2}, (640, 360), (640, 360)),
        ((640, 360), {"factor": 0.5}, (320, 180), (320, 180)),
    ],
)
def test_layout(
    source: tuple[int, int],
    asked: dict[str, object],
    scaled: tuple[int, int],
    canvas: tuple[int, int],
) -> None:
    assert layout(source, PictureSize.model_validate(asked)) == Layout(scaled, canvas)


@pytest.mark.parametrize("fit", ["stretch", "inside", "pad", "crop"])
def test_sides_are_even_and_never_larger_for_any_size(fit: str) -> None:
    for width in range(2, 90, 2):
        for height in range(3, 90, 5):
            for bounds in ((16, None), (None, 33), (64, 64), (200, 30)):
                asked = {"width": bounds[0], "height": bounds[1], "fit": fit}
                planned = layout((width, height), PictureSize.model_validate(asked))
                assert all(side % 2 == 0 and side >= 2 for size in planned for side in size)
                assert fit == "crop" or planned.scaled[0] <= width
                assert fit == "crop" or planned.scaled[1] <= height
                for side, bound in zip(planned.canvas, bounds, strict=True):
                    assert bound is None or side <= bound


@pytest.mark.parametrize(
    "encoding",
    [
        {"bitrate_kbps": 9},
        {"crf": 52},
        {"crf": 20, "bitrate_kbps": 800},
        {"bufsize_kb": 6000},
        {"size": {"width": 10_000}},
        {"size": {"width": 640, "factor": 2}},
        {"crf": 60},
        {"rate_mode": "two_pass"},
        {"gop_seconds": 2, "gop_frames": 50},
        {"fps": 25, "max_fps": 30},
        {"profile": "main10"},
        {"profile": "high", "pix_fmt": "yuv444p"},
        {"codec": "h265", "scan": "interlaced"},
        {"codec": "vp9", "profile": "main"},
        {"codec": "gif", "bitrate_kbps": 500},
        {"codec": "copy", "bitrate_kbps": 500},
        {"watermarks": [{"kind": "text", "text": ""}]},
        {"watermarks": [{"kind": "text", "text": "a", "font": "x,y\\:"}]},
        {"watermarks": [{"kind": "text", "text": "a", "colour": "red"}]},
        {"watermarks": [{"kind": "image", "file": "a.png", "dx": 1.5}]},
        {"gop_seconds": 0},
        {"gop_seconds": float("nan")},
        {"codec": "av2"},
        {"preset": "placebo"},
        {"filter": "drawtext"},
    ],
)
def test_video_encoding_refuses(encoding: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VideoEncoding.model_validate(encoding)


def test_rendition_needs_something_to_encode() -> None:
    with pytest.raises(ValidationError, match="needs video or audio"):
        RenditionSpec(container="mp4")
    for wrong in (
        {"container": "exe", "audio": {}},
        {"container": "flv", "video": {"codec": "h265"}},
        {"container": "webm", "video": {"codec": "vp9"}, "audio": {}},
        {"container": "mp3", "audio": {"codec": "aac"}},
        {"container": "mp3", "video": {}, "audio": {"codec": "mp3"}},
        {"container": "flv", "audio": {"codec": "mp3", "sample_rate": 48000}},
        {"container": "gif", "video": {}},
        {"container": "mp4", "video": {"codec": "copy"}, "clip": {"start": 1}},
        {"container": "mp4", "video": {}, "encryption": {"key_uri": "https://k/1"}},
        {"container": "m3u8", "video": {}, "encryption": {"key_uri": 'https://k/1"\n'}},
    ):
        with pytest.raises(ValidationError):
            RenditionSpec.model_validate(wrong)


def test_specs_round_trip_as_json() -> None:
    spec = RenditionSpec(
        container="m3u8",
        video=VideoEncoding(
            size=PictureSize(width=848),
            bitrate_kbps=800,
            maxrate_kbps=1200,
            max_fps=29.97,
            watermarks=(
                ImageWatermark(file="a/logo.png", dx=0.1, dy=8),
                TextWatermark(text="水印", shown=TimeSpan(start=1, seconds=2)),
            ),
        ),
        audio=AudioEncoding(bitrate_kbps=64, channels=1),
    )
    assert RenditionSpec.model_validate_json(spec.model_dump_json()) == spec
    assert SnapshotSpec.model_validate_json(COVER_SNAPSHOTS.model_dump_json()) == COVER_SNAPSHOTS


def test_snapshot_limits() -> None:
    for wrong in ({"width": 7}, {"height": 4097}, {"count": 0}, {"start_ms": -1}):
        with pytest.raises(ValidationError):
            SnapshotSpec.model_validate(wrong)
