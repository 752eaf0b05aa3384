"""What is laid over the picture: images, animations and texts (VOD API manual 17.3)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.mediaspec.files import FileRef

Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Pixels = Annotated[int, Field(ge=0, le=4096)]
Length = Pixels | Share
"""An `int` is pixels; a `float` between 0 and 1 a share of the output's width or height."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""Red, green, blue as "#rrggbb"."""

_NAME = r"^[^\x00-\x1f\x7f,{}\\;:\[\]'\"]{1,64}$"
FontName = Annotated[str, Field(pattern=_NAME)]

MeasuredOn = Literal["output", "source"]
"""Which picture pixels count on: those of the source's are scaled as it is."""

MAX_TEXT_CHARACTERS = 1024


class TimeSpan(BaseModel):
    """When something is shown: `start` seconds into the output, for `seconds` or to the end."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    start: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0.0
    seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None


class ImageWatermark(BaseModel):
    """A still or animated picture (PNG, JPEG, WebP, GIF, APNG, MOV) with its own transparency.

    `dx` and `dy` are the distance of its corner from the picture's corner `corner`. Of `width` and
    `height`, one given lets the other follow; neither means 0.12 of the output's width.
    `process`: "grey" takes its colours out. An animation is repeated as long as it is shown.
    `measured_on` "source": pixels are those of the source's picture as it is before scaling.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: Literal["image"] = "image"
    file: FileRef
    corner: Corner = "top_right"
    dx: Length = 0
    dy: Length = 0
    width: Length | None = None
    height: Length | None = None
    process: Literal["original", "grey"] = "original"
    opacity: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    shown: TimeSpan = TimeSpan()
    measured_on: MeasuredOn = "output"


class TextWatermark(BaseModel):
    """A text of at most 1,024 characters; a line feed begins a new line.

    `font_size` is pixels of the output; with `adapt` it is a size for a picture whose shorter side
    has 1,080 pixels and grows and shrinks with the output. `border_width` in pixels. With
    `measured_on` "source" all pixels are those of the source's picture as it is before scaling.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: Literal["text"] = "text"
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)]
    font: FontName | None = None
    font_size: Annotated[int, Field(ge=4, le=512)] = 16
    adapt: bool = False
    colour: Colour = "#000000"
    opacity: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    border_width: Annotated[int, Field(ge=0, le=4096)] = 0
    border_colour: Colour = "#000000"
    corner: Corner = "top_left"
    dx: Length = 0
    dy: Length = 0
    shown: TimeSpan = TimeSpan()
    measured_on: MeasuredOn = "output"


Watermark = Annotated[ImageWatermark | TextWatermark, Field(discriminator="kind")]
