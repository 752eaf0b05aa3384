"""Still pictures of a video, taken by seeking in place: a remote source is read in small pieces.

VOD developer guide 6.3, VOD API manual 8.1.2, MPC API manual 12.1.
"""

import contextlib
import sys
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from chalicelib.media.ahead import FileAhead
from chalicelib.media.errors import (
    NoVideoStream,
    SourceBad,
    SourceUnsupported,
    TargetUnfit,
)
from chalicelib.media.probe import main_video_stream, probe_checked
from chalicelib.media.source import Deadline, check_source, opened
from chalicelib.mediaspec.snapshot import SnapshotSpec, places

# Without an index, going on decoding is cheaper than a seek for up to this long.
_DECODE_ON_SECONDS = 3
# A keyframe may need what follows it (two fields, a damaged start); beyond this it is given up.
_PACKETS_PER_FRAME = 64
# What is this near to the start is read from the start.
_START_SECONDS = 0.1
# So many places are worth asking for several at once.
_MANY = 16
# How much before the wanted moment a seek aims, try by try.
_AIM_EARLIER_SECONDS = (0.0, 1.0, 5.0, 20.0)
# Time stamps are rounded to the container's clock: half a millisecond is the same moment.
_SAME_MOMENT_SECONDS = 0.0005


@contextmanager
def frames_of(
    source: str | Path, spec: SnapshotSpec, deadline: Deadline
) -> Iterator["ChosenFrames"]:
    """The frames that `spec` asks for, in the order of time, while the source is open.

    Raises NoVideoStream for sources without moving pictures, and what `probe` raises; SourceBad
    if no frame can be decoded, when the last was asked for; TargetUnfit
    for too many places, and where all moments that are named lie beyond the end.
    """
    checked = check_source(source)
    with contextlib.ExitStack() as stack:
        ahead: FileAhead | None = None
        if checked.remote and spec.frame == "keyframe" and (spec.count or _MANY) >= _MANY:
            ahead = stack.enter_context(FileAhead(checked.url, deadline))
        container = stack.enter_context(opened(checked, deadline, through=ahead))
        picker = _Picker(container, _prepare(container), deadline, ahead)
        if picker.duration <= 0 and _needs_end(spec):
            picker.duration = probe_checked(checked, timeout_seconds=deadline.left).duration
        yield ChosenFrames(picker, spec)


def _needs_end(spec: SnapshotSpec) -> bool:
    """Whether it must be known where the video ends, though the file does not say (a recording that
    a browser made) and all of it has to be read for that."""
    return spec.with_end or spec.interval_percent is not None or spec.beyond == "nothing"


class ChosenFrame(NamedTuple):
    """A frame, its time, and the place that it was chosen for, in milliseconds."""

    place_ms: int
    time_ms: int
    frame: VideoFrame


class ChosenFrames:
    """An iterable, once, of the chosen frames of `stream`."""

    def __init__(self, picker: "_Picker", spec: SnapshotSpec) -> None:
        self.stream = picker.stream
        self.duration_ms = round(1000 * picker.duration)
        self._picker = picker
        self._spec = spec

    def __iter__(self) -> Iterator[ChosenFrame]:
        targets = self._targets()
        last: int | None = None
        for target, frame in self._picker.frames(self._spec, targets):
            # What is shown at the end may be what was taken last: no picture comes twice.
            again = self._spec.with_end and target == targets[-1] and frame.pts == last
            last = frame.pts
            if not again:
                time_ms = round(1000 * self._picker.time_of(frame))
                yield ChosenFrame(round(1000 * target), time_ms, frame)
        if last is None and targets:
            raise SourceBad("no picture of the video can be decoded")

    def _targets(self) -> list[float]:
        try:
            targets = places(self._spec, self._picker.duration)
        except ValueError as error:
            raise TargetUnfit(str(error)) from None
        if self._spec.times_ms and not targets:
            raise TargetUnfit("no picture is asked for at a moment within the video")
        return targets


def _prepare(container: InputContainer) -> VideoStream:
    """The video to look at, with everything else left unread and no threads that hold frames."""
    video = main_video_stream(container)
    if video is None:
        raise NoVideoStream("the source has no video to take snapshots of")
    if video.codec_context is None:
        raise SourceUnsupported("the source's video codec is not supported")
    for stream in container.streams:
        if stream is not video:
            stream.discard = Discard.all
    video.thread_type = "SLICE"
    return video


class _Picker:
    """Finds frames of one video stream by seeking. Times are seconds from the stream's start."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        deadline: Deadline,
        ahead: FileAhead | None,
    ) -> None:
        self.stream = stream
        self._container = container
        self._deadline = deadline
        self._ahead = ahead
        self._tick = stream.time_base or Fraction(1, 90_000)
        self._start = stream.start_time or 0
        length = stream.duration * self._tick if stream.duration is not None else None
        if length is None:
            length = Fraction(container.duration or 0, 1_000_000)
        self.duration = float(length)
        self._places: list[tuple[int, int]] = []
        self._keyframes = self._indexed_keyframes()
        self._moved = False

    def time_of(self, frame: VideoFrame) -> float:
        return max(0.0, float(((frame.pts or 0) - self._start) * self._tick))

    def frames(
        self, spec: SnapshotSpec, targets: list[float]
    ) -> Iterator[tuple[float, VideoFrame]]:
        """What is shown at the targets, each with its target."""
        if spec.frame == "exact":
            return self._exact(targets)
        spread = spec.interval_seconds == 0 and not spec.interval_percent
        if self._keyframes and spread and not spec.times_ms:
            targets = self._spread_keyframes(spec)
        return self._at_keyframes(targets)

    def _indexed_keyframes(self) -> list[float]:
        """The times of all keyframes in the file if its index is complete, else nothing.

        Each entry is read out at once: it is a view of memory that reading packets moves.
        """
        entries = self.stream.index_entries
        if not len(entries) or "mov" not in self._container.format.name:
            return []
        # A fragmented file's index covers what has been read of it.
        if self._seconds(entries[-1].timestamp) < 0.9 * self.duration:
            return []
        # Where the file is cut off, the index goes on.
        size = self._container.size if self._container.size > 0 else sys.maxsize
        found: list[float] = []
        for entry in entries:
            if entry.is_keyframe and entry.pos + entry.size <= size:
                found.append(self._seconds(entry.timestamp))
                self._places.append((entry.pos, entry.size))
        return found

    def _spread_keyframes(self, spec: SnapshotSpec) -> list[float]:
        """At most `count` of the keyframes from the one shown at the start on, spread evenly."""
        begin = spec.start_ms / 1000
        first = max((n for n, at in enumerate(self._keyframes) if at <= begin), default=0)
        usable = self._keyframes[first:]
        count = min(spec.count or 1, len(usable))
        return [self._aim(usable, n * len(usable) // count) for n in range(count)]

    def _aim(self, keyframes: list[float], number: int) -> float:
        """A moment whose last keyframe is the one wanted.

        Not its time in the index: that is when it is decoded, which comes before it is shown, and
        seeks go by the latter.
        """
        at = keyframes[number]
        following = keyframes[number + 1] if number + 1 < len(keyframes) else self.duration
        return at + min(1.0, max(0.0, following - at) / 2)

    def _look_ahead(self, targets: list[float]) -> None:
        """Have the keyframes fetched that the targets lead to, as far as the index tells."""
        if self._ahead is None or not self._keyframes:
            return
        numbers = (max(0, bisect_right(self._keyframes, at) - 1) for at in targets)
        self._ahead.want(self._places[number] for number in dict.fromkeys(numbers))

    def _at_keyframes(self, targets: list[float]) -> Iterator[tuple[float, VideoFrame]]:
        self._look_ahead(targets)
        seen: set[int | None] = set()
        for target in targets:
            self._seek(target)
            frame = self._next_keyframe()
            if frame is not None and frame.pts not in seen:
                seen.add(frame.pts)
                yield target, frame

    def _exact(self, targets: list[float]) -> Iterator[tuple[float, VideoFrame]]:
        """The frame on display at each target: the last one that begins at or before it."""
        decoded: Iterator[VideoFrame] = iter(())
        shown: VideoFrame | None = None
        following: VideoFrame | None = None
        for target in targets:
            if shown is None or not self._decode_on(self.time_of(following or shown), target):
                shown, decoded = self._decoded_around(target)
                following = None
            while shown is not None:
                following = following or next(decoded, None)
                if following is None or self.time_of(following) > target + _SAME_MOMENT_SECONDS:
                    break
                shown, following = following, None
            if shown is not None:
                yield target, shown

    def _decoded_around(self, target: float) -> tuple[VideoFrame | None, Iterator[VideoFrame]]:
        """The first frame decoded after a seek to a keyframe before `target`, and those after it.

        Indexes count in decoding order and streams without one are searched by guessing, so a
        seek may end up late; then it is made again, aiming earlier.
        """
        first: VideoFrame | None = None
        decoded: Iterator[VideoFrame] = iter(())
        for earlier in _AIM_EARLIER_SECONDS:
            self._seek(max(0.0, target - earlier))
            decoded = self._decoded()
            first = next(decoded, None)
            found = first is not None and self.time_of(first) <= target + _SAME_MOMENT_SECONDS
            if found or target <= earlier:
                break
        return first, decoded

    def _decode_on(self, position: float, target: float) -> bool:
        """Whether the next target is reached sooner by decoding than by a seek."""
        if self._keyframes:
            return not any(position < at <= target for at in self._keyframes)
        return target - position <= _DECODE_ON_SECONDS

    def _seek(self, seconds: float) -> None:
        # A fresh container stands at the start, more surely than after a seek in a stream that
        # has no index.
        fresh, self._moved = not self._moved, True
        if fresh and seconds < _START_SECONDS:
            return
        offset = self._start + int(Fraction(seconds) / self._tick + Fraction(1, 2))
        self._container.seek(offset, stream=self.stream)

    def _packets(self) -> Iterator["Packet[Any]"]:
        """What follows the last seek, from the first keyframe on."""
        started = False
        for packet in self._container.demux(self.stream):
            self._deadline.check()
            started = started or packet.is_keyframe or packet.size == 0
            if started:
                yield packet

    def _next_keyframe(self) -> VideoFrame | None:
        """The next keyframe, from its packet alone; if that is not enough, with what follows."""
        packets = self._packets()
        packet = next(packets, None)
        if packet is None:
            return None
        context = self.stream.codec_context
        frames = [*_decode(self.stream, packet), *_decode(self.stream, None)]
        context.flush_buffers()
        for again in chain([packet], islice(packets, _PACKETS_PER_FRAME)):
            if frames:
                break
            frames = _decode(self.stream, again)
        return frames[0] if frames else None

    def _decoded(self) -> Iterator[VideoFrame]:
        without = 0
        for packet in self._packets():
            frames = _decode(self.stream, packet)
            without = 0 if frames else without + 1
            yield from frames
            if without > _PACKETS_PER_FRAME:
                return

    def _seconds(self, ticks: int) -> float:
        return float((ticks - self._start) * self._tick)


def _decode(stream: VideoStream, packet: "Packet[Any] | None") -> list[VideoFrame]:
    """The frames of a packet; a damaged packet gives none, as in a player."""
    try:
        return stream.codec_context.decode(packet)
    except (ValueError, EOFError):  # PyAV's InvalidDataError and EOFError are such
        return []
