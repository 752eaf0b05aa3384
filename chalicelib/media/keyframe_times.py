"""At which moments of an output keyframes are forced: by the clock, whatever the frame rate."""

import math

from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding

_DEFAULT_GOP_SECONDS = 2.0
# A frame that is due at a keyframe may be a rounding error before it.
_EARLY_SECONDS = 0.0001


def distance(spec: RenditionSpec, video: VideoEncoding) -> float | None:
    """The distance of forced keyframes: at most a GOP, and one at every segment boundary."""
    gop = video.gop_seconds
    if gop is None and video.gop_frames is None:
        gop = _DEFAULT_GOP_SECONDS
    if not spec.segmented:
        return gop
    seconds = spec.segments.seconds
    return seconds if gop is None else seconds / math.ceil(seconds / gop)


def moments(begin: float, end: float, step: float) -> str:
    """The steps of the even grid from `begin` to `end`, as moments of the source.

    For a part of it an expression will not do: ffmpeg counts its time from the part's first frame.
    """
    first, last = math.floor(begin / step), math.floor(end / step)
    steps = (number * step - _EARLY_SECONDS for number in range(first + 1, last + 1))
    return ",".join(f"{at:.6f}" for at in (begin, *steps))


def grid(spec: RenditionSpec, step: float) -> str:
    """A step function of the time `T`."""
    time = f"(T+{_EARLY_SECONDS})"
    segments = spec.segments
    if not spec.segmented or segments.even:
        return f"floor({time}/{step:.6f})"
    first = segments.first_count * segments.first_seconds
    at_first = segments.first_seconds / math.ceil(segments.first_seconds / step)
    regular = f"floor(max(0,{time}-{first:.6f})/{step:.6f})"
    opening = f"floor(min({time},{first:.6f})/{at_first:.6f})"
    return "+".join([regular, opening, *(f"gte({time},{at:.6f})" for at in segments.at)])
