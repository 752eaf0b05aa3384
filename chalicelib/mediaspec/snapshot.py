"""Which still pictures to take from a video.

VOD developer guide 6.3, VOD API manual 8.1.2, MPC API manual 12.1.
"""

from itertools import islice, takewhile
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_SNAPSHOTS = 2000
"""The most pictures that can be asked for by their number: an hour at one each two seconds."""

MOST_PLACES = 10_000
"""The most pictures of one job, however they are asked for."""

# Parts of a duration are rounded: what is nearer to the end is the end itself.
_SAME_PLACE = 1e-6

PictureFormat = Literal["jpg", "png"]
SidePixels = Annotated[int, Field(ge=8, le=4096)]
Distance = Annotated[int, Field(ge=0, le=4096)]


class SpriteLayout(BaseModel):
    """How pictures are joined into sheets, line by line from the top left.

    Of `cell_width` and `cell_height` in pixels, one given lets the other follow the aspect ratio;
    none means the size of the pictures. `padding` is the distance between two cells, `margin` the
    frame around all of them, in pixels. A sheet has all its lines and columns, also where pictures
    run out, unless `trim` is set or it would be larger than a JPEG can be. `keep_cells`: the single
    pictures are kept as well.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    columns: Annotated[int, Field(ge=1, le=10_000)] = 10
    lines: Annotated[int, Field(ge=1, le=10_000)] = 10
    cell_width: SidePixels | None = None
    cell_height: SidePixels | None = None
    padding: Distance = 0
    margin: Distance = 0
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#000000"
    keep_cells: bool = True
    trim: bool = False


class SnapshotSpec(BaseModel):
    """Where to take how many snapshots, and how large.

    `frame`: "keyframe" takes the keyframes at the chosen places (cheap, and no picture twice, so a
    video with few keyframes gives fewer snapshots); "exact" decodes up to the very time.
    `start_ms` is the first place, `count` the most that are taken (None: all up to the end), and
    `interval_seconds` the distance (0: spread evenly over the rest of the duration), or that is
    `interval_percent` of the duration. `span_ms` ends them so long after the start, the video's end
    at the latest; `with_end` takes what is shown at that end as well. `times_ms`, if any, names the
    places instead. At places `beyond` the end of the video comes its last frame, or nothing.

    Of `width` and `height` in pixels, one given lets the other follow the aspect ratio; none keeps
    the size of the video as displayed. `longest` is the size of the longer side, whichever that is.
    `sprite` joins the pictures into sheets; `webvtt` adds an index that tells players which picture
    (or part of a sheet) belongs to which time.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    frame: Literal["keyframe", "exact"] = "exact"
    start_ms: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1, le=MOST_SNAPSHOTS)] | None = 1
    interval_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    interval_percent: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    span_ms: Annotated[int, Field(gt=0)] | None = None
    with_end: bool = False
    times_ms: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=100)] = ()
    beyond: Literal["last_frame", "nothing"] = "last_frame"
    format: PictureFormat = "jpg"
    width: SidePixels | None = None
    height: SidePixels | None = None
    longest: SidePixels | None = None
    sprite: SpriteLayout | None = None
    webvtt: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "SnapshotSpec":
        if self.longest is not None and (self.width is not None or self.height is not None):
            raise ValueError("longest excludes width and height")
        if self.count is None and (self.sprite is not None or self.interval_seconds == 0):
            raise ValueError("sheets, and pictures that are spread evenly, have a count")
        if self.sprite is not None and self.format != "jpg":
            raise ValueError("sheets are JPEGs")
        return self


class Picture(BaseModel):
    """One picture: its number from 1, the time of its frame and the place it was taken for, its
    size in pixels and (`size`) in bytes.

    `file_name` is relative to the folder that it was made in.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    index: int
    time_ms: int
    place_ms: int
    file_name: str
    width: int
    height: int
    size: int


class Place(BaseModel):
    """Where on which sheet (from 1) a picture is: a rectangle in pixels from the top left."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    sheet: int
    x: int
    y: int
    width: int
    height: int


class PictureSet(BaseModel):
    """What was made of a SnapshotSpec.

    `times_ms` are the times of all frames taken, in order; `pictures` those of them (none where
    only sheets were asked for), `sheets` the sheets (their times: of the first picture on it) and
    `places` where each frame is on them. `duration_ms` is that of the video.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    times_ms: tuple[int, ...]
    pictures: tuple[Picture, ...] = ()
    sheets: tuple[Picture, ...] = ()
    places: tuple[Place, ...] = ()
    duration_ms: int = 0


def places(spec: SnapshotSpec, duration: float) -> list[float]:
    """Where in a video of `duration` seconds the pictures are taken, in seconds, ascending.

    Raises ValueError where these are more than MOST_PLACES.
    """
    if spec.times_ms:
        wanted = [at / 1000 for at in spec.times_ms]
        if spec.beyond == "nothing":
            wanted = [at for at in wanted if at < duration]
        return sorted({min(at, duration) for at in wanted})
    start = spec.start_ms / 1000
    if start >= duration and spec.beyond == "nothing":
        return []
    start = min(start, duration)
    if spec.interval_percent is None and spec.interval_seconds == 0:
        count = spec.count or 1
        return [start + n * (duration - start) / count for n in range(count)]
    end = duration if spec.span_ms is None else min(duration, start + spec.span_ms / 1000)
    return _steps(spec, start, end, duration)


def _steps(spec: SnapshotSpec, start: float, end: float, duration: float) -> list[float]:
    distance = spec.interval_seconds
    if spec.interval_percent is not None:
        distance = duration * spec.interval_percent / 100
    count = spec.count or MOST_PLACES + 1
    steps = (start + n * distance for n in range(count))
    taken = [start, *takewhile(lambda at: at < end - _SAME_PLACE, islice(steps, 1, None))]
    if spec.with_end and end > start:
        taken.append(end)
    if len(taken) > MOST_PLACES:
        raise ValueError(f"more than {MOST_PLACES} pictures would be taken")
    return taken


COVER_SNAPSHOTS = SnapshotSpec(frame="keyframe", start_ms=5, count=8, interval_seconds=0)
"""What is taken from every uploaded video: at most 8 keyframes spread evenly, from 5 ms on."""
