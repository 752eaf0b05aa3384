"""Reading the facts of a media file with PyAV: over HTTP by ranges, or from a local path.

What the container says is not believed blindly: at least one frame is decoded, a missing duration
is measured, and data that the container promises beyond the end of the file is noticed.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

from av.container import InputContainer
from av.index import IndexEntries
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from chalicelib.media.errors import SourceBad, SourceUnsupported
from chalicelib.media.source import Deadline, Source, check_source, opened
from chalicelib.media.streams import audio_facts, video_facts
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts

# Packets tried for the first frame: several seconds of any codec. A file whose first seconds do
# not decode is of no use to anybody.
_FIRST_FRAME_PACKETS = 500

# Raw streams have no duration; ffmpeg guesses one from the first frames' bitrate.
_GUESSED_DURATION = frozenset({"aac", "ac3", "eac3", "h264", "hevc", "m4v", "mpegvideo", "obu"})
# An MP3 without a Xing header is guessed too. It cannot be told from outside, and is small.
_GUESSED_IF_SMALL = frozenset({"mp3"})
_SMALL_BYTES = 32 * 1024 * 1024

# The index is in the order of time and nearly in the order of place: its end tells enough.
_INDEX_TAIL = 500


def probe(source: str | Path, *, timeout_seconds: float = 30) -> MediaFacts:
    """The facts of the file at an http(s) URL or a path (a path `*.m3u8` is an HLS playlist).

    A file that is cut off is described up to the cut (`duration` is what plays; the streams' own
    numbers stay the header's), with `truncated` set, as long as its header is there and its first
    frame decodes. `size` of an HLS playlist is not known. Raises SourceBad (no media file, damaged,
    empty), NoStreams, SourceUnsupported, SourceUnreachable, TimeLimitExceeded.
    """
    return probe_checked(check_source(source), timeout_seconds=timeout_seconds)


def probe_checked(source: Source, *, timeout_seconds: float = 30) -> MediaFacts:
    """As `probe`, of a source that has been checked or that is of our own making."""
    deadline = Deadline(timeout_seconds)
    with opened(source, deadline) as container:
        facts = _describe(container, deadline)
    if source.playlist:
        facts = facts.model_copy(update={"size": None, "bitrate_kbps": None})
    if _needs_measuring(facts):
        facts = _with_measured_duration(source, facts, deadline)
    if facts.duration <= 0:
        raise SourceBad("the source has no duration: it holds no playable data")
    return facts


def main_video_stream(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures; cover art is not one."""
    return next((stream for stream in container.streams.video if not is_picture(stream)), None)


def is_picture(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _describe(container: InputContainer, deadline: Deadline) -> MediaFacts:
    cut = _playable_seconds(container)
    main = main_video_stream(container)
    frame = _first_frame(container, main, deadline)
    videos: list[VideoFacts] = []
    for stream in container.streams.video:
        shown = frame if stream is main and isinstance(frame, VideoFrame) else None
        videos.append(video_facts(stream, shown, attached_picture=is_picture(stream)))
    audios: list[AudioFacts] = [audio_facts(stream) for stream in container.streams.audio]
    duration = max(0.0, (container.duration or 0) / 1_000_000)
    if cut is not None:
        duration = min(duration, cut)
    size = container.size if container.size > 0 else None
    return MediaFacts(
        format_name=container.format.name,
        duration=duration,
        size=size,
        bitrate_kbps=_bitrate(size, duration),
        truncated=cut is not None,
        video=tuple(videos),
        audio=tuple(audios),
    )


def _bitrate(size: int | None, duration: float) -> float | None:
    return size * 8 / 1000 / duration if size is not None and duration > 0 else None


def _first_frame(container: InputContainer, main: VideoStream | None, deadline: Deadline) -> object:
    """Decode one frame of the main video, or of the main audio if there is no video."""
    stream: Stream = main if main is not None else _first_audio(container)
    if stream.codec_context is None:
        raise SourceUnsupported("the source's codec is not supported")
    for number, packet in enumerate(container.demux(stream)):
        deadline.check()
        frames = _decode(packet)
        if frames:
            return frames[0]
        if number >= _FIRST_FRAME_PACKETS:
            break
    kind = "video" if main is not None else "audio"
    raise SourceBad(f"no frame of the {kind} can be decoded: the source is damaged or cut off")


def _first_audio(container: InputContainer) -> Stream:
    if not container.streams.audio:
        raise SourceBad("the source has pictures attached, but neither video nor audio")
    return container.streams.audio[0]


def _decode(packet: "Packet[Any]") -> list[object]:
    """The frames of a packet; a damaged packet gives none, as in a player."""
    try:
        return list(packet.decode())
    except ValueError:  # PyAV's InvalidDataError is one
        return []


def _playable_seconds(container: InputContainer) -> float | None:
    """Where playback ends because the index names data beyond the end of the file; None: nowhere.

    Each entry is read out at once: it is a view of memory that reading packets moves.
    """
    size = container.size
    if size <= 0 or not container.format.name.startswith("mov,"):
        return None
    ends: list[float] = []
    for stream in container.streams:
        entries, tick = stream.index_entries, stream.time_base
        if tick is None or not _passes(entries, size, max(0, len(entries) - _INDEX_TAIL)):
            continue
        beyond = next(e.timestamp for e in entries if e.pos + e.size > size)
        ends.append(float((beyond - (stream.start_time or 0)) * tick))
    return max(0.0, min(ends)) if ends else None


def _passes(entries: IndexEntries, size: int, begin: int) -> bool:
    return any(entries[n].pos + entries[n].size > size for n in range(begin, len(entries)))


def _needs_measuring(facts: MediaFacts) -> bool:
    if facts.duration <= 0 or facts.format_name in _GUESSED_DURATION:
        return True
    small = facts.size is not None and facts.size <= _SMALL_BYTES
    return small and facts.format_name in _GUESSED_IF_SMALL


def _with_measured_duration(source: Source, facts: MediaFacts, deadline: Deadline) -> MediaFacts:
    """Read every packet and take the time from the first to the end of the last.

    Packets of a raw stream may have no time: then it is the sum of how long they last.
    """
    first: Fraction | None = None
    last = lasting = Fraction(0)
    with opened(source, deadline, sequential=True) as container:
        timed = [s for s in container.streams if s.type in ("video", "audio")]
        timed = [s for s in timed if not (isinstance(s, VideoStream) and is_picture(s))]
        for packet in container.demux(timed):
            deadline.check()
            stamp = packet.pts if packet.pts is not None else packet.dts
            length = (packet.duration or 0) * (packet.time_base or 0)
            lasting += length if packet.stream is timed[0] else 0
            if stamp is None or packet.time_base is None:
                continue
            begin = stamp * packet.time_base
            first = begin if first is None else min(first, begin)
            last = max(last, begin + length)
    duration = float(last - first if first is not None else lasting)
    if duration <= 0:
        return facts
    return facts.model_copy(
        update={"duration": duration, "bitrate_kbps": _bitrate(facts.size, duration)}
    )
