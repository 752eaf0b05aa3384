"""Which still pictures to take from a video (VOD developer guide 6.3, VOD API manual 8.1.2)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SidePixels = Annotated[int, Field(ge=8, le=4096)]


class SnapshotSpec(BaseModel):
    """Where to take how many snapshots, and how large.

    `frame`: "keyframe" takes the keyframes at the chosen places (cheap, and no picture twice, so a
    video with few keyframes gives fewer snapshots); "exact" decodes up to the very time.
    `start_ms` is the first place, `count` the most that are taken, `interval_seconds` the distance
    (0: spread evenly over the rest of the duration). Of `width` and `height` in pixels, one given
    lets the other follow the aspect ratio; none keeps the size of the video as displayed.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    frame: Literal["keyframe", "exact"] = "exact"
    start_ms: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1, le=2000)] = 1
    interval_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    width: SidePixels | None = None
    height: SidePixels | None = None


COVER_SNAPSHOTS = SnapshotSpec(frame="keyframe", start_ms=5, count=8, interval_seconds=0)
"""What is taken from every uploaded video: at most 8 keyframes spread evenly, from 5 ms on."""
