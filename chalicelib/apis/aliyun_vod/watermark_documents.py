"""WatermarkConfig as clients write it, and what it lays over the picture (VOD API manual 17.3)."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from chalicelib.apis.aliyun_vod.transcode_documents import Document, JsonPart
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.mediaspec.colours import rgb
from chalicelib.mediaspec.watermark import (
    MAX_TEXT_CHARACTERS,
    Corner,
    ImageWatermark,
    TextWatermark,
    TimeSpan,
    Watermark,
)
from chalicelib.store.watermarks import WatermarkKind

# The manual's own samples write Botton.
_CORNERS: dict[str, Corner] = {
    "BottomRight": "bottom_right",
    "BottomLeft": "bottom_left",
    "TopRight": "top_right",
    "TopLeft": "top_left",
    "BottonRight": "bottom_right",
    "BottonLeft": "bottom_left",
}
_TO_END = "toend"


def _length(value: Any) -> int | float:
    """Pixels from 8 to 4096, or a share of the picture between 0 and 1."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError("it must be a number") from error
    if 0 < number < 1:
        # The guide: exact to four places.
        return round(number, 4) or 0.0001
    if number.is_integer() and 8 <= number <= 4096:
        return int(number)
    raise ValueError("it must be pixels from 8 to 4096 or a share between 0 and 1")


def _seconds(value: Any) -> float | None:
    if isinstance(value, str) and value.lower() == _TO_END:
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError("it must be seconds or ToEND") from error


def _colour(value: Any) -> str:
    return rgb(str(value))


def _corner(value: Any) -> Corner:
    if value not in _CORNERS:
        raise ValueError("it must be BottomRight, BottomLeft, TopRight or TopLeft")
    return _CORNERS[value]


Length = Annotated[int | float, BeforeValidator(_length)]
Colour = Annotated[str, BeforeValidator(_colour)]


class TimelinePart(Document):
    """When the picture is shown; without a duration to the end."""

    Start: Annotated[float, Field(ge=0, le=86_400)] = 0
    Duration: Annotated[
        Annotated[float, Field(gt=0, le=86_400)] | None, BeforeValidator(_seconds)
    ] = None


class ImageConfig(Document):
    """Where a picture lies and how large it is."""

    Dx: Length = 0
    Dy: Length = 0
    Width: Length | None = None
    Height: Length | None = None
    ReferPos: Annotated[Corner, BeforeValidator(_corner)] = "top_right"
    Timeline: Annotated[TimelinePart, JsonPart] = TimelinePart()


class TextConfig(Document):
    """A text and its looks; it is placed from the upper left corner."""

    Content: Annotated[str, Field(max_length=MAX_TEXT_CHARACTERS)]
    FontName: (
        Literal[
            "SimSun",
            "WenQuanYi Zen Hei",
            "WenQuanYi Zen Hei Mono",
            "WenQuanYi Zen Hei Sharp",
            "Yuanti SC",
        ]
        | None
    ) = None
    FontColor: Colour = "#000000"
    FontAlpha: Annotated[float, Field(gt=0, le=1)] = 1.0
    BorderColor: Colour = "#000000"
    Top: Annotated[int, Field(ge=0, le=4096)] = 0
    Left: Annotated[int, Field(ge=0, le=4096)] = 0
    FontSize: Annotated[int, Field(gt=4, lt=120)] = 16
    BorderWidth: Annotated[int, Field(ge=0, le=4096)] = 0


def compile_watermark(kind: WatermarkKind, raw: dict[str, Any], file: str) -> Watermark:
    """What a watermark of this kind lays over the picture; ``file`` is an image's object key.

    Raises ApiError.
    """
    try:
        return _image(raw, file) if kind == "image" else _text(raw)
    except ValidationError as error:
        raise _api_error(error) from None


def _image(raw: dict[str, Any], file: str) -> ImageWatermark:
    config = ImageConfig.model_validate(raw)
    return ImageWatermark(
        file=file,
        corner=config.ReferPos,
        dx=config.Dx,
        dy=config.Dy,
        width=config.Width,
        height=config.Height,
        shown=TimeSpan(start=config.Timeline.Start, seconds=config.Timeline.Duration),
    )


def _text(raw: dict[str, Any]) -> TextWatermark:
    config = TextConfig.model_validate(raw)
    return TextWatermark(
        text=config.Content,
        font=config.FontName,
        font_size=config.FontSize,
        colour=config.FontColor,
        opacity=config.FontAlpha,
        border_width=config.BorderWidth,
        border_colour=config.BorderColor,
        dx=config.Left,
        dy=config.Top,
    )


def _api_error(error: ValidationError) -> ApiError:
    detail = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in detail["loc"])
    problem = detail["msg"].removeprefix("Value error, ").rstrip(".") + "."
    return invalid_parameter("WatermarkConfig", f"{path}: {problem}")
