"""Where a long source can be cut: the keyframes nearest to the places that a plan would like.

Looked up by seeking, so that whatever the source's length a few hundred kilobytes are read.
"""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from chalicelib.media.encode import Span
from chalicelib.media.errors import NoVideoStream
from chalicelib.media.probe import main_video_stream
from chalicelib.media.source import Deadline, check_source, opened

# Packets read after a seek in search of its keyframe; a good seek lands on it.
_NEAR_PACKETS = 300
# Containers whose index or cues tell where keyframes are. Others are searched by place, not by
# time, and land anywhere: they are not cut.
_SEEKABLE = frozenset({"mov", "mp4", "matroska", "webm"})
_MICROSECONDS = 1_000_000


def spans(source: str | Path, count: int, duration: float, *, timeout_seconds: float) -> list[Span]:
    """Cut `duration` seconds of video into about `count` spans of about equal length.

    Fewer where keyframes are rare; one, the whole, where the source cannot be cut. Raises
    NoVideoStream, and what opening a source raises.
    """
    checked = check_source(source)
    if checked.playlist or count < 2:
        return [Span(None, None)]
    deadline = Deadline(timeout_seconds)
    cuts: list[int] = []
    with opened(checked, deadline) as container:
        video = main_video_stream(container)
        if video is None:
            raise NoVideoStream("the source has no video to cut")
        if not _SEEKABLE & set(container.format.name.split(",")):
            return [Span(None, None)]
        first = _keyframe_before(container, video, Fraction(0))
        for number in range(1, count):
            deadline.check()
            found = _keyframe_before(container, video, Fraction(duration) * number / count)
            if found is None or (first is not None and found <= first):
                continue
            if not cuts or found > cuts[-1]:
                cuts.append(found)
    edges = [None, *cuts, None]
    return [Span(begin, end) for begin, end in pairwise(edges)]


def _keyframe_before(
    container: InputContainer, video: VideoStream, seconds: Fraction
) -> int | None:
    """The time of the keyframe that a decoder starts from to show this moment, in microseconds."""
    if video.time_base is None:
        return None
    begin = Fraction(container.start_time or 0, _MICROSECONDS)
    container.seek(int((begin + seconds) / video.time_base), stream=video, backward=True)
    for number, packet in enumerate(container.demux(video)):
        if number > _NEAR_PACKETS:
            return None
        if packet.is_keyframe and packet.pts is not None:
            # ffmpeg moves the time stamps of a source so that its beginning is zero, in ticks of
            # the stream; a microsecond is finer than a tick, so this names one frame exactly.
            ticks = packet.pts - round(begin / video.time_base)
            return round(ticks * video.time_base * _MICROSECONDS)
    return None
