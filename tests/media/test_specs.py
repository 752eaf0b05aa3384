"""Rendition and snapshot specs: limits, and the size of a rendition."""

import pytest
from pydantic import ValidationError

from chalicelib.mediaspec.ass import sanitised
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.clip import Clip, clipped
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.decision import decided
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
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


def facts(**streams: float | None) -> MediaFacts:
    """640x360 with the bit rates (kbit/s) of `video`, `audio` and the `whole`."""
    video = VideoFacts(
        index=0, codec_name="h264", width=640, height=360, bitrate_kbps=streams.get("video")
    )
    audio = AudioFacts(index=1, codec_name="aac", bitrate_kbps=streams.get("audio"))
    return MediaFacts(
        format_name="mp4",
        duration=9,
        bitrate_kbps=streams.get("whole"),
        video=(video,),
        audio=(audio,),
    )


def conditional(**conditions: str) -> RenditionSpec:
    """1280x720 at 1,000 kbit/s, with sound of 128."""
    return RenditionSpec.model_validate(
        {
            "container": "mp4",
            "video": {"size": {"width": 1280, "height": 720}, "bitrate_kbps": 1000},
            "audio": {"bitrate_kbps": 128},
            "conditions": conditions,
        }
    )


def test_conditions_cap_what_exceeds_the_source() -> None:
    spec = conditional(resolution="cap", video_bitrate="cap", audio_bitrate="cap")
    made = decided(facts(video=400.4, audio=64), spec)
    assert made.video is not None
    assert made.audio is not None
    assert made.video.size == PictureSize()
    assert (made.video.bitrate_kbps, made.audio.bitrate_kbps) == (400, 64)
    # What the picture's stream does not tell follows from the whole.
    made = decided(facts(audio=100, whole=600), spec)
    assert made.video is not None
    assert made.video.bitrate_kbps == 500
    # What nobody tells exceeds nothing.
    made = decided(facts(), spec)
    assert made.video is not None
    assert made.video.bitrate_kbps == 1000
    assert made.audio == spec.audio


def test_conditions_leave_what_does_not_exceed_the_source() -> None:
    spec = conditional(video_bitrate="refuse", audio_bitrate="refuse")
    assert decided(facts(video=1000, audio=128), spec) is spec
    assert decided(facts(video=10, audio=10), conditional()) is not None


@pytest.mark.parametrize(
    ("condition", "told"),
    [("resolution", "1280x720"), ("video_bitrate", "1000 kbit/s"), ("audio_bitrate", "128 kbit/s")],
)
def test_conditions_refuse(condition: str, told: str) -> None:
    with pytest.raises(ConditionUnmet, match=told):
        decided(facts(video=400, audio=64), conditional(**{condition: "refuse"}))


@pytest.mark.parametrize(
    ("clip", "span"),
    [
        (None, (0, 9)),
        ({"start": 2}, (2, 9)),
        ({"start": 2, "seconds": 3}, (2, 5)),
        ({"start": 2, "seconds": 30}, (2, 9)),
        ({"start": 2, "seconds": 3, "drop_end": 1}, (2, 8)),
        ({"start": 8, "drop_end": 1}, None),
        ({"start": 9}, None),
    ],
)
def test_clips(clip: dict[str, float] | None, span: tuple[float, float] | None) -> None:
    given = Clip.model_validate(clip) if clip is not None else None
    if span is None:
        with pytest.raises(ValueError, match="leaves nothing"):
            clipped(9, given)
    else:
        assert clipped(9, given) == span


def test_hostile_ass_comes_out_harmless() -> None:
    style = "Style: A,Evil,99999,&H00FFFFFF,&H00,&H00,&H00,0,0,0,0,1e9,nan,0,0,1,9999,0,2,9,9,9,1"
    words = "{\\an8\\p9\\clip(m 0 0 l 9 9)\\fscx9999\\t(0,9e9,\\fs999)\\blur99\\pos(1,2)\\fnEvil}ok"
    script = (
        "[Script Info]\nPlayResX: 999999999\n[V4+ Styles]\n" + style + "\n[Fonts]\nevil\n"
        "[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,A,,0,0,0,,"
        + words
        + "\nComment: 0,0:00:00.00,0:00:09.00,A,,0,0,0,,no\n"
    )
    made = sanitised(script, "Noto Sans SC", earlier=2)
    assert "{\\an8\\pos(1,2)}ok" in made
    assert "0,0:00:00.00,0:00:07.00,A" in made
    assert "PlayResX: 8192" in made
    assert "Style: A,Noto Sans SC,1," in made
    assert not any(word in made.lower() for word in ("evil", "clip", "9999", "nan", "comment"))
