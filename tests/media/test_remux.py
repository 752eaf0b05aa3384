"""A container changed and nothing else: the streams' packets are the source's, byte for byte."""

from pathlib import Path

import av
import pytest

from chalicelib.media.encode import Output
from chalicelib.media.errors import Cancelled, OutputTooLarge, TargetUnfit
from chalicelib.media.probe import probe
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import remuxed
from tests import clips
from tests.media.decoding import decode
from tests.media.encoding import run, run_all


def packets(path: Path, kind: str, *, number: int = 0) -> list[bytes]:
    """What a stream's packets hold, in their order."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[number]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def frames(path: Path) -> list[int]:
    """Every picture's content, as a number."""
    with av.open(str(path)) as container:
        return [
            hash(b"".join(bytes(plane) for plane in frame.planes))
            for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("name", ["flv", "normal_720p", "hevc_10bit", "rotated_phone"])
def test_mp4_of_any_source_that_fits(name: str, tmp_path: Path) -> None:
    clip = clips.make(name)
    result = run(clip, remuxed("mp4"), tmp_path)
    assert result.files == (result.entry,)
    assert packets(result.entry, "video") == packets(clip, "video")
    assert packets(result.entry, "audio") == packets(clip, "audio")
    before, after = decode(clip), decode(result.entry)
    assert after.times == pytest.approx(before.times, abs=0.002)
    assert after.samples == before.samples
    assert result.facts.main_video is not None
    assert result.facts.main_video.rotate == probe(clip).video[0].rotate


def test_hls_is_cut_at_the_sources_own_keyframes(tmp_path: Path) -> None:
    clip = clips.make("normal_720p")
    result = run(clip, remuxed("m3u8", segments=Segments(seconds=3)), tmp_path)
    # Keyframes are at 0, 2 and 4 s: the first after 3 s is that at 4 s.
    assert [line for line in result.entry.read_text().splitlines() if "EXTINF" in line] == [
        "#EXTINF:4.000000,",
        "#EXTINF:1.000000,",
    ]
    assert [path.name for path in result.files] == ["out-00001.ts", "out-00002.ts", "out.m3u8"]
    assert frames(result.entry) == frames(clip)
    # MPEG-TS has a header of seven bytes before each packet of AAC.
    assert [sound[7:] for sound in packets(result.entry, "audio")] == packets(clip, "audio")
    assert result.facts.duration == pytest.approx(5, abs=0.05)


def test_mpeg_ts_and_back(tmp_path: Path) -> None:
    """MPEG-TS has other packets of the same pictures; back in MP4 they are what they were."""
    clip = clips.make("flv")
    streamed = run(clip, remuxed("ts"), tmp_path, name="there")
    back = run(streamed.entry, remuxed("mp4"), tmp_path, name="back")
    assert frames(back.entry) == frames(clip)
    assert packets(back.entry, "audio") == packets(clip, "audio")


def test_hevc_gets_the_tag_that_players_know(tmp_path: Path) -> None:
    streamed = run(clips.make("hevc_10bit"), remuxed("ts"), tmp_path, name="there")
    back = run(streamed.entry, remuxed("mp4"), tmp_path, name="back")
    assert back.facts.main_video is not None
    assert back.facts.main_video.codec_tag_string == "hvc1"


def test_every_sound_goes_along(tmp_path: Path) -> None:
    clip, two = clips.make("flv"), tmp_path / "two.mp4"
    inputs = ["-i", clip, "-i", clips.make("normal_720p")]
    clips.ffmpeg(*inputs, "-map", "0", "-map", "1:a", "-c", "copy", two)
    for container in ("mp4", "m3u8"):
        spec = remuxed(container, segments=Segments(seconds=2))
        result = run(two, spec, tmp_path, name=container)
        assert [stream.channels for stream in result.facts.audio] == [1, 6]


def test_the_sources_tags_are_kept_or_dropped(tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.mp4"
    clips.ffmpeg(
        *("-i", clips.make("flv"), "-c", "copy", "-movflags", "use_metadata_tags"),
        *("-metadata", "title=A film", "-metadata", "studio_id=4711", tagged),
    )
    kept = run(tagged, remuxed("mp4", keep_tags=True), tmp_path, name="kept")
    dropped = run(tagged, remuxed("mp4"), tmp_path, name="dropped")
    with av.open(str(kept.entry)) as container:
        assert container.metadata["title"] == "A film"
        assert container.metadata["studio_id"] == "4711"
    with av.open(str(dropped.entry)) as container:
        assert not {"title", "studio_id"} & set(container.metadata)
    assert packets(kept.entry, "video") == packets(dropped.entry, "video")


def test_a_kind_of_stream_that_is_missing_is_left_out(tmp_path: Path) -> None:
    silent = run(clips.make("silent_video"), remuxed("mp4"), tmp_path, name="silent")
    assert silent.facts.audio == ()
    sound = run(clips.make("mp3"), remuxed("m3u8"), tmp_path, name="sound")
    assert sound.facts.video == ()
    assert packets(sound.entry, "audio") == packets(clips.make("mp3"), "audio")


@pytest.mark.parametrize(
    ("name", "container", "what"),
    [("webm", "m3u8", "vp9 video"), ("webm", "flv", "vp9 video"), ("mp3", "webm", "mp3 audio")],
)
def test_codecs_that_do_not_fit(name: str, container: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(TargetUnfit, match=f"{container} does not hold the source's {what}"):
        run(clips.make(name), remuxed(container), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_containers_of_a_browsers_recording(tmp_path: Path) -> None:
    clip = clips.make("webm_without_duration")
    for container in ("webm", "mp4"):
        result = run(clip, remuxed(container), tmp_path, name=container)
        assert packets(result.entry, "video") == packets(clip, "video")
        assert packets(result.entry, "audio") == packets(clip, "audio")


def test_remuxing_is_bounded_and_can_be_cancelled(tmp_path: Path) -> None:
    clip = clips.make("ten_minute_1080p")
    with pytest.raises(OutputTooLarge):
        run(clip, remuxed("mp4"), tmp_path, most=2**20)
    with pytest.raises(Cancelled):
        run_all(clip, [Output(remuxed("mp4"), "out")], tmp_path, cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []
    progress: list[float] = []
    run(clip, remuxed("m3u8"), tmp_path, progress=progress)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
