"""Facts of real files, over HTTP and from paths, and what is no media."""

import threading
from pathlib import Path

import pytest

from chalicelib.media.errors import SourceBad, SourceUnreachable, TimeLimitExceeded
from chalicelib.media.probe import probe
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from tests import clips
from tests.media.file_server import serving


def test_facts_of_a_normal_file() -> None:
    facts = probe(clips.make("normal_720p"))
    video, audio = facts.main_video, facts.main_audio
    assert video is not None
    assert audio is not None
    assert facts.format_name.startswith("mov,")
    assert facts.duration == pytest.approx(5, abs=0.04)
    assert facts.size == clips.make("normal_720p").stat().st_size
    assert facts.bitrate_kbps == pytest.approx(facts.size * 8 / 1000 / facts.duration)
    assert not facts.truncated
    assert (video.codec_name, video.codec_tag_string, video.codec_tag) == (
        "h264",
        "avc1",
        "0x31637661",
    )
    assert (video.width, video.height, video.pix_fmt, video.bit_depth) == (1280, 720, "yuv420p", 8)
    assert (video.sar, video.dar, video.rotate, video.has_b_frames) == ("1:1", "16:9", 0, 2)
    assert (video.fps, video.avg_fps, video.num_frames) == (25, 25, 125)
    assert (video.field_order, video.hdr_type, video.profile) == ("progressive", "", "Main")
    assert video.level == 31
    assert (audio.codec_name, audio.sample_rate, audio.channels) == ("aac", 48000, 6)
    assert (audio.channel_layout, audio.profile, audio.lang) == ("5.1", "LC", "eng")
    assert MediaFacts.model_validate_json(facts.model_dump_json()) == facts


def test_over_http_by_ranges_with_the_same_result() -> None:
    clip = clips.make("ten_minute_1080p")
    with serving(clip.parent) as server:
        facts = probe(server.url(clip.name))
    assert facts == probe(clip)
    assert facts.duration == pytest.approx(600, abs=0.04)
    assert server.sent < 0.03 * clip.stat().st_size


@pytest.mark.parametrize(
    ("name", "seconds", "width", "height", "codec", "audio"),
    [
        ("silent_video", 4, 640, 272, "h264", None),
        ("audio_only", 3, 0, 0, None, "aac"),
        ("mp3", 3, 0, 0, None, "mp3"),
        ("webm", 3, 320, 180, "vp9", "opus"),
        ("webm_without_duration", 3, 320, 180, "vp9", "opus"),
        ("flv", 3, 320, 180, "h264", "aac"),
        ("rotated_phone", 2, 720, 1280, "h264", "aac"),
        ("mpeg2_interlaced_43", 3, 720, 576, "mpeg2video", "mp2"),
        ("hevc_10bit", 2, 640, 360, "hevc", "aac"),
        ("odd_dimensions", 2, 641, 361, "h264", None),
        ("hls_source", 6, 640, 360, "h264", "aac"),
    ],
)
def test_many_kinds(
    name: str, seconds: float, width: int, height: int, codec: str | None, audio: str | None
) -> None:
    facts = probe(clips.make(name))
    assert facts.duration == pytest.approx(seconds, abs=0.1)
    assert (facts.width, facts.height) == (width, height)
    assert facts.has_video is (codec is not None)
    assert (facts.main_video.codec_name if facts.main_video else None) == codec
    assert (facts.main_audio.codec_name if facts.main_audio else None) == audio


def test_a_raw_stream_without_a_clock_is_measured(tmp_path: Path) -> None:
    raw = tmp_path / "raw.h264"
    clips.ffmpeg("-i", clips.make("flv"), "-an", "-c", "copy", raw)
    assert probe(raw).duration == pytest.approx(3, abs=0.04)


def test_what_the_special_ones_say() -> None:
    def video(name: str) -> VideoFacts:
        main = probe(clips.make(name)).main_video
        assert main is not None
        return main

    assert video("rotated_phone").rotate == 90
    interlaced = video("mpeg2_interlaced_43")
    assert interlaced.interlaced
    assert (interlaced.sar, interlaced.dar) == ("16:15", "4:3")
    assert interlaced.square_size == (768, 576)
    assert (video("hevc_10bit").pix_fmt, video("hevc_10bit").bit_depth) == ("yuv420p10le", 10)
    assert video("hevc_10bit").hdr_type == ""
    assert video("hdr10").hdr_type == "HDR10"
    assert video("silent_video").avg_fps == pytest.approx(24000 / 1001)
    cover = probe(clips.make("mp3")).video[0]
    assert cover.attached_picture


@pytest.mark.parametrize("name", ["text_named_mp4", "zero_byte", "truncated_moov_last"])
def test_no_media_file(name: str) -> None:
    clip = clips.make(name)
    with pytest.raises(SourceBad):
        probe(clip)
    with serving(clip.parent) as server, pytest.raises(SourceBad):
        probe(server.url(clip.name))


def test_a_cut_file_with_its_header_in_front_is_described_up_to_the_cut() -> None:
    clip = clips.make("truncated_moov_first")
    facts = probe(clip)
    assert facts.truncated
    assert 2.5 < facts.duration < 3.5
    assert facts.main_video is not None
    assert facts.main_video.num_frames == 125
    with serving(clip.parent) as server:
        assert probe(server.url(clip.name)) == facts


@pytest.mark.parametrize("share", [0.0002, 0.002, 0.01, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["normal_720p", "webm", "mpeg2_interlaced_43", "flv", "mp3"])
def test_cut_anywhere_it_is_described_or_refused(name: str, share: float, tmp_path: Path) -> None:
    whole = clips.make(name)
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    try:
        facts = probe(cut, timeout_seconds=10)
    except SourceBad:
        assert share < 0.3
    else:
        assert 0 < facts.duration < 6


def test_a_good_header_over_noise_is_bad(tmp_path: Path) -> None:
    """The index is right, and nothing that it points to decodes."""
    content = bytearray(clips.make("silent_video").read_bytes())
    begin = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    content[begin:end] = b"\x55" * (end - begin)
    path = tmp_path / "noise.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceBad, match="no frame of the video"):
        probe(path)


def test_unreachable() -> None:
    clip = clips.make("audio_only")
    with serving(clip.parent) as server:
        with pytest.raises(SourceUnreachable):
            probe(server.unsigned_url(clip.name))
        with pytest.raises(SourceUnreachable):
            probe(server.url("nothing.mp4"))
        gone = server.url(clip.name)
    with pytest.raises(SourceUnreachable):
        probe(gone)
    with pytest.raises(SourceUnreachable):
        probe(Path("/nowhere/at-all.mp4"))


def test_a_server_that_never_answers_is_given_up() -> None:
    clip = clips.make("audio_only")
    with serving(clip.parent) as server:
        server.stall = threading.Event()
        with pytest.raises(TimeLimitExceeded):
            probe(server.url(clip.name), timeout_seconds=1)
