"""Several tracks of sound in one rendition, and HLS in several parts."""

import re
from pathlib import Path
from urllib.parse import unquote

import av
import pytest
from av.stream import Disposition

from chalicelib.media.encode import Output
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.segments import SegmentFile
from chalicelib.mediaspec.audio import AudioEncoding, AudioTrack
from chalicelib.mediaspec.hls import playlist_uris
from chalicelib.mediaspec.packaging import HlsEncryption, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.subtitles import SubtitleTrack
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import decode
from tests.media.encoding import run, run_all

_VIDEO = VideoEncoding(crf=30, preset="ultrafast", size=PictureSize(width=160))


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a picture with two tones, one of them in mono."""
    path = tmp_path_factory.mktemp("languages") / "two.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=2"]
    tones = [part for f in (300, 600) for part in ("-f", "lavfi", "-i", f"sine=f={f}:r=48000:d=2")]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-ac:a:0", "2"]
    clips.ffmpeg(*picture, *tones, *maps, "-preset", "ultrafast", "-c:a", "aac", path)
    return path


@pytest.fixture(scope="module")
def dub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third tone, longer than the picture."""
    path = tmp_path_factory.mktemp("dub") / "dub.mp3"
    clips.ffmpeg("-f", "lavfi", "-i", "sine=f=1200:r=44100:d=4", path)
    return path


_TRACKS = (
    AudioTrack(stream=0, language="eng"),
    AudioTrack(stream=1, language="fra", channels=1),
    AudioTrack(file="dub", language="deu", default=True),
)


def test_an_mp4_holds_all_tracks(languages: Path, dub: Path, tmp_path: Path) -> None:
    audio = AudioEncoding(tracks=_TRACKS, upmix=True)
    spec = RenditionSpec(container="mp4", video=_VIDEO, audio=audio)
    made = run(languages, spec, tmp_path, files={"dub": dub})
    assert [stream.lang for stream in made.facts.audio] == ["eng", "fra", "deu"]
    assert [stream.channels for stream in made.facts.audio] == [2, 1, 2]
    assert made.facts.duration < 2.2
    with av.open(str(made.entry)) as container:
        dispositions = [Disposition.default in one.disposition for one in container.streams.audio]
    assert dispositions == [False, False, True]
    assert decode(made.entry).frames == 20


def test_a_dash_manifest_offers_each_track(languages: Path, dub: Path, tmp_path: Path) -> None:
    spec = RenditionSpec(container="mpd", video=_VIDEO, audio=AudioEncoding(tracks=_TRACKS))
    made = run(languages, spec, tmp_path, files={"dub": dub})
    text = made.entry.read_text()
    assert text.count("<AdaptationSet") == 4
    assert [f'lang="{code}"' in text for code in ("eng", "fra", "deu")] == [True] * 3


def test_a_track_that_is_not_there(languages: Path, tmp_path: Path) -> None:
    audio = AudioEncoding(tracks=(AudioTrack(stream=2),))
    with pytest.raises(TargetUnfit, match="no audio stream 2"):
        run(languages, RenditionSpec(container="mp4", video=_VIDEO, audio=audio), tmp_path)


def test_an_hls_set_has_a_playlist_for_each_part(
    languages: Path, dub: Path, tmp_path: Path
) -> None:
    subtitles = tmp_path / "in.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    spec = RenditionSpec(
        container="m3u8",
        video=_VIDEO,
        audio=AudioEncoding(tracks=_TRACKS),
        segments=Segments(seconds=1),
        subtitles=(SubtitleTrack(file="srt", language="eng", name="English"),),
    )
    key = bytes(range(16))
    encrypted = spec.model_copy(update={"encryption": HlsEncryption(key_uri="http://keys/1")})
    folder = tmp_path / "out"
    folder.mkdir()
    made = run_all(
        languages,
        [Output(encrypted, "名 1", key)],
        folder,
        files={"dub": dub, "srt": subtitles},
    )[0]
    master = made.entry.read_text()
    assert made.entry.name == "名 1.m3u8"
    assert made.files[-1] == made.entry
    assert master.count("#EXT-X-MEDIA:TYPE=AUDIO") == 3
    assert 'LANGUAGE="deu",DEFAULT=YES' in master
    assert 'LANGUAGE="eng",DEFAULT=NO' in master
    assert master.count("#EXT-X-MEDIA:TYPE=SUBTITLES") == 1
    assert "RESOLUTION=160x90" in master
    named = {unquote(uri) for uri in playlist_uris(master)}
    assert named == {
        "名 1-video.m3u8",
        *(f"名 1-audio-{number}.m3u8" for number in (1, 2, 3)),
        "名 1-subtitles-1.m3u8",
    }
    for name in named - {"名 1-subtitles-1.m3u8"}:
        assert "METHOD=AES-128" in (folder / name).read_text()
    assert made.facts.size == sum(path.stat().st_size for path in folder.iterdir())
    assert "Hello" in (folder / "名 1-subtitles-1.vtt").read_text()
    assert [len(made.facts.video), len(made.facts.audio)] == [1, 3]


@pytest.mark.parametrize("clip", ["silent_video", "audio_only"])
def test_a_set_of_what_there_is(clip: str, tmp_path: Path) -> None:
    spec = RenditionSpec(container="m3u8", video=_VIDEO, audio=AudioEncoding(), separate=True)
    made = run(clips.make(clip), spec, tmp_path)
    parts = playlist_uris(made.entry.read_text())
    assert parts == ["out-video.m3u8" if clip == "silent_video" else "out-audio-1.m3u8"]
    assert made.facts.has_video == (clip == "silent_video")
    assert decode(tmp_path / parts[0]).frames > 0 or not made.facts.has_video


def test_a_set_beside_other_renditions_from_one_decoding(languages: Path, tmp_path: Path) -> None:
    segments = Segments(seconds=4, first_count=1, first_seconds=1)
    outputs = [
        Output(RenditionSpec(container="mp4", video=_VIDEO), "plain"),
        Output(
            RenditionSpec(
                container="m3u8",
                video=_VIDEO,
                audio=AudioEncoding(stream=1),
                segments=segments,
                separate=True,
            ),
            "set",
        ),
        Output(RenditionSpec(container="m3u8", video=_VIDEO), "whole"),
    ]
    handed: dict[int, set[str]] = {}

    def take(file: SegmentFile) -> None:
        handed.setdefault(file.output, set()).add(file.path.name.rpartition("-")[0])
        file.path.rename(tmp_path / file.path.name)

    plain, made, whole = run_all(languages, outputs, tmp_path, on_file=take)
    # Whoever takes segments away is told which of its outputs they are of, not of which part.
    assert handed == {1: {"set-video", "set-audio-1"}, 2: {"whole"}}
    assert {path.name for path in made.files} == {"set-video.m3u8", "set-audio-1.m3u8", "set.m3u8"}
    assert [plain.facts.has_video, whole.entry.name] == [True, "whole.m3u8"]
    assert decode(tmp_path / "set-video.m3u8").frames == 20
    assert decode(tmp_path / "set-audio-1.m3u8").channels == 1
    whole_set = decode(tmp_path / "set.m3u8")  # as a player reads it: by its master playlist
    assert (whole_set.frames, whole_set.channels) == (20, 1)
    lengths = re.findall(r"#EXTINF:([0-9.]+)", (tmp_path / "set-video.m3u8").read_text())
    assert [round(float(each), 1) for each in lengths] == [1.0, 1.0]
    assert made.facts.size == sum(path.stat().st_size for path in tmp_path.glob("set*"))
