"""Chunks of one encoding become one stream again: packets are handed on, nothing is encoded.

Every chunk was encoded by itself, begins with a keyframe, and carries the time stamps of the whole,
so that joining is writing one behind the other. Decoding times are made anew over the joints: they
are the presentation times in order, later by as much as the encoder reorders.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO, Any, TypeAlias

import av
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

from chalicelib.media.errors import Cancelled, EncoderFailed
from chalicelib.media.muxers import PIECE_FORMAT
from chalicelib.media.source import Deadline, check_source, opened

Packet: TypeAlias = "AnyPacket[Any]"

# Between two looks at whether the work is still wanted.
_PACKETS = 256


@dataclass
class JoinedVideo:
    """What went through: how many frames, and the times of the first and the last of them."""

    frames: int = 0
    first: Fraction | None = None
    last: Fraction | None = None


def join_video(
    chunks: Sequence[str | Path],
    sink: IO[bytes],
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
) -> JoinedVideo:
    """Write the chunks (URLs or paths, in their order) as one stream into `sink`.

    Raises EncoderFailed where chunks do not fit together (encoded differently, or time runs back at
    a joint), Cancelled, and what reading them raises.
    """
    deadline = Deadline(time_limit_seconds)
    with av.open(sink, mode="w", format=PIECE_FORMAT) as out:
        track = _Track()
        for number, chunk in enumerate(chunks):
            with opened(check_source(chunk), deadline, sequential=True) as source:
                stream = source.streams.video[0]
                if track.template is None:
                    target = out.add_stream_from_template(stream)
                for count, packet in enumerate(track.packets(stream, source.demux(stream))):
                    if count % _PACKETS == 0:
                        deadline.check()
                        if cancelled():
                            raise Cancelled("the work was cancelled")
                    packet.stream = target
                    out.mux(packet)
            on_progress((number + 1) / len(chunks))
    return track.joined


@dataclass(frozen=True)
class _Template:
    """What all chunks have in common: the decoder's setup and the unit of time."""

    setup: bytes | None
    tick: Fraction


@dataclass
class _Track:
    """The state of the joint stream while chunk after chunk goes through."""

    joined: JoinedVideo = field(default_factory=JoinedVideo)
    template: _Template | None = None
    _early: deque[int] = field(default_factory=deque)
    _waiting: list[int] = field(default_factory=list)

    def packets(self, stream: VideoStream, packets: Iterator[Packet]) -> Iterator[Packet]:
        """The packets of the next chunk with decoding times that go on from the last one's."""
        tick = stream.time_base
        found = _Template(stream.codec_context.extradata, tick or Fraction(1))
        real: Iterator[Packet] = (packet for packet in packets if packet.pts is not None)
        if self.template is None:
            self.template = found
            real = self._begin(stream, real)
        elif found != self.template:
            raise EncoderFailed("the chunks of the video do not fit together")
        end = self.joined.last
        for packet in real:
            at = (packet.pts or 0) * found.tick
            if end is not None and at <= end:
                raise EncoderFailed("the chunks of the video overlap")
            self._note(at)
            heapq.heappush(self._waiting, packet.pts or 0)
            packet.dts = self._early.popleft() if self._early else heapq.heappop(self._waiting)
            yield packet

    def _begin(self, stream: VideoStream, packets: Iterator[Packet]) -> Iterator[Packet]:
        """Find how deep the encoder reorders: so many packets have no decoding time in a chunk."""
        ahead: list[Packet] = []
        for packet in packets:
            ahead.append(packet)
            if packet.dts is not None:
                break
        depth = sum(packet.dts is None for packet in ahead)
        if ahead:
            first = ahead[0].pts or 0
            frame = _frame_ticks(stream)
            self._early.extend(first - (depth - number) * frame for number in range(depth))
        return chain(ahead, packets)

    def _note(self, at: Fraction) -> None:
        known = self.joined
        known.frames += 1
        known.first = at if known.first is None else min(known.first, at)
        known.last = at if known.last is None else max(known.last, at)


def _frame_ticks(stream: VideoStream) -> int:
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return max(1, round(1 / (rate * (stream.time_base or Fraction(1, 1000)))))
