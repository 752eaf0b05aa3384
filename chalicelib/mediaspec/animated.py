"""Which animated image to make of a span of a video (VOD developer guide 6.4)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(ge=0, lt=86_400, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=8, le=4096)]

AnimatedFormat = Literal["gif", "webp"]


class AnimatedSpec(BaseModel):
    """The span and the looks of an animated image.

    It begins at `start` and lasts `duration` seconds, or ends `drop_tail` seconds before the video
    does; neither: at the video's end. Of `width` and `height` in pixels, one given lets the other
    follow the aspect ratio; none keeps the size of the video as displayed. `fps` is the rate of the
    pictures; those of a slower video are not repeated.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    format: AnimatedFormat
    start: Seconds = 0.0
    duration: Seconds | None = None
    drop_tail: Seconds | None = None
    width: Side | None = None
    height: Side | None = None
    fps: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 10.0
    becomes_cover: bool = False

    @model_validator(mode="after")
    def _one_end(self) -> "AnimatedSpec":
        if self.duration is not None and self.drop_tail is not None:
            raise ValueError("duration and drop_tail exclude each other")
        return self

    def span(self, video_seconds: float) -> tuple[float, float]:
        """Start and length in seconds within a video of this length; the length is 0 if they lie
        outside of it."""
        end = video_seconds - (self.drop_tail or 0.0)
        if self.duration is not None:
            end = min(end, self.start + self.duration)
        return self.start, max(0.0, end - self.start)


class AnimatedImageFacts(BaseModel):
    """What an animated image turned out to be: pixels, bytes, pictures, and seconds of one loop."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    format: AnimatedFormat
    width: int
    height: int
    size: int
    frames: int
    duration: float

    @property
    def fps(self) -> float:
        """Pictures per second, on average."""
        return self.frames / self.duration if self.duration > 0 else 0.0
