"""Which still pictures to take from a video (VOD developer guide 6.3, VOD API manual 8.1.2)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_SNAPSHOTS = 2000
"""The most pictures of one job: an hour at one each two seconds."""

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
    `start_ms` is the first place, `count` the most that are taken, `interval_seconds` the distance
    (0: spread evenly over the rest of the duration); `times_ms`, if any, names the places instead.
    Of `width` and `height` in pixels, one given lets the other follow the aspect ratio; none keeps
    the size of the video as displayed. `sprite` joins the pictures into sheets; `webvtt` adds an
    index that tells players which picture (or part of a sheet) belongs to which time.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    frame: Literal["keyframe", "exact"] = "exact"
    start_ms: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1, le=MOST_SNAPSHOTS)] = 1
    interval_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    times_ms: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=100)] = ()
    width: SidePixels | None = None
    height: SidePixels | None = None
    sprite: SpriteLayout | None = None
    webvtt: bool = False


class Picture(BaseModel):
    """One JPEG: its number from 1, the time of its frame, its size in pixels and (`size`) in bytes.

    `file_name` is relative to the folder that it was made in.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    index: int
    time_ms: int
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

    `times_ms` are the times of all frames taken, in order; `pictures` the JPEGs of them (none where
    only sheets were asked for), `sheets` the sheets (`time_ms`: of the first picture on it) and
    `places` where each frame is on them. `duration_ms` is that of the video.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    times_ms: tuple[int, ...]
    pictures: tuple[Picture, ...] = ()
    sheets: tuple[Picture, ...] = ()
    places: tuple[Place, ...] = ()
    duration_ms: int = 0


COVER_SNAPSHOTS = SnapshotSpec(frame="keyframe", start_ms=5, count=8, interval_seconds=0)
"""What is taken from every uploaded video: at most 8 keyframes spread evenly, from 5 ms on."""
