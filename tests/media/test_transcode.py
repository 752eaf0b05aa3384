"""Renditions of real sources, decoded in full and compared with what was asked for."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from chalicelib.media.errors import (
    NoStreams,
    OutputTooLarge,
    SourceBad,
    SourceUnreachable,
    TimeLimitExceeded,
)
from chalicelib.media.probe import probe
from chalicelib.media.readback import RenditionResult
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import Decoded, colour, decode
from tests.media.encoding import run
from tests.media.file_server import serving


def long_side(pixels: int) -> PictureSize:
    return PictureSize(width=pixels, sides="long_short")


_FAST = VideoEncoding(size=long_side(320), preset="ultrafast")
MP4 = RenditionSpec(container="mp4", video=_FAST, audio=AudioEncoding())
HLS = RenditionSpec(
    container="m3u8",
    video=_FAST,
    audio=AudioEncoding(sample_rate=48000),
    segments=Segments(seconds=2),
)


def check_playable(result: RenditionResult) -> Decoded:
    """Whatever the source: what every browser plays, and facts that are true."""
    decoded = decode(result.entry)
    video, audio = result.facts.main_video, result.facts.main_audio
    if video is not None:
        assert (video.codec_name, video.sar, video.rotate) == ("h264", "1:1", 0)
        assert video.profile in ("High", "Main", "Constrained Baseline")
        assert decoded.formats == {"yuv420p"}
        assert decoded.sizes == {(result.facts.width, result.facts.height)}
        assert decoded.keyframes[0] == 0
        frame = 1 / result.facts.fps
        assert result.facts.duration == pytest.approx(decoded.seconds, abs=frame + 0.03)
    if audio is not None:
        assert (audio.codec_name, audio.profile) == ("aac", "LC")
        assert decoded.channels == audio.channels <= 2
        assert decoded.sample_rate == audio.sample_rate
    assert result.files[-1] == result.entry
    assert result.facts.size == sum(path.stat().st_size for path in result.files)
    assert sorted(result.entry.parent.iterdir()) == sorted(result.files)
    return decoded


def test_mp4_of_a_normal_source(tmp_path: Path) -> None:
    progress: list[float] = []
    result = run(clips.make("normal_720p"), MP4, tmp_path, progress=progress)
    decoded = check_playable(result)
    assert result.entry == tmp_path / "out.mp4"
    assert (result.container, result.segments, len(result.files)) == ("mp4", 0, 1)
    assert (result.facts.width, result.facts.height) == (320, 180)
    assert decoded.frames == 125
    assert decoded.seconds == pytest.approx(5, abs=0.04)
    assert decoded.audio_seconds == pytest.approx(5, abs=0.05)
    assert (decoded.channels, decoded.sample_rate) == (2, 44100)
    assert decoded.keyframes == pytest.approx([0, 2, 4])
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    # Playback starts while the file loads: the index is in front of the data.
    content = result.entry.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_hls_of_a_normal_source_over_http(tmp_path: Path) -> None:
    clip = clips.make("normal_720p")
    with serving(clip.parent) as server:
        result = run(server.url(clip.name), HLS, tmp_path)
    decoded = check_playable(result)
    assert [path.name for path in result.files] == [
        *("out-00001.ts", "out-00002.ts", "out-00003.ts"),
        "out.m3u8",
    ]
    assert result.segments == 3
    assert decoded.frames == 125
    assert decoded.seconds == pytest.approx(5, abs=0.04)
    assert decoded.sample_rate == 48000
    text = result.entry.read_text()
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in text
    assert text.rstrip().endswith("#EXT-X-ENDLIST")
    lengths = [float(line[8:].rstrip(",")) for line in text.split("\n") if "#EXTINF" in line]
    assert lengths == pytest.approx([2, 2, 1], abs=0.001)
    for segment in result.files[:-1]:
        assert decode(segment).keyframes[0] == 0


def test_segments_are_of_equal_length_whatever_the_gop(tmp_path: Path) -> None:
    spec = HLS.model_copy(
        update={"video": VideoEncoding(size=long_side(160), gop_seconds=1.5, preset="ultrafast")}
    )
    result = run(clips.make("normal_720p"), spec, tmp_path)
    assert result.segments == 3
    assert decode(result.entry).keyframes == pytest.approx([0, 1, 2, 3, 4])


@pytest.mark.parametrize("spec", [MP4, HLS], ids=["mp4", "m3u8"])
def test_silent_video(spec: RenditionSpec, tmp_path: Path) -> None:
    decoded = check_playable(result := run(clips.make("silent_video"), spec, tmp_path))
    assert result.facts.audio == ()
    assert decoded.frames == 96
    assert decoded.sizes == {(320, 136)}
    assert decoded.seconds == pytest.approx(96 * 1001 / 24000, abs=0.042)


@pytest.mark.parametrize("name", ["audio_only", "mp3"])
@pytest.mark.parametrize("spec", [MP4, HLS], ids=["mp4", "m3u8"])
def test_sound_only(spec: RenditionSpec, name: str, tmp_path: Path) -> None:
    decoded = check_playable(result := run(clips.make(name), spec, tmp_path))
    assert not result.facts.has_video
    assert decoded.audio_seconds == pytest.approx(3, abs=0.06)
    assert result.facts.duration == pytest.approx(3, abs=0.06)
    assert decoded.channels == 1  # mono is not spread over two


def test_upright_phone(tmp_path: Path) -> None:
    decoded = check_playable(run(clips.make("rotated_phone"), MP4, tmp_path))
    assert decoded.sizes == {(180, 320)}
    assert decoded.frames == 60
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation == 0
        red, green, blue = colour(frame.reformat(format="rgb24"), 90, 15)
    assert red > 180
    assert max(green, blue) < 80


def test_interlaced_with_oblong_pixels(tmp_path: Path) -> None:
    spec = RenditionSpec(
        container="mp4", video=VideoEncoding(preset="ultrafast"), audio=AudioEncoding()
    )
    decoded = check_playable(result := run(clips.make("mpeg2_interlaced_43"), spec, tmp_path))
    assert decoded.sizes == {(768, 576)}
    assert decoded.frames == 75
    assert decoded.seconds == pytest.approx(3, abs=0.04)
    assert result.facts.main_video is not None
    assert result.facts.main_video.field_order == "progressive"
    # Moving edges are combed in the source: neighbouring lines differ more than they do in the
    # output.
    assert _combs(tmp_path / "out.mp4") < 0.6 * _combs(clips.make("mpeg2_interlaced_43"))


def _combs(path: Path) -> float:
    """How much every second line stands out from both its neighbours, summed over a frame."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        frame = [next(frames) for _ in range(40)][-1].reformat(width=192, format="gray")
    plane = frame.planes[0]
    data, stride = bytes(plane), plane.line_size
    total = 0
    for y in range(100, frame.height - 100):
        above, here, below = (data[n * stride : n * stride + 192] for n in (y - 1, y, y + 1))
        for a, b, c in zip(above, here, below, strict=True):
            total += max(0, min(b - a, b - c), min(a - b, c - b))
    return total


def test_hevc_10_bit(tmp_path: Path) -> None:
    decoded = check_playable(run(clips.make("hevc_10bit"), HLS, tmp_path))
    assert decoded.frames == 50
    assert decoded.seconds == pytest.approx(2, abs=0.04)


def test_high_dynamic_range_becomes_ordinary(tmp_path: Path) -> None:
    result = run(clips.make("hdr10"), MP4, tmp_path)
    check_playable(result)
    assert result.facts.main_video is not None
    assert result.facts.main_video.hdr_type == ""
    assert result.facts.main_video.color_transfer == "bt709"
    with av.open(str(result.entry)) as container:
        shown = colour(next(container.decode(video=0)).reformat(format="rgb24"), 160, 90)
    assert min(shown) > 215
    assert max(shown) - min(shown) < 12


def test_odd_sides_become_even_and_nothing_is_enlarged(tmp_path: Path) -> None:
    spec = RenditionSpec(
        container="mp4",
        video=VideoEncoding(size=long_side(1280), preset="veryfast", profile="main"),
    )
    decoded = check_playable(result := run(clips.make("odd_dimensions"), spec, tmp_path))
    assert decoded.sizes == {(640, 360)}
    assert result.facts.main_video is not None
    assert result.facts.main_video.profile == "Main"


@pytest.mark.parametrize("spec", [MP4, HLS], ids=["mp4", "m3u8"])
def test_variable_frame_rate_keeps_its_moments(spec: RenditionSpec, tmp_path: Path) -> None:
    source = decode(clips.make("variable_rate"))
    decoded = check_playable_variable(run(clips.make("variable_rate"), spec, tmp_path))
    assert decoded.times == pytest.approx(source.times, abs=0.002)
    assert decoded.audio_seconds == pytest.approx(4, abs=0.06)


def check_playable_variable(result: RenditionResult) -> Decoded:
    decoded = decode(result.entry)
    assert decoded.sizes == {(320, 180)}
    # A keyframe every 2 s at the latest, and not several in a row after the gap.
    gaps = [after - before for before, after in pairwise(decoded.keyframes)]
    assert all(0.9 < gap < 3.1 for gap in gaps)
    return decoded


def test_a_bound_on_the_frame_rate(tmp_path: Path) -> None:
    video = VideoEncoding(size=long_side(160), max_fps=10, bitrate_kbps=200, maxrate_kbps=300)
    result = run(clips.make("normal_720p"), RenditionSpec(container="mp4", video=video), tmp_path)
    decoded = check_playable(result)
    assert decoded.frames == 50
    assert result.facts.audio == ()
    assert result.facts.fps == pytest.approx(10)
    video = VideoEncoding(size=long_side(160), max_fps=60, crf=40, preset="ultrafast")
    result = run(clips.make("hevc_10bit"), RenditionSpec(container="mp4", video=video), tmp_path)
    assert decode(result.entry).frames == 50


@pytest.mark.parametrize("name", ["webm_without_duration", "flv"])
def test_other_containers(name: str, tmp_path: Path) -> None:
    decoded = check_playable(run(clips.make(name), MP4, tmp_path))
    assert decoded.frames == 75
    assert decoded.seconds == pytest.approx(3, abs=0.04)


def test_mpeg_ts(tmp_path: Path) -> None:
    """The wheel's ffmpeg reads MPEG-TS here although its build cannot load character sets."""
    (tmp_path / "out").mkdir()
    source = tmp_path / "source.ts"
    clips.ffmpeg("-i", clips.make("flv"), "-c", "copy", source)
    decoded = check_playable(run(source, MP4, tmp_path / "out"))
    assert decoded.frames == 75


def test_a_cut_source_gives_what_is_there(tmp_path: Path) -> None:
    clip = clips.make("truncated_moov_first")
    facts = probe(clip)
    with serving(clip.parent) as server:
        result = run(server.url(clip.name), MP4, tmp_path, facts=facts)
    assert result.facts.duration == pytest.approx(facts.duration, abs=0.2)
    decode(result.entry)


def test_the_same_again_gives_the_same_over_what_is_left(tmp_path: Path) -> None:
    source = clips.make("audio_only")
    first = run(source, HLS, tmp_path)
    contents = [path.read_bytes() for path in first.files]
    first.files[0].write_bytes(b"half written")
    again = run(source, HLS, tmp_path)
    assert replace(again, encoder_seconds=first.encoder_seconds) == first
    assert [path.read_bytes() for path in again.files] == contents


def test_nothing_to_encode(tmp_path: Path) -> None:
    with pytest.raises(NoStreams):
        run(clips.make("audio_only"), RenditionSpec(container="mp4", video=_FAST), tmp_path)


@pytest.mark.parametrize("name", ["text_named_mp4", "zero_byte", "truncated_moov_last"])
def test_damaged_sources(name: str, tmp_path: Path) -> None:
    facts = probe(clips.make("normal_720p"))
    with pytest.raises(SourceBad) as bad:
        run(clips.make(name), MP4, tmp_path, facts=facts)
    assert not bad.value.retryable
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_connection_is_taken_up_again(tmp_path: Path) -> None:
    clip = clips.make("rotated_phone")
    facts = probe(clip)
    with serving(clip.parent) as server:
        server.drop_after = clip.stat().st_size // 2
        result = run(server.url(clip.name), MP4, tmp_path, facts=facts)
        assert server.drops == 0
    assert decode(result.entry).frames == 60


def test_a_lost_source_is_not_taken_for_a_short_one(tmp_path: Path) -> None:
    clip = clips.make("rotated_phone")
    facts = probe(clip)
    with serving(clip.parent) as server:
        server.drop_after, server.drops = clip.stat().st_size // 2, 10**9
        with pytest.raises(SourceUnreachable) as lost:
            run(server.url(clip.name), MP4, tmp_path, facts=facts)
    assert lost.value.retryable
    assert lost.value.log
    assert "s3cr3t" not in repr((str(lost.value), lost.value.log))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("signed", [True, False])
def test_a_refused_source(signed: bool, tmp_path: Path) -> None:
    clip = clips.make("audio_only")
    facts = probe(clip)
    with serving(clip.parent) as server:
        server.missing.add(clip.name)
        url = server.url(clip.name) if signed else server.unsigned_url(clip.name)
        with pytest.raises(SourceUnreachable):
            run(url, MP4, tmp_path, facts=facts)


def test_too_much_output(tmp_path: Path) -> None:
    for spec in (MP4, HLS):
        with pytest.raises(OutputTooLarge):
            run(clips.make("normal_720p"), spec, tmp_path, most=30_000)
    assert list(tmp_path.iterdir()) == []


def test_too_long(tmp_path: Path) -> None:
    slow = RenditionSpec(container="mp4", video=VideoEncoding(preset="veryslow"))
    with pytest.raises(TimeLimitExceeded):
        run(clips.make("ten_minute_1080p"), slow, tmp_path, seconds=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "../out", "a/b", "a%d", "-y", " a", "a$b", "ä" * 101])
def test_base_names_are_plain(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="base name"):
        run(clips.make("audio_only"), MP4, tmp_path, name=name)
