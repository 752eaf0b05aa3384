"""Which part of the source is used, and what is joined before and after it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.mediaspec.files import FileRef
from chalicelib.mediaspec.watermark import Colour

_DAY = 86_400
Moment = Annotated[float, Field(ge=0, le=_DAY, allow_inf_nan=False)]
Lasting = Annotated[float, Field(gt=0, le=_DAY, allow_inf_nan=False)]
PartSide = Annotated[int, Field(ge=2, le=8192)] | Literal["full", "fit"]


class Clip(BaseModel):
    """From `start` seconds on, for `seconds` or to the end; `drop_end` seconds before the end.

    `drop_end` wins over `seconds`. `joined`: the span is one of what comes out after the parts
    have been joined, not of the source alone.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    start: Moment = 0.0
    seconds: Lasting | None = None
    drop_end: Moment | None = None
    joined: bool = False


class Part(BaseModel):
    """Another source before or after the main one, brought to its size, rate and sound.

    `start` and `seconds` choose a span of it. "fit" makes it as large as it can be in its own
    shape; of `width` and `height`, "full" is the output's side, and one given lets the other
    follow; neither keeps the part's own size. Nothing exceeds the output; what stays free has
    `background`.
    `fade_seconds`: the picture before fades into this one for as long. `sound` False: silence.
    `delay`: an opening is inserted after so many seconds of the main source.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    file: FileRef
    start: Moment = 0.0
    seconds: Lasting | None = None
    width: PartSide | None = "fit"
    height: PartSide | None = "fit"
    background: Colour = "#000000"
    fade_seconds: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 0.0
    sound: bool = True
    delay: Moment = 0.0


def clipped(duration: float, clip: Clip | None) -> tuple[float, float]:
    """Begin and end in seconds of what `clip` leaves of `duration` seconds.

    Raises ValueError if it leaves nothing.
    """
    if clip is None:
        return 0.0, duration
    end = duration
    if clip.drop_end is not None:
        end = duration - clip.drop_end
    elif clip.seconds is not None:
        end = min(duration, clip.start + clip.seconds)
    if clip.start >= end:
        raise ValueError(
            f"the clip from {clip.start:g} s leaves nothing of a source of {duration:g} s"
        )
    return clip.start, end
