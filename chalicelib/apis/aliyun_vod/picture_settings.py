"""JSON parameters of snapshots and animated images (VOD API manual 17.1 to 17.3, 17.5).

Numbers arrive as numbers or as text: the manual prints both. What a structure does not name is
passed over, as everywhere.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError, from_json

from chalicelib.apis.protocol.aliyun_rpc.parameters import UNUSABLE
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.mediaspec.colours import rgb
from chalicelib.mediaspec.snapshot import MOST_SNAPSHOTS, SnapshotSpec, SpriteLayout

_CLOCK = re.compile(
    r"(?:(?P<h>\d{1,2}):(?P<m>[0-5]?\d):(?P<s>[0-5]?\d)|(?P<plain>\d{1,5}))(?P<f>\.\d{1,3})?"
)
_DAY = 86_400

Pixels = Annotated[int, Field(ge=8, le=4096)]
_Distance = Annotated[int, Field(ge=0, le=4096)]
_Grid = Annotated[int, Field(ge=1, le=10_000)]
_AnimatedPixels = Annotated[int, Field(ge=128, le=4096)]
_Truth = Literal["true", "false"]


def _unusable(problem: str) -> PydanticCustomError:
    return PydanticCustomError(UNUSABLE, "{problem}", {"problem": problem})


def _colour(name: str) -> str:
    try:
        return rgb(name)
    except ValueError:
        raise _unusable("It is not the name of a colour.") from None


def _seconds(value: Any) -> Any:
    """``12000.55`` or ``00:00:05.003``, less than a day."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.3f}"
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _unusable("It must be sssss[.SSS] or hh:mm:ss[.SSS].")
    whole = found["plain"]
    seconds = (int(whole) if whole else _clock(found)) + float(found["f"] or 0)
    if seconds >= _DAY:
        raise _unusable("It must be less than a day.")
    return seconds


def _clock(found: "re.Match[str]") -> int:
    return (int(found["h"]) * 60 + int(found["m"])) * 60 + int(found["s"])


def _object(value: Any) -> Any:
    """A structure inside a structure: an object, or the text of one."""
    if not isinstance(value, str):
        return value
    try:
        return from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise _unusable("It is not valid JSON.") from error


def _in_double_quotes(text: Any) -> Any:
    """The manual's sample of a sprite is printed in single quotes, and clients copy it."""
    if isinstance(text, str) and '"' not in text:
        return text.replace("'", '"')
    return text


def _lower(value: Any) -> Any:
    """A truth value as JSON has it, or as text."""
    return str(value).lower() if isinstance(value, bool | str) else value


def _none(watermarks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if watermarks:
        raise _unusable("The template has no watermark that could be replaced.")
    return watermarks


_Seconds = Annotated[float, BeforeValidator(_seconds)]
_TrueOrFalse = Annotated[_Truth, BeforeValidator(_lower)]


class _Settings(BaseModel):
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )


class SpriteSettings(_Settings):
    """SpriteSnapshotConfig (manual 17.2, 17.3)."""

    CellWidth: Pixels | None = None
    CellHeight: Pixels | None = None
    Padding: _Distance = 0
    Margin: _Distance = 0
    Color: Annotated[str, AfterValidator(_colour)] = "#000000"
    Columns: _Grid = 10
    Lines: _Grid = 10
    KeepCellPic: Literal["keep", "delete"] = "keep"

    def layout(self) -> SpriteLayout:
        """What it means."""
        return SpriteLayout(
            columns=self.Columns,
            lines=self.Lines,
            cell_width=self.CellWidth,
            cell_height=self.CellHeight,
            padding=self.Padding,
            margin=self.Margin,
            colour=self.Color,
            keep_cells=self.KeepCellPic == "keep",
        )


class IndexSettings(_Settings):
    """How the pictures of a WebVTT index are stored (manual 17.3)."""

    IsSptFrag: _TrueOrFalse = "false"


class SnapshotSettings(_Settings):
    """SnapshotConfig of a snapshot template (manual 17.3).

    The table calls FrameType, Count, Interval and SpecifiedOffsetTime required; its own sample
    leaves FrameType out, so each has the default that SubmitSnapshotJob gives it.
    """

    FrameType: Literal["intra", "normal"] = "normal"
    Count: Annotated[int, Field(ge=1, le=MOST_SNAPSHOTS)] | None = None
    Interval: Annotated[int, Field(ge=0, le=10**7)] | None = None
    SpecifiedOffsetTime: Annotated[int, Field(ge=0, le=10**10)] = 0
    Width: Pixels | None = None
    Height: Pixels | None = None
    SpriteSnapshotConfig: Annotated[SpriteSettings | None, BeforeValidator(_object)] = None
    Format: Annotated[Literal["vtt"] | None, BeforeValidator(_lower)] = None
    SubOut: Annotated[IndexSettings | None, BeforeValidator(_object)] = None

    def spec(self) -> SnapshotSpec:
        """The pictures without what the type of snapshot adds.

        Count and Interval bound each other: whichever yields fewer pictures applies. An interval
        alone goes on to the end of the video.
        """
        return SnapshotSpec(
            frame="keyframe" if self.FrameType == "intra" else "exact",
            start_ms=self.SpecifiedOffsetTime,
            count=self.Count or (1 if self.Interval is None else MOST_SNAPSHOTS),
            interval_seconds=1 if self.Interval is None else self.Interval,
            width=self.Width,
            height=self.Height,
        )


class SnapshotTemplateConfig(_Settings):
    """TemplateConfig of a snapshot template (manual 17.3)."""

    SnapshotType: Literal["NormalSnapshot", "SpriteSnapshot", "WebVttSnapshot"] = "NormalSnapshot"
    SnapshotConfig: Annotated[SnapshotSettings, BeforeValidator(_object)]

    def spec(self) -> SnapshotSpec:
        """What it means. Raises ValueError for a sprite without its settings."""
        settings = self.SnapshotConfig
        sprite = settings.SpriteSnapshotConfig
        if self.SnapshotType == "NormalSnapshot":
            return settings.spec()
        if self.SnapshotType == "SpriteSnapshot":
            if sprite is None:
                raise ValueError("SnapshotConfig.SpriteSnapshotConfig: It is required for sprites.")
            return settings.spec().model_copy(update={"sprite": sprite.layout()})
        joined = settings.SubOut is not None and settings.SubOut.IsSptFrag == "true"
        layout = (sprite or SpriteSettings()).layout() if joined else None
        if layout is not None:
            layout = layout.model_copy(update={"trim": True, "keep_cells": False})
        return settings.spec().model_copy(update={"webvtt": True, "sprite": layout})


class AnimatedVideo(_Settings):
    """Video of an animated-image template (manual 17.1)."""

    Width: _AnimatedPixels | None = None
    Height: _AnimatedPixels | None = None
    Fps: Annotated[float, Field(gt=0, le=60)] | None = None


class AnimatedContainer(_Settings):
    """Container of an animated-image template (manual 17.1)."""

    Format: Literal["gif", "webp"] | None = None


class AnimatedSpan(_Settings):
    """TimeSpan of an animated-image template; End wins over Duration (developer guide 6.4)."""

    Seek: _Seconds | None = None
    Duration: _Seconds | None = None
    End: _Seconds | None = None


class AnimatedClip(_Settings):
    """Clip of an animated-image template (manual 17.1)."""

    TimeSpan: Annotated[AnimatedSpan, BeforeValidator(_object)] = AnimatedSpan()


class AnimatedConfig(_Settings):
    """DynamicImageTemplateConfig (manual 17.1), whole or as the part of it that overrides one."""

    Video: Annotated[AnimatedVideo, BeforeValidator(_object)] = AnimatedVideo()
    Container: Annotated[AnimatedContainer, BeforeValidator(_object)] = AnimatedContainer()
    Clip: Annotated[AnimatedClip, BeforeValidator(_object)] = AnimatedClip()
    SetDefaultCover: _TrueOrFalse | None = None

    def spec(self) -> AnimatedSpec:
        """What a whole configuration means. Raises ValueError if a required part is missing."""
        span = self.Clip.TimeSpan
        needed = {
            "Video.Width": self.Video.Width,
            "Video.Height": self.Video.Height,
            "Video.Fps": self.Video.Fps,
            "Container.Format": self.Container.Format,
            "Clip.TimeSpan.Seek": span.Seek,
            "Clip.TimeSpan.Duration": span.Duration if span.End is None else span.End,
        }
        for name, value in needed.items():
            if value is None:
                raise ValueError(f"{name}: It is required.")
        return self.applied(AnimatedSpec(format=self.Container.Format or "gif"))

    def applied(self, base: AnimatedSpec) -> AnimatedSpec:
        """``base`` with what is given here instead."""
        span = self.Clip.TimeSpan
        given = {
            "format": self.Container.Format,
            "width": self.Video.Width,
            "height": self.Video.Height,
            "fps": self.Video.Fps,
            "start": span.Seek,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if span.End is not None:
            changes |= {"drop_tail": span.End, "duration": None}
        elif span.Duration is not None:
            changes |= {"duration": span.Duration, "drop_tail": None}
        if self.SetDefaultCover is not None:
            changes["becomes_cover"] = self.SetDefaultCover == "true"
        return base.model_copy(update=changes)


class AnimatedOverride(AnimatedConfig):
    """OverrideParams of SubmitDynamicImageJob: what is given goes before the template's.

    Templates of animated images have no watermarks (manual 17.1): one to replace is refused, since
    a picture that has to be marked must not come out without.
    """

    Watermarks: Annotated[list[dict[str, Any]], AfterValidator(_none)] = []


NO_OVERRIDE = AnimatedOverride()
InDoubleQuotes = BeforeValidator(_in_double_quotes)
