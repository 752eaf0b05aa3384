"""HLS playlists as sources: rewritten by the caller to presigned URLs, opened as local files."""

from pathlib import Path

import pytest

from chalicelib.media.errors import MediaError, SourceBad, SourceUnreachable, SourceUnsupported
from chalicelib.media.picture_set import make_pictures
from chalicelib.media.probe import probe
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.hls import PlaylistInvalid, rewrite_uris, safe_relative
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import decode
from tests.media.encoding import run
from tests.media.file_server import FileServer, serving

_SPEC = RenditionSpec(
    container="mp4",
    video=VideoEncoding(size=PictureSize(width=160), preset="ultrafast"),
    audio=AudioEncoding(),
)


def rewritten(playlist: Path, server: FileServer, folder: Path) -> Path:
    """What the caller does: names in the uploaded playlist become presigned URLs."""
    text = rewrite_uris(
        playlist.read_text(),
        lambda uri: server.url(safe_relative(playlist.name, uri)),
    )
    local = folder / "rewritten.m3u8"
    local.write_text(text)
    return local


def encode(source: Path, folder: Path) -> Path:
    out = folder / "out"
    out.mkdir()
    return run(source, _SPEC, out).entry


def test_probe_snapshot_and_transcode(tmp_path: Path) -> None:
    clip = clips.make("hls_source")
    with serving(clip.parent) as server:
        source = rewritten(clip, server, tmp_path)
        facts = probe(source)
        shots = make_pictures(source, COVER_SNAPSHOTS, tmp_path).pictures
        decoded = decode(encode(source, tmp_path))
    assert facts.duration == pytest.approx(6, abs=0.05)
    assert (facts.width, facts.height) == (640, 360)
    assert facts.main_audio is not None
    assert [shot.time_ms for shot in shots] == pytest.approx([0, 2000, 4000], abs=45)
    assert decoded.frames == 150
    assert decoded.seconds == pytest.approx(6, abs=0.04)


def test_encrypted_segments(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    (tmp_path / "key_info").write_text("key\nkey\n")
    source = tmp_path / "index.m3u8"
    clips.ffmpeg(
        *("-i", clips.make("hls_source"), "-c", "copy", "-f", "hls", "-hls_time", "2"),
        *("-hls_playlist_type", "vod", "-hls_key_info_file", "key_info", source.name),
        cwd=tmp_path,
    )
    assert "METHOD=AES-128" in source.read_text()
    with serving(tmp_path) as server:
        work = tmp_path / "work"
        work.mkdir()
        local = rewritten(source, server, work)
        assert decode(encode(local, work)).frames == 150


def test_fragmented_mp4_segments(tmp_path: Path) -> None:
    source = tmp_path / "index.m3u8"
    clips.ffmpeg(
        *("-i", clips.make("flv"), "-c", "copy", "-f", "hls", "-hls_time", "1"),
        *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", source.name),
        cwd=tmp_path,
    )
    with serving(tmp_path) as server:
        work = tmp_path / "work"
        work.mkdir()
        local = rewritten(source, server, work)
        assert decode(encode(local, work)).frames == 75


def test_a_master_playlist_with_local_media_playlists(tmp_path: Path) -> None:
    clip = clips.make("hls_source")
    with serving(clip.parent) as server:
        rewritten(clip, server, tmp_path)
        master = tmp_path / "master.m3u8"
        master.write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\nrewritten.m3u8\n")
        assert probe(master).duration == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_segment_is_not_skipped(number: int, tmp_path: Path) -> None:
    clip = clips.make("hls_source")
    with serving(clip.parent) as server:
        source = rewritten(clip, server, tmp_path)
        facts = probe(source)
        server.missing.add(f"part-{number}.ts")
        with pytest.raises(SourceUnreachable):
            run(source, _SPEC, tmp_path, facts=facts)
    assert [path.name for path in tmp_path.iterdir()] == ["rewritten.m3u8"]


def test_segments_that_cannot_be_read_are_not_taken_for_damaged(tmp_path: Path) -> None:
    clip = clips.make("hls_source")
    with serving(clip.parent) as server:
        source = rewritten(clip, server, tmp_path)
        server.missing |= {f"part-{number}.ts" for number in range(3)}
        with pytest.raises(SourceUnreachable):
            probe(source)
    with pytest.raises(SourceUnreachable):
        probe(source)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "part-0.ts").write_bytes(clips.TEXT)
    with serving(tmp_path / "text") as server, pytest.raises(SourceBad):
        probe(rewritten(clip, server, tmp_path))


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "/etc/passwd"]
)
def test_a_hostile_playlist_is_refused_when_rewritten(uri: str) -> None:
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{uri}\n#EXT-X-ENDLIST\n"
    with pytest.raises(PlaylistInvalid):
        rewrite_uris(text, lambda name: safe_relative("media/index.m3u8", name))


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["#EXTINF:9,", "file:///etc/passwd", "#EXT-X-ENDLIST"], SourceBad),
        (["#EXTINF:9,", "/etc/passwd", "#EXT-X-ENDLIST"], SourceBad),
        (["#EXTINF:9,", "../secret.ts", "#EXT-X-ENDLIST"], SourceBad),
        (["#EXTINF:9,", "link.ts", "#EXT-X-ENDLIST"], SourceBad),
        (["#EXTINF:9,", "concat:a.ts|b.ts", "#EXT-X-ENDLIST"], SourceBad),
        (['#EXT-X-KEY:METHOD=AES-128,URI="file:///etc/passwd"', "#EXT-X-ENDLIST"], SourceBad),
        (["#EXT-X-STREAM-INF:BANDWIDTH=1", "http://127.0.0.1:1/other.m3u8"], SourceBad),
        (["#EXTINF:9,", "http://127.0.0.1:1/other.m3u8?x", "#EXT-X-ENDLIST"], SourceBad),
        (["#EXT-X-STREAM-INF:BANDWIDTH=1", "rewritten.m3u8"], SourceBad),
        (["#EXTINF:9,", "http://127.0.0.1:1/live.ts"], SourceUnsupported),
        (["#EXT-X-ENDLIST"], SourceBad),
    ],
)
def test_what_was_not_rewritten_is_not_opened(
    lines: list[str], error: type[MediaError], tmp_path: Path
) -> None:
    (tmp_path / "secret.ts").write_bytes(b"secret")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link.ts").symlink_to(tmp_path / "secret.ts")
    playlist = work / "rewritten.m3u8"
    playlist.write_text("\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:9", *lines, ""]))
    with pytest.raises(error):
        probe(playlist)
