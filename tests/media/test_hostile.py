"""Files that are not what they say: nothing that they name is opened, by either engine."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from chalicelib.media import encode, ffmpeg
from chalicelib.media.errors import MediaError, SourceBad, SourceUnsupported, redact
from chalicelib.media.picture_set import make_pictures
from chalicelib.media.probe import probe
from chalicelib.media.source import Source, check_source, network_options
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.file_server import FileServer, serving

_SECRET = "secret-part.ts"


def disguises(server: FileServer, folder: Path) -> dict[str, bytes]:
    """Texts that ffmpeg's demuxers would follow, under a name of a plain file."""
    local, remote = f"file:{folder / _SECRET}", server.url(_SECRET)
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT9S"><Period><AdaptationSet mimeType="video/mp2t">'
        '<Representation id="1" bandwidth="1"><BaseURL>{}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )
    texts = {
        "hls-file": hls.format(local),
        "hls-http": hls.format(remote),
        "hls-passwd": hls.format("file:///etc/passwd"),
        "concat": f"ffconcat version 1.0\nfile {folder / _SECRET}\n",
        "dash": dash.format(remote.replace("&", "&amp;")),
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96"
        "\na=rtpmap:96 H264/90000\n",
        "webp-like": "RIFF\x10\x00\x00\x00WEBP",
        "subtitle": "1\n00:00:00,000 --> 00:00:09,000\nhello\n",
    }
    return {name: text.encode() for name, text in texts.items()}


@pytest.mark.parametrize(
    "name",
    ["hls-file", "hls-http", "hls-passwd", "concat", "dash", "sdp", "webp-like", "subtitle"],
)
@pytest.mark.parametrize("suffix", [".mp4", ".m3u"])
def test_disguised_playlists_name_in_vain(name: str, suffix: str, tmp_path: Path) -> None:
    secret = tmp_path / _SECRET
    shutil.copy(clips.make("hls_source").with_name("part-0.ts"), secret)
    before = time.time_ns()
    os.utime(secret, ns=(1, 1))
    with serving(tmp_path) as server:
        disguised = tmp_path / f"upload{suffix}"
        disguised.write_bytes(disguises(server, tmp_path)[name])
        for source in (disguised, server.url(disguised.name)):
            with pytest.raises(SourceBad):
                probe(source)
            with pytest.raises(SourceBad):
                make_pictures(source, SnapshotSpec(), tmp_path)
            checked = check_source(source)
            with pytest.raises(SourceBad):
                run_ffmpeg(checked, tmp_path)
        assert not [line for line in server.requests if _SECRET in line]
    # The time of the last access moves when a file is read (relatime: if it was the older one).
    assert secret.stat().st_atime_ns < before


def run_ffmpeg(source: Source, folder: Path) -> None:
    """ffmpeg itself, past the probing that would refuse before."""
    spec = RenditionSpec(container="mp4", video=VideoEncoding())
    facts = probe(clips.make("silent_video"))
    out = folder / "ffmpeg-out"
    (out / encode.folder_name(0)).mkdir(parents=True, exist_ok=True)
    ffmpeg.run(
        encode.planned(source, facts, [encode.Output(spec, "out")]).arguments,
        folder=out,
        duration=1,
        limits=ffmpeg.Limits(20, 2**20),
        on_progress=lambda _: None,
        cancelled=lambda: False,
    )


def test_the_control_the_same_files_are_opened_without_the_lists(tmp_path: Path) -> None:
    """What the test above sees refused is otherwise followed: the lists do it."""
    shutil.copy(clips.make("hls_source").with_name("part-0.ts"), tmp_path / _SECRET)
    concat = tmp_path / "upload.mp4"
    concat.write_text(f"ffconcat version 1.0\nfile {_SECRET}\n")
    clips.ffmpeg("-i", concat, "-c", "copy", tmp_path / "followed.mp4")
    assert probe(tmp_path / "followed.mp4").duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    "source",
    [
        "ftp://h/a.mp4",
        "file:///etc/passwd",
        "concat://a.mp4",
        "rtmp://h/a",
        "subfile,,start,0,end,9,,:///etc/passwd",
        "https:///nohost.mp4",
    ],
)
def test_other_protocols_are_refused(source: str) -> None:
    with pytest.raises(MediaError):
        probe(source)


def test_the_protocols_open_to_a_remote_source() -> None:
    source = Source(url="http://127.0.0.1:1/a.mp4", remote=True, playlist=False)
    allowed = network_options(source)["protocol_whitelist"].split(",")
    assert "file" not in allowed
    assert not {"data", "concat", "subfile", "pipe", "unix", "gopher"} & set(allowed)


def test_absurd_dimensions(tmp_path: Path) -> None:
    path = tmp_path / "wide.mkv"
    clips.ffmpeg("-f", "lavfi", "-i", "color=s=9000x16:d=0.1", "-c:v", "mjpeg", path)
    with pytest.raises(SourceUnsupported, match="9000x16"):
        probe(path)


def test_too_many_streams(tmp_path: Path) -> None:
    path = tmp_path / "many.mkv"
    maps = [part for _ in range(70) for part in ("-map", "0")]
    clips.ffmpeg("-f", "lavfi", "-i", "sine=d=0.1", *maps, "-c:a", "pcm_s16le", path)
    with pytest.raises(SourceUnsupported, match="70 streams"):
        probe(path)


def test_no_secret_of_a_url_in_a_message() -> None:
    line = "[http] HTTP error 403 https://u:pw@h/a/b.mp4?X-Amz-Signature=abc&t=1#f Forbidden 'x'"
    assert redact(line) == "[http] HTTP error 403 https://h/a/b.mp4?... Forbidden 'x'"


def test_ffmpeg_sees_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    told = tmp_path / "told"
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nenv > {told}\n")
    program.chmod(0o755)
    ffmpeg.run(
        [],
        folder=tmp_path,
        duration=1,
        limits=ffmpeg.Limits(20, 2**20),
        on_progress=lambda _: None,
        cancelled=lambda: False,
        binary=str(program),
    )
    assert "PATH=" in told.read_text()
    assert "AWS" not in told.read_text()


def test_the_other_ffmpeg_is_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENVOD_FFMPEG", "/opt/ffmpeg")
    assert ffmpeg.ffmpeg_binary() == "/opt/ffmpeg"
    monkeypatch.delenv("OPENVOD_FFMPEG")
    done = subprocess.run([ffmpeg.ffmpeg_binary(), "-version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"ffmpeg version")
    assert not ffmpeg.knows_hls_option(ffmpeg.ffmpeg_binary(), "no_such_option")
    assert ffmpeg.knows_hls_option(ffmpeg.ffmpeg_binary(), "allowed_extensions")
