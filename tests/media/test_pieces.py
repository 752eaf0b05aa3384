"""Encoded in pieces and joined, a rendition is what it is when it is encoded whole."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest

from chalicelib.media.chunks import encode_sound, encode_span, why_whole
from chalicelib.media.encode import Output, Span
from chalicelib.media.errors import Cancelled, EncoderFailed
from chalicelib.media.join import join_rendition
from chalicelib.media.keyframes import spans
from chalicelib.media.materials import Files
from chalicelib.media.probe import probe
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.growing import as_far_as, as_finished
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.subtitles import BurnedSubtitles
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import ImageWatermark, TextWatermark, TimeSpan
from tests import clips
from tests.media.file_server import serving

_VIDEO = VideoEncoding(size=PictureSize(width=320), preset="ultrafast", b_frames=2)
_AUDIO = AudioEncoding()
_SEGMENTS = Segments(seconds=2)
_HOW = {
    "on_progress": lambda _: None,
    "cancelled": lambda: False,
    "time_limit_seconds": 60,
    "max_output_bytes": 10**9,
}


def output(name: str, container: str, video: VideoEncoding = _VIDEO) -> Output:
    spec = RenditionSpec(container=container, video=video, audio=_AUDIO, segments=_SEGMENTS)
    return Output(spec, name)


@dataclass
class Packets:
    """Presentation and decoding times of all packets, in their order."""

    pictures: list[tuple[Fraction, Fraction]]
    sounds: list[tuple[Fraction, Fraction]]


def packets(entry: Path) -> Packets:
    found: dict[str, list[tuple[Fraction, Fraction]]] = {"video": [], "audio": []}
    with av.open(str(entry)) as container:
        for packet in container.demux():
            if packet.pts is not None and packet.dts is not None:
                tick = packet.time_base
                found[packet.stream.type].append((packet.pts * tick, packet.dts * tick))
    return Packets(found["video"], found["audio"])


def in_pieces(
    source: str | Path,
    facts: MediaFacts,
    outputs: list[Output],
    count: int,
    folder: Path,
    files: Files | None = None,
) -> list[Path]:
    cut = spans(source, count, facts.duration, timeout_seconds=30)
    assert len(cut) == count
    pieces = [
        encode_span(source, facts, outputs, span, folder, files=files, **_HOW) for span in cut
    ]
    sound = encode_sound(source, facts, [_AUDIO], folder, **_HOW)[0] if facts.audio else None
    made = []
    for number, wanted in enumerate(outputs):
        own = [piece[number] for piece in pieces]
        frames = sum(piece.frames for piece in own)
        result = join_rendition(
            [piece.path for piece in own], frames, sound, facts, wanted, folder, **_HOW
        )
        made.append(result.entry)
    return made


@pytest.fixture(scope="module")
def open_gop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Groups of pictures that lean on the one before, a rate that no millisecond divides."""
    path = tmp_path_factory.mktemp("clips") / "open.mkv"
    picture = "testsrc2=s=320x180:r=30000/1001:d=6"
    options = ["-x264-params", "open-gop=1:keyint=40:bframes=3:scenecut=0", "-pix_fmt", "yuv420p"]
    clips.ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", *options, path)
    return path


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frame rate that varies, as phones record."""
    path = tmp_path_factory.mktemp("clips") / "uneven.mp4"
    picture = "testsrc2=s=320x180:r=30:d=6,select='not(eq(mod(n\\,7)\\,3))'"
    options = ["-fps_mode", "vfr", "-c:v", "libx264", "-g", "40", "-pix_fmt", "yuv420p"]
    clips.ffmpeg("-f", "lavfi", "-i", picture, *options, path)
    return path


def check_same(source: Path, outputs: list[Output], count: int, folder: Path) -> None:
    facts = probe(source)
    whole_folder, piece_folder = folder / "whole", folder / "pieces"
    whole_folder.mkdir()
    piece_folder.mkdir()
    whole = transcode_renditions(source, facts, outputs, whole_folder, **_HOW)
    joined = in_pieces(source, facts, outputs, count, piece_folder)
    for before, after in zip(whole, joined, strict=True):
        expected, found = packets(before.entry), packets(after)
        # In the order of decoding the two encoders may differ, but no frame is lost or doubled.
        assert sorted(at for at, _ in found.pictures) == sorted(at for at, _ in expected.pictures)
        order = [dts for _, dts in found.pictures]
        assert order == sorted(set(order))
        assert all(dts <= pts for pts, dts in found.pictures)
        assert len(found.sounds) == len(expected.sounds)
        # MPEG-TS counts in 90,000ths of a second: a time may round to either of two.
        for (at, _), (then, _) in zip(found.sounds, expected.sounds, strict=True):
            assert abs(at - then) <= Fraction(1, 90_000)


def test_every_container_of_three_pieces(tmp_path: Path) -> None:
    outputs = [output("a", "mp4"), output("b", "m3u8"), output("c", "ts"), output("d", "flv")]
    source = tmp_path / "source.mp4"
    clips.ffmpeg("-stream_loop", "1", "-i", clips.make("normal_720p"), "-c", "copy", source)
    check_same(source, outputs, 3, tmp_path)
    assert sorted(path.name for path in (tmp_path / "pieces").glob("b-*.ts")) == sorted(
        path.name for path in (tmp_path / "whole").glob("b-*.ts")
    )
    assert (tmp_path / "pieces" / "b.m3u8").read_text() == (
        tmp_path / "whole" / "b.m3u8"
    ).read_text()


def test_open_groups_of_pictures(open_gop: Path, tmp_path: Path) -> None:
    check_same(open_gop, [output("a", "mp4")], 3, tmp_path)


def test_a_varying_frame_rate(uneven: Path, tmp_path: Path) -> None:
    check_same(uneven, [output("a", "mp4")], 3, tmp_path)


def test_a_frame_rate_that_is_changed(open_gop: Path, tmp_path: Path) -> None:
    slower = _VIDEO.model_copy(update={"fps": 12.0})
    faster = _VIDEO.model_copy(update={"fps": 50.0})
    check_same(open_gop, [output("a", "mp4", slower), output("b", "mp4", faster)], 3, tmp_path)


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A still square, animations whose periods no second divides, and subtitles."""
    folder = tmp_path_factory.mktemp("marks")
    clips.ffmpeg("-f", "lavfi", "-i", "color=red:s=40x40", "-frames:v", "1", folder / "still.png")
    for name, encoder in (("gif", "gif"), ("apng", "apng"), ("mov", "qtrle")):
        moving = ["-f", "lavfi", "-i", "testsrc=s=40x40:r=10:d=0.7", "-c:v", encoder]
        clips.ffmpeg(*moving, folder / f"moving.{name}")
    text = "".join(f"{n + 1}\n00:00:0{n},300 --> 00:00:0{n},900\nline {n}\n\n" for n in range(9))
    (folder / "text.srt").write_text(text)
    return {path.name: path for path in folder.iterdir()}


def pictures(entry: Path) -> list[str]:
    """What each decoded frame looks like."""
    found = []
    with av.open(str(entry)) as container:
        for frame in container.decode(video=0):
            digest = hashlib.sha256()
            for plane in frame.planes:
                rows, step = bytes(plane), plane.line_size
                for row in range(plane.height):
                    digest.update(rows[row * step : row * step + plane.width])
            found.append(digest.hexdigest())
    return found


def test_what_is_laid_over_the_picture_is_the_same_in_pieces(
    marks: dict[str, Path], font_folder: Path, tmp_path: Path
) -> None:
    """Coded without loss, the frames of the pieces are those of the whole, bit for bit."""
    shown = TimeSpan(start=0.5, seconds=4)
    laid = (
        ImageWatermark(file="still.png", width=0.1, dx=4, dy=4, shown=shown),
        TextWatermark(text="mark", font_size=40, corner="bottom_left", shown=shown),
        *(
            ImageWatermark(file=f"moving.{name}", width=32, height=32, dx=50 * number, dy=60)
            for number, name in enumerate(("gif", "apng", "mov"), start=1)
        ),
    )
    exact = {
        "crf": 0,
        "profile": "high444",
        "watermarks": laid,
        "subtitles": (BurnedSubtitles(file="text.srt"),),
    }
    wanted = output("a", "mp4", _VIDEO.model_copy(update=exact))
    source = tmp_path / "source.mp4"
    clips.ffmpeg("-stream_loop", "1", "-i", clips.make("normal_720p"), "-c", "copy", source)
    facts = probe(source)
    (whole,) = transcode_renditions(source, facts, [wanted], tmp_path, files=marks, **_HOW)
    folder = tmp_path / "pieces"
    folder.mkdir()
    (joined,) = in_pieces(source, facts, [wanted], 3, folder, marks)
    expected, found = pictures(whole.entry), pictures(joined)
    assert len(found) == len(expected) == 250
    assert [
        n for n, pair in enumerate(zip(found, expected, strict=True)) if len(set(pair)) > 1
    ] == []
    assert len(set(expected)) > 200


def test_dash_and_h265(tmp_path: Path) -> None:
    h265 = _VIDEO.model_copy(update={"codec": "h265", "b_frames": None})
    outputs = [output("a", "mpd"), output("b", "mp4", h265)]
    source = clips.make("normal_720p")
    facts = probe(source)
    entry, tagged = in_pieces(source, facts, outputs, 2, tmp_path)
    parts = sorted(tmp_path.glob("a-0-*.m4s"))
    film = tmp_path / "film.mp4"
    film.write_bytes(b"".join(p.read_bytes() for p in (tmp_path / "a-init-0.m4s", *parts)))
    assert len(packets(film).pictures) == 125
    assert "<MPD" in entry.read_text()
    assert probe(tagged).main_video is not None
    assert probe(tagged).main_video.codec_tag_string == "hvc1"


def test_pieces_are_read_over_http(tmp_path: Path) -> None:
    source = clips.make("normal_720p")
    facts = probe(source)
    wanted = output("a", "mp4")
    cut = spans(source, 2, facts.duration, timeout_seconds=30)
    with serving(source.parent) as server:
        url = server.url(source.name)
        assert spans(url, 2, facts.duration, timeout_seconds=30) == cut
        pieces = [encode_span(url, facts, [wanted], span, tmp_path, **_HOW)[0] for span in cut]
    names = []
    served = tmp_path / "served"
    served.mkdir()
    for number, piece in enumerate(pieces):
        names.append(f"{number}.nut")
        piece.path.rename(served / names[-1])
    with serving(served) as server:
        urls = [server.url(name) for name in names]
        frames = sum(piece.frames for piece in pieces)
        made = join_rendition(urls, frames, None, facts, wanted, tmp_path, **_HOW)
    assert len(packets(made.entry).pictures) == 125


def test_pieces_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    source = clips.make("normal_720p")
    facts = probe(source)
    wanted = output("a", "mp4")
    other = output("a", "mp4", _VIDEO.model_copy(update={"size": PictureSize(width=240)}))
    first, second = spans(source, 2, facts.duration, timeout_seconds=30)
    (one,) = encode_span(source, facts, [wanted], first, tmp_path, **_HOW)
    (two,) = encode_span(source, facts, [other], second, tmp_path, **_HOW)
    for pieces in ([one.path, two.path], [one.path, one.path]):
        with pytest.raises(EncoderFailed):
            join_rendition(pieces, 125, None, facts, wanted, tmp_path, **_HOW)
    with pytest.raises(EncoderFailed, match="of 125 frames"):
        join_rendition([one.path], 125, None, facts, wanted, tmp_path, **_HOW)
    with pytest.raises(Cancelled):
        how = _HOW | {"cancelled": lambda: True}
        join_rendition([one.path], one.frames, None, facts, wanted, tmp_path, **how)
    assert list(tmp_path.glob("a.*")) == []


def test_what_has_no_index_is_not_cut() -> None:
    whole = [Span(None, None)]
    assert spans(clips.make("hls_source"), 3, 6.0, timeout_seconds=30) == whole
    source = clips.make("mpegts") if "mpegts" in clips.names() else None
    if source is not None:
        assert spans(source, 3, 6.0, timeout_seconds=30) == whole


def test_what_looks_at_the_whole_is_not_pieced() -> None:
    def pieced(**changes: object) -> bool:
        spec = RenditionSpec(container="mp4", video=_VIDEO, audio=_AUDIO)
        return why_whole(spec.model_copy(update=changes)) is None

    two_passes = VideoEncoding(bitrate_kbps=500, rate_mode="two_pass")
    assert pieced()
    assert not pieced(video=None)
    assert not pieced(video=two_passes)
    assert not pieced(container="webm")
    assert not pieced(video=_VIDEO.model_copy(update={"crop": "borders"}))
    assert not pieced(audio=AudioEncoding(codec="copy"))


_GROWING = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-PLAYLIST-TYPE:EVENT
#EXTINF:2.000000,
a-00001.ts
#EXTINF:2.000000,
a-00002.ts
#EXT-X-ENDLIST
"""


def test_a_growing_playlist_names_what_is_there() -> None:
    assert as_far_as(_GROWING, set()) is None
    first = as_far_as(_GROWING, {"a-00001.ts"})
    assert first is not None
    assert first.endswith("a-00001.ts\n")
    assert as_far_as(_GROWING, {"a-00002.ts"}) is None
    assert as_far_as(_GROWING, {"a-00001.ts", "a-00002.ts"}) == _GROWING
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in as_finished(_GROWING)
