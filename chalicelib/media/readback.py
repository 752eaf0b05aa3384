"""What was really made: outputs read back, never assumed."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.media.encode import Output
from chalicelib.media.errors import EncoderFailed, MediaError
from chalicelib.media.keys import private
from chalicelib.media.muxers import finished_segments
from chalicelib.media.probe import probe_checked
from chalicelib.media.source import Source
from chalicelib.mediaspec.animated_file import read_facts
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.master import peak_kbps
from chalicelib.mediaspec.packaging import HlsEncryption
from chalicelib.mediaspec.rendition import Container

_EXTINF = re.compile(r"^#EXTINF:([0-9.]+)", re.MULTILINE)
_LAST_NUMBER = re.compile(r"\d+")
_MPD = "{urn:mpeg:dash:schema:mpd:2011}"
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([0-9.]+)S)?")


@dataclass(frozen=True)
class RenditionResult:
    """What was made. `files` are all files in the order to upload them, the manifest last.

    `entry` is what a player opens: the one file, or the manifest. `facts` were read from the
    output; for HLS and DASH `facts.size` and `facts.bitrate_kbps` are those of the manifest and all
    segments together. Segments that were handed over before are counted, but not in `files`.
    `encoder_seconds`: how long ffmpeg ran, for this and for whatever else it made meanwhile.
    """

    container: Container
    entry: Path
    files: tuple[Path, ...]
    facts: MediaFacts
    segments: int
    encoder_seconds: float = 0.0

    def moved_to(self, folder: Path) -> "RenditionResult":
        files = tuple(path.rename(folder / path.name) for path in self.files)
        return replace(self, entry=files[-1], files=files)


def read_back(
    folder: Path, output: Output, handed: Mapping[str, int], sample: MediaFacts | None
) -> RenditionResult:
    """The result as it lies in the working folder. Raises EncoderFailed if it cannot be read.

    `handed`: segments that were handed over already, with their sizes; `sample`: the facts of the
    first of them.
    """
    spec = output.spec
    entry = folder / f"{output.base_name}.{spec.extension}"
    if not entry.is_file():
        raise EncoderFailed("the encoder ended without making its output")
    if spec.container == "webp":
        return RenditionResult(spec.container, entry, (entry,), _webp_facts(entry), 0)
    if not spec.segmented:
        return RenditionResult(spec.container, entry, (entry,), _facts(entry), 0)
    pieces = finished_segments(folder, output.base_name)
    sizes = {path.name: path.stat().st_size for path in pieces} | dict(handed)
    total = _whole(entry, sample or facts_of_first(pieces, output), sizes)
    _check_named(entry, sizes)
    count = sum("-init" not in name for name in sizes)
    left = [path for path in pieces if path.name not in handed]
    return RenditionResult(spec.container, entry, (*left, entry), total, count)


def facts_of_first(pieces: Sequence[Path], output: Output) -> MediaFacts:
    """Facts of the beginning of a segmented output: of its initialisation and first segment."""
    media = [path for path in pieces if "-init" not in path.name]
    if not media:
        raise EncoderFailed("the encoder made no segment")
    encryption = output.spec.encryption
    if encryption is not None and output.key is not None:
        return _facts_of_encrypted(media[0], encryption, output.key)
    starts = [path for path in pieces if "-init" in path.name]
    if not starts:
        return _facts(media[0])
    made = [_facts_of_fragment(start, media) for start in starts]
    video = tuple(stream for facts in made for stream in facts.video)
    audio = tuple(stream for facts in made for stream in facts.audio)
    return made[0].model_copy(update={"video": video, "audio": audio})


def _facts(path: Path, *, playlist: bool = False) -> MediaFacts:
    try:
        # Not checked as a stranger's file would be: that has bounds that a long video exceeds.
        return probe_checked(Source(f"file:{path.resolve()}", remote=False, playlist=playlist))
    except MediaError as error:
        raise EncoderFailed(f"the output cannot be read back: {error}", error.log) from error


def _webp_facts(path: Path) -> MediaFacts:
    """Read from the structure of the file: ffmpeg writes animated WebP, but does not read it."""
    try:
        image = read_facts(path, "webp")
    except ValueError as error:
        raise EncoderFailed(f"the output cannot be read back: {error}") from error
    video = VideoFacts(
        index=0,
        codec_name="webp",
        width=image.width,
        height=image.height,
        sar="1:1",
        pix_fmt="yuv420p",
        fps=image.fps or None,
        avg_fps=image.fps or None,
        duration=image.duration,
        num_frames=image.frames,
    )
    rate = image.size * 8 / 1000 / image.duration if image.duration else None
    return MediaFacts(
        format_name="webp",
        duration=image.duration,
        size=image.size,
        bitrate_kbps=rate,
        video=(video,),
    )


def _facts_of_fragment(start: Path, media: Sequence[Path]) -> MediaFacts:
    """A fragment is no file of its own: it is read behind its initialisation."""
    name = start.name.replace("-init", "").removesuffix(".mp4").removesuffix(".m4s")
    first = next((path for path in media if path.name.startswith(f"{name}-")), None)
    if first is None:
        raise EncoderFailed("the encoder made an initialisation without segments")
    joined = start.with_name("readback.mp4")
    joined.write_bytes(start.read_bytes() + first.read_bytes())
    try:
        return _facts(joined)
    finally:
        joined.unlink()


def _facts_of_encrypted(segment: Path, encryption: HlsEncryption, key: bytes) -> MediaFacts:
    """Read through a playlist that names the key beside it, as a player's names one far away."""
    playlist = segment.with_name("readback.m3u8")
    key_file = segment.with_name("readback.key")
    with open(key_file, "xb", opener=private) as file:
        file.write(key)
    # Without an initialisation vector of its own, a segment's is its number.
    number = int(_LAST_NUMBER.findall(segment.stem)[-1])
    vector = encryption.iv or f"{number:032x}"
    lines = [
        *("#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:60"),
        f'#EXT-X-KEY:METHOD=AES-128,URI="{key_file.name}",IV=0x{vector}',
        *("#EXTINF:60,", segment.name, "#EXT-X-ENDLIST", ""),
    ]
    playlist.write_text("\n".join(lines))
    try:
        return _facts(playlist, playlist=True)
    finally:
        playlist.unlink()
        key_file.unlink()


def _whole(entry: Path, sample: MediaFacts, sizes: Mapping[str, int]) -> MediaFacts:
    """The sample's facts with the duration, size and rate of the whole."""
    text = entry.read_text(encoding="utf-8")
    duration = _mpd_seconds(text) if entry.suffix == ".mpd" else _hls_seconds(text)
    if duration <= 0:
        raise EncoderFailed("the output's manifest has no duration")
    size = sum(sizes.values()) + entry.stat().st_size
    stream: dict[str, Any] = {"duration": duration, "num_frames": None}
    return sample.model_copy(
        update={
            "duration": duration,
            "size": size,
            "bitrate_kbps": size * 8 / 1000 / duration,
            "peak_kbps": peak_kbps(text, sizes) if entry.suffix == ".m3u8" else None,
            "video": tuple(one.model_copy(update=stream) for one in sample.video),
            "audio": tuple(one.model_copy(update=stream) for one in sample.audio),
        }
    )


def _check_named(entry: Path, sizes: Mapping[str, int]) -> None:
    """Every segment that the playlist names was made, and has something in it.

    That each can be decoded is only seen of the first: the encoder tells of errors in others.
    """
    if entry.suffix != ".m3u8":
        return
    lines = entry.read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    if any(not sizes.get(name) for name in named):
        raise EncoderFailed("the playlist names a segment that is not there, or is empty")


def _hls_seconds(text: str) -> float:
    return sum(float(length) for length in _EXTINF.findall(text))


def _mpd_seconds(text: str) -> float:
    root = ElementTree.fromstring(text)  # noqa: S314 - of our own muxer
    found = _ISO_DURATION.fullmatch(root.get("mediaPresentationDuration", ""))
    if found is None:
        return 0.0
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
