"""Every container with every codec it holds: decoded in full and compared with what was asked."""

from pathlib import Path

import pytest

from chalicelib.media.readback import RenditionResult
from chalicelib.mediaspec.audio import AudioCodec, AudioEncoding
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import Container, RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoCodec, VideoEncoding
from tests import clips
from tests.media.decoding import Decoded, decode
from tests.media.encoding import run

_NAMES = {"h265": "hevc", "h264": "h264", "vp8": "vp8", "vp9": "vp9", "gif": "gif", "webp": "webp"}


def check(result: RenditionResult, decoded: Decoded) -> None:
    """The flv clip: 3 s at 25 frames per second, brought to 160 pixels across."""
    assert decoded.frames == 75
    assert decoded.sizes == {(160, 90)}
    assert decoded.seconds == pytest.approx(3, abs=0.045)
    assert result.facts.duration == pytest.approx(3, abs=0.1)
    assert result.facts.size == sum(path.stat().st_size for path in result.files)


@pytest.mark.parametrize(
    ("container", "video", "audio"),
    [
        ("mp4", "h265", "mp3"),
        ("mp4", "vp9", "opus"),
        ("mp4", "h264", "flac"),
        ("fmp4", "h264", "aac"),
        ("ts", "h264", "mp3"),
        ("ts", "h265", "mp2"),
        ("flv", "h264", "mp3"),
        ("flv", "h264", "aac"),
        ("webm", "vp8", "vorbis"),
        ("webm", "vp9", "opus"),
        ("gif", "gif", None),
    ],
)
def test_one_file_with_a_picture(
    container: Container, video: VideoCodec, audio: AudioCodec | None, tmp_path: Path
) -> None:
    spec = RenditionSpec(
        container=container,
        video=VideoEncoding(codec=video, size=PictureSize(width=160), preset="ultrafast"),
        audio=AudioEncoding(codec=audio, bitrate_kbps=96) if audio else None,
    )
    result = run(clips.make("flv"), spec, tmp_path)
    check(result, decoded := decode(result.entry))
    assert result.entry.suffix == f".{'mp4' if container == 'fmp4' else container}"
    assert result.facts.main_video is not None
    assert result.facts.main_video.codec_name == _NAMES[video]
    if container in ("mp4", "fmp4") and video == "h265":
        assert result.facts.main_video.codec_tag_string == "hvc1"
    if audio is None:
        assert result.facts.audio == ()
    else:
        assert result.facts.audio[0].codec_name.startswith(audio)
        assert decoded.audio_seconds == pytest.approx(3, abs=0.09)
        assert decoded.channels == 1


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("mp3", "mp3", 22050),
        ("m4a", "aac", 44100),
        ("aac", "aac", 48000),
        ("ogg", "vorbis", 44100),
        ("ogg", "opus", 48000),
        ("ogg", "flac", 96000),
        ("flac", "flac", 44100),
        ("mp4", "aac", 96000),
    ],
)
def test_sound_alone(container: Container, codec: AudioCodec, rate: int, tmp_path: Path) -> None:
    audio = AudioEncoding.model_validate({"codec": codec, "sample_rate": rate, "upmix": True})
    result = run(clips.make("flv"), RenditionSpec(container=container, audio=audio), tmp_path)
    decoded = decode(result.entry)
    assert result.facts.video == ()
    assert result.facts.audio[0].codec_name == codec
    assert (decoded.sample_rate, decoded.channels) == (rate, 2)
    assert decoded.audio_seconds == pytest.approx(3, abs=0.09)
    assert result.facts.duration == pytest.approx(3, abs=0.11)


@pytest.mark.parametrize("video", ["h264", "h265"])
@pytest.mark.parametrize(
    ("container", "kind"), [("m3u8", "mpegts"), ("m3u8", "fmp4"), ("mpd", "fmp4")]
)
def test_segments(container: Container, kind: str, video: VideoCodec, tmp_path: Path) -> None:
    segments = Segments.model_validate({"seconds": 1, "kind": kind})
    spec = RenditionSpec(
        container=container,
        video=VideoEncoding(codec=video, size=PictureSize(width=160), preset="ultrafast"),
        audio=AudioEncoding(),
        segments=segments,
    )
    result = run(clips.make("flv"), spec, tmp_path)
    joined = decode_segments(result)
    check(result, joined)
    assert result.facts.main_video is not None
    assert result.facts.main_video.codec_name == _NAMES[video]
    assert joined.keyframes == pytest.approx([0, 1, 2], abs=0.001)
    assert len([path for path in result.files if is_picture(path)]) == 3
    if kind == "fmp4":
        tag = "hvc1" if video == "h265" else "avc1"
        assert result.facts.main_video.codec_tag_string == tag


def is_picture(segment: Path) -> bool:
    return not segment.match("*-1-?????.m4s") and segment.stem[-5:].isdigit()


def decode_segments(result: RenditionResult) -> Decoded:
    """All segments in one file, as a player puts them one after the other."""
    if result.entry.suffix == ".m3u8":
        return decode(result.entry)
    whole = result.entry.with_name("whole.mp4")
    video = [path for path in result.files if "-init-0" in path.name or "-0-" in path.name]
    video.sort(key=lambda path: "-init" not in path.name)
    whole.write_bytes(b"".join(path.read_bytes() for path in video))
    try:
        return decode(whole)
    finally:
        whole.unlink()


def test_webp(tmp_path: Path) -> None:
    spec = RenditionSpec(
        container="webp",
        video=VideoEncoding(codec="webp", size=PictureSize(width=160), fps=5),
    )
    result = run(clips.make("flv"), spec, tmp_path)
    assert result.entry.read_bytes().count(b"ANMF") == 15
    assert (result.facts.width, result.facts.height) == (160, 90)
    assert result.facts.duration == pytest.approx(3, abs=0.05)
