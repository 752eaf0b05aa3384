"""Adaptive packages: what a player is told is compared with what is in the segments."""

import re
from pathlib import Path

import av
import pytest

from chalicelib.media.encode import Output
from chalicelib.media.errors import SourceBad
from chalicelib.media.readback import RenditionResult
from chalicelib.media.subtitles import webvtt_track
from chalicelib.mediaspec.dash import DashMember, combined_manifest
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
from chalicelib.mediaspec.master import (
    codecs_of,
    master_playlist,
    offered,
    peak_kbps,
    subtitle_playlist,
    variant,
)
from chalicelib.mediaspec.packaging import HlsMedia, HlsPackage, HlsVariant
from chalicelib.mediaspec.rendition import RenditionSpec
from tests import clips
from tests.media.encoding import run_all


def rung(height: int, **changes: object) -> RenditionSpec:
    video = {"size": {"height": height}, "preset": "ultrafast", **changes}
    wanted = {"container": "m3u8", "video": video, "segments": {"seconds": 1}}
    return RenditionSpec.model_validate(wanted)


def most_bits(result: RenditionResult) -> int:
    """Bits of the largest segment: all last about a second."""
    return max(path.stat().st_size for path in result.files if path.suffix == ".ts") * 8


def test_an_adaptive_package_plays(tmp_path: Path) -> None:
    """Variants without sound, a group of sound and one of subtitles, opened by its master."""
    sound = RenditionSpec.model_validate(
        {"container": "m3u8", "audio": {"sample_rate": 48000}, "segments": {"seconds": 1}}
    )
    outputs = [Output(rung(240), "v240"), Output(rung(144), "v144"), Output(sound, "sound")]
    *pictures, speech = run_all(clips.make("normal_720p"), outputs, tmp_path)
    srt = "1\n00:00:01,000 --> 00:00:02,500\nHello & <i>welcome</i>\n"
    (tmp_path / "in.srt").write_text(srt)
    (tmp_path / "en.vtt").write_text(webvtt_track(tmp_path / "in.srt", "auto", mpegts=True))
    (tmp_path / "en.m3u8").write_text(subtitle_playlist("en.vtt", speech.facts.duration))
    package = HlsPackage(
        variants=tuple(
            variant(result.entry.name, result.facts, speech.facts) for result in pictures
        ),
        audio=(HlsMedia(uri="sound.m3u8", name="English", language="en", channels=2),),
        subtitles=(HlsMedia(uri="en.m3u8", name="English", language="en-US", default=True),),
    )
    master = tmp_path / "master.m3u8"
    master.write_text(master_playlist(package))
    lines = master.read_text().splitlines()
    assert (lines[-3], lines[-1]) == ("v144.m3u8", "v240.m3u8")  # the least bandwidth first
    assert 'RESOLUTION=256x144,FRAME-RATE=25.000,AUDIO="audio",SUBTITLES="subtitles"' in lines[-4]
    for result, shown in zip(pictures, package.variants, strict=True):
        greediest = most_bits(result) + most_bits(speech)
        assert shown.bandwidth == pytest.approx(greediest, rel=0.05)
        assert re.fullmatch(r"avc1\.[0-9a-f]{6}", shown.codecs[0])
        assert shown.codecs[1:] == ("mp4a.40.2",)
    with av.open(str(master), options={"allowed_extensions": "ALL"}) as container:
        heights = sorted({stream.height for stream in container.streams.video})
        assert heights == [144, 240]
        assert len(container.streams.audio) >= 1
        assert sum(1 for _ in container.decode(container.streams.video[0])) == 125


def test_webvtt_of_any_subtitles(tmp_path: Path) -> None:
    path = tmp_path / "s.srt"
    path.write_bytes("1\n01:00:01,5 --> 01:00:02,000\n字幕 <b>a</b> --> b\n".encode("gbk"))
    text = webvtt_track(path, "gbk", mpegts=False)
    assert text == "WEBVTT\n\n01:00:01.500 --> 01:00:02.000\n字幕 a --&gt; b\n"
    assert "X-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n01:00" in webvtt_track(
        path, "auto", mpegts=True
    )
    path.write_text("no subtitles")
    with pytest.raises(SourceBad, match="subtitles"):
        webvtt_track(path, "auto", mpegts=False)


def test_the_clock_of_mpegts_begins_where_the_subtitles_say(tmp_path: Path) -> None:
    (result,) = run_all(clips.make("normal_720p"), [Output(rung(144), "v")], tmp_path)
    with av.open(str(result.files[0])) as container:
        stream = container.streams.video[0]
        first = min(packet.pts for packet in container.demux(stream) if packet.pts is not None)
    text_start = 126_000
    assert first == pytest.approx(text_start, abs=90_000 * 0.1)


def offer(*bandwidths: int, limit: int | None) -> list[int]:
    variants = tuple(HlsVariant(uri=f"{number}.m3u8", bandwidth=number) for number in bandwidths)
    return [one.bandwidth for one in offered(HlsPackage(variants=variants, max_bandwidth=limit))]


def test_the_limit_of_the_bandwidth() -> None:
    assert offer(300, 100, 200, limit=None) == [100, 200, 300]
    assert offer(300, 100, 200, limit=200) == [100, 200]
    assert offer(300, 200, limit=50) == [200]


@pytest.mark.parametrize(
    ("video", "audio", "expected"),
    [
        (("h264", "High", 31), ("aac", "LC"), ("avc1.64001f", "mp4a.40.2")),
        (("h264", "Constrained Baseline", 30), None, ("avc1.42e01e",)),
        (("hevc", "Main", 120), ("mp3", ""), ("hvc1.1.6.L120.90", "mp4a.40.34")),
        (("hevc", "Main 10", 93), None, ("hvc1.2.4.L93.90",)),
        (None, ("aac", "HE-AAC"), ("mp4a.40.5",)),
        (("vp6", "", 0), ("aac", "LC"), ()),
    ],
)
def test_names_of_codecs(
    video: tuple[str, str, int] | None, audio: tuple[str, str] | None, expected: tuple[str, ...]
) -> None:
    videos = audios = ()
    if video is not None:
        codec, profile, level = video
        videos = (
            VideoFacts(index=0, codec_name=codec, profile=profile, level=level, width=2, height=2),
        )
    if audio is not None:
        audios = (AudioFacts(index=1, codec_name=audio[0], profile=audio[1]),)
    facts = MediaFacts(format_name="hls", duration=1, video=videos, audio=audios)
    assert codecs_of(facts) == expected


def test_the_greediest_segment() -> None:
    playlist = "#EXTM3U\n#EXTINF:2.0,\na.ts\n#EXTINF:0.1,\nb.ts\n#EXT-X-ENDLIST\n"
    assert peak_kbps(playlist, {"a.ts": 1000, "b.ts": 900}) == pytest.approx(7.2)
    assert peak_kbps(playlist, {}) is None


def test_dash_renditions_as_one_presentation(tmp_path: Path) -> None:
    """FFmpeg's own reader of DASH opens the whole and decodes every frame of both pictures."""
    video = {"size": {"height": 240}, "preset": "ultrafast"}
    spec = RenditionSpec.model_validate(
        {"container": "mpd", "video": video, "audio": {}, "segments": {"seconds": 1}}
    )
    smaller = spec.model_copy(update={"video": rung(144).video, "audio": None})
    outputs = [Output(smaller, "small"), Output(spec, "large")]
    results = run_all(clips.make("normal_720p"), outputs, tmp_path)
    whole = tmp_path / "whole.mpd"
    whole.write_text(combined_manifest([DashMember(made.entry.read_text()) for made in results]))
    assert whole.read_text().count("<AdaptationSet") == 2
    for number in range(2):
        clips.ffmpeg("-i", whole, "-map", f"0:v:{number}", "-c", "copy", tmp_path / f"{number}.mp4")
    heights = []
    for number in range(2):
        with av.open(str(tmp_path / f"{number}.mp4")) as container:
            heights.append(container.streams.video[0].height)
            assert sum(1 for _ in container.decode(video=0)) == 125
    assert sorted(heights) == [144, 240]
    clips.ffmpeg("-i", whole, "-map", "0:a", "-c", "copy", tmp_path / "sound.mp4")
    with pytest.raises(ValueError, match="manifest"):
        combined_manifest([DashMember("<html/>")])
    with pytest.raises(ValueError, match="nothing"):
        combined_manifest([])
