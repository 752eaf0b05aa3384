"""Watermarks of templates and tasks, and what they lay over the picture (chapter 7, tables 8-8 to
8-10 of the MPC API manual)."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from chalicelib.apis.huawei_mpc.documents import Number, ObsObjInfo, UntilEnd, length
from chalicelib.apis.huawei_mpc.unusable import problem, unusable
from chalicelib.apis.protocol.huawei_rest.operation import RestModel
from chalicelib.mediaspec.watermark import (
    Colour,
    Corner,
    ImageWatermark,
    TextWatermark,
    TimeSpan,
)

MOST_WATERMARKS = 10

_CORNERS: dict[str, Corner] = {
    "TopRight": "top_right",
    "TopLeft": "top_left",
    "BottomRight": "bottom_right",
    "BottomLeft": "bottom_left",
}
_COLOURS: dict[str, Colour] = {
    "black": "#000000",
    "blue": "#0000ff",
    "white": "#ffffff",
    "green": "#008000",
    "red": "#ff0000",
    "yellow": "#ffff00",
    "brown": "#a52a2a",
    "gold": "#ffd700",
    "pink": "#ffc0cb",
    "orange": "#ffa500",
    "purple": "#800080",
}

Offset = Annotated[int | float, length(0)]
Side = Annotated[int | float, length(8)]
Day = Field(ge=0, le=86_400)


class Placed(RestModel):
    """Where and when a watermark is seen; seconds, and the word ToEND for the end of the video.

    ``base``: ``input`` measures on the source's picture and scales with it, ``output`` on the
    output's.
    """

    dx: Offset | None = None
    dy: Offset | None = None
    referpos: Literal["TopRight", "TopLeft", "BottomRight", "BottomLeft"] | None = None
    timeline_start: Annotated[float, Day] | None = None
    timeline_duration: Annotated[Annotated[float, Field(gt=0, le=86_400)] | None, UntilEnd] = None
    base: Literal["input", "output"] | None = None

    def placement(self) -> dict[str, Any]:
        return {
            "corner": _CORNERS[self.referpos or "TopRight"],
            "dx": self.dx or 0,
            "dy": self.dy or 0,
            "shown": TimeSpan(start=self.timeline_start or 0.0, seconds=self.timeline_duration),
        }


class PicturePlaced(Placed):
    """A picture's place and size (table 8-9)."""

    image_process: Literal["Original", "Grayed", "Transparent"] | None = None
    width: Side | None = None
    height: Side | None = None

    def over(self, template: "PicturePlaced") -> "PicturePlaced":
        """With what the template says where this says nothing."""
        return PicturePlaced(
            **template.model_dump(include=set(PicturePlaced.model_fields))
            | self.model_dump(exclude_unset=True)
        )


class WatermarkTemplate(PicturePlaced):
    """A watermark template as clients write it (tables 7-3 and 7-10)."""

    template_name: Annotated[str, Field(max_length=64)] | None = None
    type: Literal["Image"] = "Image"


class TextPlaced(Placed):
    """How a text is drawn (table 8-10); its size is pixels of what it is laid over."""

    font_name: Literal["fzyouh"] | None = None
    font_size: Annotated[int, Field(ge=4, le=120)] = 16
    font_color: str = "black"

    @field_validator("font_color")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in _COLOURS:
            raise ValueError(f"it must be one of {', '.join(_COLOURS)}")
        return value


class WatermarkRequest(RestModel):
    """One watermark of a task (table 8-8): a picture with its template, or a text."""

    input: ObsObjInfo | None = None
    template_id: Number | None = None
    text_context: Annotated[str, Field(max_length=8192)] | None = None
    image_watermark: PicturePlaced | None = None
    text_watermark: TextPlaced | None = None


def compile_picture(file: str, placed: PicturePlaced) -> ImageWatermark:
    """What a picture becomes. Raises RestError."""
    try:
        return ImageWatermark(
            file=file,
            width=placed.width,
            height=placed.height,
            process="grey" if placed.image_process == "Grayed" else "original",
            measured_on="source" if placed.base == "input" else "output",
            **placed.placement(),
        )
    except ValidationError as error:
        raise unusable(problem(error)) from None


def compile_text(encoded: str, placed: TextPlaced | None) -> TextWatermark:
    """What a text becomes. Raises RestError."""
    if placed is None:
        raise unusable("text_watermark must not be empty when text_context is set")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        return TextWatermark(
            text=text,
            font=placed.font_name,
            font_size=placed.font_size,
            colour=_COLOURS[placed.font_color],
            measured_on="output" if placed.base == "output" else "source",
            **placed.placement(),
        )
    except (binascii.Error, UnicodeDecodeError):
        raise unusable("text_context is no Base64 of a text") from None
    except ValidationError as error:
        raise unusable(problem(error)) from None
