"""A ladder from one decode, segments handed over while it runs, encryption, conditions."""

from pathlib import Path

import av
import pytest

from chalicelib.media import ffmpeg
from chalicelib.media.encode import Output, planned
from chalicelib.media.errors import ConditionRefused, EncoderFailed, OutputTooLarge
from chalicelib.media.materials import Materials
from chalicelib.media.probe import probe
from chalicelib.media.readback import read_back
from chalicelib.media.segments import SegmentFile
from chalicelib.media.source import check_source
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.conditions import Conditions
from chalicelib.mediaspec.packaging import HlsEncryption, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import decode
from tests.media.encoding import run, run_all
from tests.media.file_server import serving

_KEY = bytes(range(16))


def rung(height: int, container: str = "mp4", **changes: object) -> RenditionSpec:
    size = {"height": height, "sides": "long_short"}
    video = {"size": size, "preset": "ultrafast"}
    wanted = {"container": container, "video": video, "audio": {"sample_rate": 48000}, **changes}
    return RenditionSpec.model_validate(wanted)


def test_a_ladder_from_one_decode(tmp_path: Path) -> None:
    specs = [
        rung(240, "m3u8", segments={"seconds": 2}),
        rung(480),
        rung(360, "fmp4"),
        RenditionSpec(container="mp3", audio=AudioEncoding(codec="mp3")),
        rung(144, "mpd", segments={"seconds": 2}),
    ]
    outputs = [Output(spec, f"out-{number}") for number, spec in enumerate(specs)]
    progress: list[float] = []
    results = run_all(clips.make("normal_720p"), outputs, tmp_path, progress=progress)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    sizes = [(result.facts.width, result.facts.height) for result in results]
    assert sizes == [(426, 240), (854, 480), (640, 360), (0, 0), (256, 144)]
    for number, result in enumerate(results):
        assert result.entry.name == f"out-{number}.{specs[number].extension}"
        assert result.facts.duration == pytest.approx(5, abs=0.08)
        assert result.facts.has_video == (number != 3)
        if result.container != "mpd":
            decoded = decode(result.entry)
            assert decoded.frames == (125 if number != 3 else 0)
            assert decoded.audio_seconds == pytest.approx(5, abs=0.09)
    everything = sorted(path for result in results for path in result.files)
    assert sorted(tmp_path.iterdir()) == everything


def test_what_is_equal_is_computed_once() -> None:
    clip = clips.make("normal_720p")
    outputs = [Output(rung(height), f"out-{height}") for height in (240, 480, 360, 480)]
    command = planned(check_source(clip), probe(clip), outputs).arguments
    (graph,) = (command[n + 1] for n, word in enumerate(command) if word == "-filter_complex")
    # From the source to 480, from there to 360 and 240: one decode, one sound.
    assert [graph.count(f"scale={size}") for size in ("854:480", "640:360", "426:240")] == [1, 1, 1]
    assert graph.count("aresample") == 1
    assert command.count("-i") == 1


def test_names_have_to_differ(tmp_path: Path) -> None:
    outputs = [Output(rung(240), "out"), Output(rung(144), "out")]
    with pytest.raises(ValueError, match="differ"):
        run_all(clips.make("normal_720p"), outputs, tmp_path)
    with pytest.raises(ValueError, match="nothing"):
        run_all(clips.make("normal_720p"), [], tmp_path)


@pytest.mark.parametrize("container", ["m3u8", "mpd"])
def test_segments_are_handed_over_and_may_be_taken_away(container: str, tmp_path: Path) -> None:
    """A source of thirty seconds in small segments: what is handed over need not stay."""
    taken: dict[str, bytes] = {}
    working = 0

    def take(file: SegmentFile) -> None:
        nonlocal working
        # Others are still to come while the first are taken: that is what it is for.
        manifest = list(file.path.parent.glob("*.m3u8")) + list(file.path.parent.glob("*.mpd"))
        working += not manifest
        taken[file.path.name] = file.path.read_bytes()
        assert len(taken[file.path.name]) == file.size
        file.path.unlink()

    source = tmp_path / "source.mp4"
    clips.ffmpeg("-stream_loop", "5", "-i", clips.make("normal_720p"), "-c", "copy", source)
    (tmp_path / "out").mkdir()
    outputs = [Output(rung(360, container, segments={"seconds": 1}), "out")]
    (result,) = run_all(source, outputs, tmp_path / "out", on_file=take)
    assert result.files == (result.entry,)
    assert list((tmp_path / "out").iterdir()) == [result.entry]
    assert result.facts.duration == pytest.approx(probe(source).duration, abs=0.1)
    assert (result.facts.width, result.facts.height) == (640, 360)
    assert result.facts.audio[0].codec_name == "aac"
    assert result.segments == sum("-init" not in name for name in taken)
    total = sum(len(data) for data in taken.values()) + result.entry.stat().st_size
    assert result.facts.size == total
    if container == "m3u8":
        assert working > 3
        for name, data in taken.items():
            (result.entry.parent / name).write_bytes(data)
        assert decode(result.entry).frames == decode(source).frames


def test_what_was_taken_away_counts_as_output(tmp_path: Path) -> None:
    outputs = [Output(rung(360, "m3u8", segments={"seconds": 1}), "out")]
    with pytest.raises(OutputTooLarge):
        run_all(
            clips.make("normal_720p"),
            outputs,
            tmp_path,
            most=200_000,
            on_file=lambda file: file.path.unlink(),
        )


@pytest.mark.parametrize("segments", [{"seconds": 2}, {"seconds": 2, "at": [3]}])
def test_the_disk_holds_a_part_of_a_stream_of_any_length(
    segments: dict[str, object], tmp_path: Path
) -> None:
    """The source comes only as fast as segments leave: a worker that kept them would wait forever.

    Copied, so that it is as large as the source, which is much larger than all buffers between.
    """
    source = tmp_path / "long.mp4"
    noise = "nullsrc=s=192x144:r=25:d=2,format=yuv420p,noise=alls=100:allf=t"
    clips.ffmpeg("-f", "lavfi", "-i", noise, "-c:v", "libx264", "-qp", "4", tmp_path / "short.mp4")
    again = ["-stream_loop", "19", "-i", tmp_path / "short.mp4", "-c", "copy"]
    clips.ffmpeg(*again, "-movflags", "+faststart", source)
    size, ahead = source.stat().st_size, 4 * (tmp_path / "short.mp4").stat().st_size
    left, peak = 0, 0
    out = tmp_path / "out"
    out.mkdir()

    def take(file: SegmentFile) -> None:
        nonlocal left, peak
        peak = max(peak, ffmpeg.folder_bytes(out))
        left += file.size
        file.path.unlink()

    spec = RenditionSpec.model_validate(
        {"container": "m3u8", "video": {"codec": "copy"}, "segments": segments}
    )
    with serving(tmp_path) as server:
        facts = probe(source)
        server.may_send = lambda: server.sent < left + ahead
        (made,) = transcode_renditions(
            server.url("long.mp4"),
            facts,
            [Output(spec, "out")],
            out,
            on_progress=lambda _: None,
            cancelled=lambda: False,
            time_limit_seconds=120,
            max_output_bytes=10**9,
            on_file=take,
        )
    assert left > 0.95 * size
    assert peak < size / 3
    assert made.segments >= 20
    assert made.files == (made.entry,)


def test_a_playlist_may_not_name_what_is_not_there(tmp_path: Path) -> None:
    made = run(clips.make("normal_720p"), rung(144, "m3u8", segments={"seconds": 2}), tmp_path)
    output = Output(rung(144, "m3u8", segments={"seconds": 2}), "out")
    assert read_back(tmp_path, output, {}, None).segments == 3
    made.files[-2].write_bytes(b"")
    with pytest.raises(EncoderFailed, match="not there, or is empty"):
        read_back(tmp_path, output, {}, None)
    made.files[-2].unlink()
    with pytest.raises(EncoderFailed, match="not there, or is empty"):
        read_back(tmp_path, output, {}, None)


@pytest.mark.parametrize("iv", [None, "000102030405060708090a0b0c0d0e0f"])
def test_encryption(iv: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    plain_run = ffmpeg.run

    def watched(arguments: list[str], **others: object) -> None:
        folder = others["folder"]
        assert isinstance(folder, Path)
        secret = [path for path in folder.rglob("*") if path.is_file()]
        assert secret
        assert all(path.stat().st_mode & 0o077 == 0 for path in secret)
        seen.append(arguments)
        plain_run(arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(ffmpeg, "run", watched)
    spec = rung(144, "m3u8", segments={"seconds": 2}).model_copy(
        update={"encryption": HlsEncryption(key_uri="https://keys.example/k?id=1", iv=iv)}
    )
    result = run(clips.make("normal_720p"), spec, tmp_path, key=_KEY)
    text = result.entry.read_text()
    assert text.count('#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/k?id=1"') == 1
    assert (result.facts.width, result.facts.height) == (256, 144)
    assert result.facts.duration == pytest.approx(5, abs=0.05)
    # The key went by a file that is gone; nothing that it made can be read without it.
    assert _KEY.hex() not in " ".join(seen[0])
    assert sorted(tmp_path.iterdir()) == sorted(result.files)
    assert "key" not in {path.suffix for path in result.files}
    with pytest.raises(av.error.FFmpegError):
        decode(result.files[0])
    (tmp_path / "key.ts").write_bytes(_KEY)
    local = tmp_path / "local.m3u8"
    local.write_text(text.replace("https://keys.example/k?id=1", "key.ts"))
    assert decode(local).frames == 125


def test_encryption_needs_a_key(tmp_path: Path) -> None:
    spec = rung(144, "m3u8", encryption={"key_uri": "https://keys.example/k"})
    for key in (None, b"short"):
        with pytest.raises(ValueError, match="key of 16 bytes"):
            run(clips.make("normal_720p"), spec, tmp_path, key=key)
    assert "000102" not in repr(Output(spec, "out", _KEY))


def test_segments_of_chosen_lengths(tmp_path: Path) -> None:
    for name, segments, lengths in (
        ("first", Segments(seconds=2, first_count=2, first_seconds=1), [1, 1, 2, 1]),
        ("at", Segments(seconds=3, at=(0.48, 4)), [0.48, 2.52, 1, 1]),
    ):
        spec = rung(144, "m3u8").model_copy(update={"segments": segments})
        result = run(clips.make("normal_720p"), spec, tmp_path, name=name)
        text = result.entry.read_text()
        found = [float(line[8:].rstrip(",")) for line in text.split("\n") if "#EXTINF" in line]
        assert found == pytest.approx(lengths, abs=0.03)
        assert "#EXT-X-ENDLIST" in text
        assert decode(result.entry).frames == 125


def conditions(**asked: object) -> Conditions:
    return Conditions.model_validate(asked)


def test_conditions_cap_or_refuse(tmp_path: Path) -> None:
    """The clip is 1280x720; of its bit rate about 200 kbit/s are sound."""
    large = VideoEncoding(
        size=PictureSize(width=1920, height=1080, enlarge=True),
        preset="ultrafast",
        bitrate_kbps=50_000,
    )
    spec = RenditionSpec(container="mp4", video=large, conditions=conditions(resolution="cap"))
    result = run(clips.make("normal_720p"), spec, tmp_path)
    assert (result.facts.width, result.facts.height) == (1280, 720)
    for refused in ({"resolution": "refuse"}, {"video_bitrate": "refuse"}):
        spec = RenditionSpec(container="mp4", video=large, conditions=conditions(**refused))
        with pytest.raises(ConditionRefused, match="exceeds"):
            run(clips.make("normal_720p"), spec, tmp_path)
    loud = AudioEncoding(bitrate_kbps=900, channels=6)
    spec = RenditionSpec(container="m4a", audio=loud, conditions=conditions(audio_bitrate="refuse"))
    with pytest.raises(ConditionRefused, match="sound"):
        run(clips.make("normal_720p"), spec, tmp_path)


def test_streams_are_copied_where_that_is_asked_for(tmp_path: Path) -> None:
    video = VideoEncoding(codec="copy")
    spec = RenditionSpec(container="ts", video=video, audio=AudioEncoding(codec="copy"))
    result = run(clips.make("normal_720p"), spec, tmp_path)
    assert result.facts.audio[0].channels == 6
    assert decode(result.entry).frames == 125


def test_the_command_line_holds_no_text_of_a_stranger(font_folder: Path) -> None:
    """What a spec says freely reaches ffmpeg through files; its argument list is our words."""
    text = "'; -y /etc/passwd [out] drawtext=x"
    shown = {"kind": "text", "text": text, "font": "Any Font"}
    video = {"watermarks": [shown], "size": {"width": 160}, "preset": "ultrafast"}
    spec = RenditionSpec.model_validate({"container": "mp4", "video": video})
    clip = clips.make("normal_720p")
    with_fonts = Materials(fonts=font_folder)
    made = planned(check_source(clip), probe(clip), [Output(spec, "out")], materials=with_fonts)
    assert not any("drawtext" in word or "passwd" in word for word in made.arguments)
    assert [text in script for script in made.scripts.values()] == [True]
    assert list(made.scripts) == ["0/text-0.ass"]
