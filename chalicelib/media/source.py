"""What may be opened, and how: for PyAV and for ffmpeg alike.

A source is hostile. A file of any name can hold a playlist that names other files and hosts, so
the demuxers that open what a file names (hls, dash, concat, image sequences...) are not on the
list of what a plain file may be, and only the protocols that the source itself needs are open.
An HLS playlist is opened only as a local file that the caller has rewritten (`mediaspec.hls`).
"""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import av.error
from av.container import InputContainer

from chalicelib.media.errors import (
    MediaError,
    NoStreams,
    SourceBad,
    SourceUnreachable,
    SourceUnsupported,
    TimeLimitExceeded,
)
from chalicelib.mediaspec.hls import MAX_PLAYLIST_BYTES, PlaylistInvalid, playlist_uris

# Containers of one file. None of these opens another file or address because its content says so.
_FILE_FORMATS = (
    "3gp,aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,av1,avi,caf,dts,dv,eac3,flac,flv,gif,h264,"
    "hevc,ivf,loas,m4v,matroska,mjpeg,mov,mp3,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,swf,truehd,"
    "tta,vc1,w64,wav,wtv,wv,yuv4mpegpipe"
)
# What a watermark may be: still pictures, and animations that can be transparent.
_PICTURE_FORMATS = "apng,bmp_pipe,gif,jpeg_pipe,matroska,mov,png_pipe,webp_pipe"
# What HLS segments may be (RFC 8216 3). The demuxer hands its list down, so it names itself.
_HLS_FORMATS = "hls,mpegts,mov,aac,mp3,ac3,eac3,webvtt"

_REMOTE_PROTOCOLS = "http,https,tcp,tls"
_LOCAL_PROTOCOLS = "file"
_HLS_PROTOCOLS = "file,http,https,tcp,tls,crypto"

# One request asks for this much. Large enough for most keyframes, small enough that looking for a
# few of them does not pull the file: an open-ended request keeps the network's buffers full of
# bytes that the next seek throws away.
REQUEST_BYTES = 128 * 1024
NETWORK_TIMEOUT_SECONDS = 20

_MAX_STREAMS = 64
_MAX_SIDE = 8192
_MAX_PIXELS = 8192 * 4352
_MAX_PLAYLIST_DEPTH = 2


@dataclass(frozen=True)
class Source:
    """A checked source: `url` as ffmpeg takes it, and whether it is a playlist or remote.

    `picture`: it may only be what a watermark may be.
    """

    url: str = field(repr=False)
    remote: bool
    playlist: bool
    picture: bool = False

    @property
    def protocols(self) -> str:
        if self.playlist:
            return _HLS_PROTOCOLS
        return _REMOTE_PROTOCOLS if self.remote else _LOCAL_PROTOCOLS

    @property
    def formats(self) -> str:
        if self.picture:
            return _PICTURE_FORMATS
        return _HLS_FORMATS if self.playlist else _FILE_FORMATS


def check_source(source: str | Path) -> Source:
    """Accept an http(s) URL of one file, or a local path: one file, or a playlist (`*.m3u8`).

    Raises SourceUnsupported for anything else, SourceUnreachable for a missing local file and
    SourceBad for an empty one or for a playlist that names what it must not.
    """
    if isinstance(source, str) and "://" in source:
        parts = urlsplit(source)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceUnsupported(f"a source has to be an http or https URL, not {parts.scheme}:")
        return Source(url=source, remote=True, playlist=False)
    path = Path(source)
    if not path.is_file():
        raise SourceUnreachable(f"there is no file {path.name}")
    if path.stat().st_size == 0:
        raise SourceBad("the file is empty")
    playlist = path.suffix.lower() == ".m3u8"
    if playlist:
        _check_playlist(path.resolve(), _MAX_PLAYLIST_DEPTH)
    return Source(url=f"file:{path.resolve()}", remote=False, playlist=playlist)


def ca_bundle() -> str | None:
    """The file with the certificate authorities to trust: SSL_CERT_FILE or the system's.

    ffmpeg's TLS checks nobody unless told to, and looks where its builder kept certificates.
    """
    paths = ssl.get_default_verify_paths()
    if paths.cafile is not None:
        return paths.cafile
    return next((str(path) for path in _CA_FILES if path.is_file()), None)


_CA_FILES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)


def network_options(source: Source) -> dict[str, str]:
    """Options that both engines understand for reading `source`: whitelists, TLS, time limits.

    The servers of HLS segments are not authenticated: ffmpeg's HLS demuxer has no option for it.
    """
    options = {
        "protocol_whitelist": source.protocols,
        "format_whitelist": source.formats,
        "max_pixels": str(_MAX_PIXELS),
    }
    if source.remote or source.playlist:
        options["rw_timeout"] = str(NETWORK_TIMEOUT_SECONDS * 1_000_000)
    if source.remote and source.url.startswith("https:"):
        options["tls_verify"] = "1"
        bundle = ca_bundle()
        if bundle is not None:
            options["ca_file"] = bundle
    if source.playlist:
        # Segment URLs are presigned: what follows the last dot of one is no extension.
        options["allowed_extensions"] = "ALL"
    return options


class Deadline:
    """A moment by which work has to be done; checked between packets."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        if self.left <= 0:
            raise TimeLimitExceeded(f"reading the source took longer than {self.seconds:g} s")


@contextmanager
def opened(
    source: Source, deadline: Deadline, *, sequential: bool = False, through: Any = None
) -> Iterator[InputContainer]:
    """Open a source with PyAV; ffmpeg's errors inside the block come out as MediaErrors.

    `sequential` reads a remote file in one go instead of by small ranges. `through`: a file object
    that has the source's bytes, to read them from.
    """
    options = network_options(source)
    if source.playlist:
        options["extension_picky"] = "0"
        options["allowed_segment_extensions"] = "ALL"
    elif source.remote:
        options |= {"multiple_requests": "1", "reconnect": "1", "reconnect_delay_max": "4"}
        if not sequential:
            options["request_size"] = str(REQUEST_BYTES)
            options["short_seek_size"] = "0"
    with translated(source, deadline):
        deadline.check()
        with av.open(
            source.url if through is None else through,
            mode="r",
            format="hls" if source.playlist else None,
            container_options=options,
            options={"max_pixels": options["max_pixels"]},
            timeout=(deadline.left, NETWORK_TIMEOUT_SECONDS),
            metadata_errors="replace",
        ) as container:
            check_limits(container)
            yield container


def check_limits(container: InputContainer) -> None:
    """Raise SourceUnsupported for absurd numbers of streams or pixels, NoStreams for none."""
    if len(container.streams) > _MAX_STREAMS:
        raise SourceUnsupported(
            f"the source has {len(container.streams)} streams; {_MAX_STREAMS} are the limit"
        )
    if not container.streams.video and not container.streams.audio:
        raise NoStreams("the source has neither video nor audio")
    for stream in container.streams.video:
        if stream.codec_context is None:
            continue
        width, height = stream.codec_context.width, stream.codec_context.height
        if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
            raise SourceUnsupported(
                f"the picture has {width}x{height} pixels; {_MAX_SIDE}x{_MAX_PIXELS // _MAX_SIDE}"
                " are the limit"
            )


@contextmanager
def translated(source: Source, deadline: Deadline) -> Iterator[None]:
    """Turn PyAV's errors into this room's."""
    try:
        yield
    except MediaError:
        raise
    except av.error.FFmpegError as error:
        raise _translate(error, source, deadline) from None
    except UnicodeDecodeError as error:
        raise SourceBad(f"the source is damaged: {error.reason}") from None


def _translate(error: av.error.FFmpegError, source: Source, deadline: Deadline) -> MediaError:
    text = error.strerror or type(error).__name__
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        if deadline.left <= 0:
            return TimeLimitExceeded(f"reading the source took longer than {deadline.seconds:g} s")
        return SourceUnreachable("the source cannot be read: no data came for too long")
    if isinstance(error, av.error.MemoryError | av.error.LookupError | av.error.PatchWelcomeError):
        return SourceUnsupported(f"the source is of a kind that is not supported: {text}")
    if isinstance(error, _NETWORK) or not _answers(source, deadline):
        return SourceUnreachable(f"the source cannot be read: {text}")
    return SourceBad(f"the source is not a media file, or it is damaged: {text}")


_NETWORK = (
    *(av.error.HTTPBadRequestError, av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
    *(av.error.HTTPNotFoundError, av.error.HTTPTooManyRequestsError, av.error.HTTPServerError),
    *(av.error.ConnectionRefusedError, av.error.ConnectionResetError, av.error.BrokenPipeError),
    *(av.error.ConnectionAbortedError, av.error.FileNotFoundError),
)


def _answers(source: Source, deadline: Deadline) -> bool:
    """Whether the source can be read now: then it is to blame itself for what went wrong.

    ffmpeg says "input/output error" and "invalid data" of files that end too early as well as of
    lost connections. An empty object answers too: its first byte is out of range.
    """
    url = source.url if source.remote else _first_segment(source)
    if url is None:
        return True
    request = urllib.request.Request(url, headers={"Range": "bytes=0-0"})  # noqa: S310
    seconds = max(1.0, min(deadline.left, NETWORK_TIMEOUT_SECONDS))
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - http(s), checked
            return True
    except urllib.error.HTTPError as error:
        return error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    except (OSError, http.client.HTTPException):
        return False


def _first_segment(source: Source) -> str | None:
    """The first http(s) URL that a local playlist names itself."""
    if not source.playlist:
        return None
    text = Path(source.url.removeprefix("file:")).read_text(encoding="utf-8", errors="replace")
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line.startswith(("http:", "https:"))), None)


def _check_playlist(path: Path, depth: int) -> None:
    """A local playlist may name http(s) URLs of segments and files beside it, nothing else.

    A playlist named by it has to be local too: one that ffmpeg fetches has not been rewritten.
    """
    if path.stat().st_size > MAX_PLAYLIST_BYTES:
        raise SourceBad(f"the playlist is larger than {MAX_PLAYLIST_BYTES} bytes")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        uris = playlist_uris(text)
    except PlaylistInvalid as invalid:
        raise SourceBad(str(invalid)) from None
    master = "#EXT-X-STREAM-INF" in text
    if not uris:
        raise SourceBad("the playlist is empty")
    if not master and "#EXT-X-ENDLIST" not in text:
        raise SourceUnsupported("the playlist has no end (EXT-X-ENDLIST): it is of a live stream")
    for uri in uris:
        parts = urlsplit(uri)
        if not master and parts.scheme in ("http", "https"):
            if parts.path.lower().endswith((".m3u8", ".m3u")):
                raise SourceBad("the playlist names a playlist where a segment should be")
            continue
        child = _beside(path, uri)
        if child.suffix.lower() == ".m3u8":
            if depth == 0:
                raise SourceBad("the playlist names playlists that name playlists")
            _check_playlist(child, depth - 1)
        elif master:
            raise SourceBad("the master playlist names something that is not a local playlist")


def _beside(playlist: Path, uri: str) -> Path:
    child = (playlist.parent / uri).resolve()
    if ":" in uri or not child.is_relative_to(playlist.parent):
        raise SourceBad("the playlist names something outside its own folder")
    if not child.is_file():
        raise SourceBad("the playlist names a file that does not exist")
    return child
