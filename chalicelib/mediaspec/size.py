"""How large a picture becomes, and the boxes that cut it or frame it: plain arithmetic.

Sizes are pixels as displayed: after rotation, with square pixels.
"""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

Side = Annotated[int, Field(ge=16, le=8192)]
Offset = Annotated[int, Field(ge=0, le=8192)]

Sides = Literal["width_height", "long_short"]
Fit = Literal["stretch", "inside", "pad", "crop"]


class PictureSize(BaseModel):
    """The size asked for. Neither `width` nor `height`: the source's.

    `sides`: "long_short" takes `width` for the longer side of the picture and `height` for the
    shorter, whichever way it is held. One of the two given lets the other follow the aspect ratio.
    With both, `fit` tells what becomes of another aspect ratio: "stretch" distorts, "inside" makes
    the largest picture that fits, "pad" adds black bars to that, "crop" fills and cuts what sticks
    out. `factor` multiplies the source's size instead. Nothing is enlarged unless `enlarge` says
    so. Sides come out even.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    width: Side | None = None
    height: Side | None = None
    sides: Sides = "width_height"
    fit: Fit = "stretch"
    factor: Annotated[float, Field(ge=0.1, le=4, allow_inf_nan=False)] | None = None
    enlarge: bool = False

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "PictureSize":
        if self.factor is not None and (self.width is not None or self.height is not None):
            raise ValueError("factor excludes width and height")
        return self


class CropBox(BaseModel):
    """The part of the source's picture, as displayed, that is kept. Pixels."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    width: Side
    height: Side
    left: Offset = 0
    top: Offset = 0


class PadBox(BaseModel):
    """A black canvas of `width` x `height` on which the scaled picture lies at `left`, `top`."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    width: Side
    height: Side
    left: Offset = 0
    top: Offset = 0


class Layout(NamedTuple):
    """What scaling has to do: the size to scale to, then the size to pad or cut that to."""

    scaled: tuple[int, int]
    canvas: tuple[int, int]


def layout(source: tuple[int, int], asked: PictureSize) -> Layout:
    """How a picture of `source` (width, height) comes to the size asked for; even sides.

    A side of 1 becomes 2: video has none smaller.
    """
    box = _box(source, asked)
    if box is None:
        plain = _inside(source, source)
        return Layout(plain, plain)
    if not asked.enlarge:
        box = _not_larger(source, box, asked)
    width, height = box
    if width is None or height is None or asked.fit == "inside":
        plain = _inside(source, box)
        return Layout(plain, plain)
    canvas = (_even(width), _even(height))
    if asked.fit == "stretch":
        return Layout(canvas, canvas)
    if asked.fit == "pad":
        return Layout(_inside(source, canvas), canvas)
    return Layout(_around(source, canvas), canvas)


_Box = tuple[int | None, int | None]


def _box(source: tuple[int, int], asked: PictureSize) -> _Box | None:
    """The asked-for size as width and height; None: the source's."""
    if asked.factor is not None:
        # Both sides from one rounding, so that neither is cut to fit the other.
        return max(1, round(source[0] * asked.factor)), max(1, round(source[1] * asked.factor))
    if asked.width is None and asked.height is None:
        return None
    if asked.sides == "long_short" and source[0] < source[1]:
        return asked.height, asked.width
    return asked.width, asked.height


def _not_larger(source: tuple[int, int], box: _Box, asked: PictureSize) -> _Box:
    """The box without enlarging: bounded by the source's own size, its shape kept.

    A box of both sides larger than the source in either shrinks as a whole, so that a picture that
    is stretched, padded or cut comes out in the shape that was asked for.
    """
    width, height = box
    if width is None or height is None or asked.fit == "inside":
        return (
            None if width is None else min(width, source[0]),
            None if height is None else min(height, source[1]),
        )
    if asked.fit == "pad":
        inner = _inside(source, (width, height))
        share = min(1.0, source[0] / inner[0], source[1] / inner[1])
    else:
        share = min(1.0, source[0] / width, source[1] / height)
    return max(2, round(width * share)), max(2, round(height * share))


def _inside(source: tuple[int, int], box: _Box) -> tuple[int, int]:
    """The largest even size of the source's shape within the box; None does not bound."""
    bounds = [(bound, side) for bound, side in zip(box, source, strict=True) if bound is not None]
    bound, of = min(bounds, key=lambda pair: pair[0] / pair[1])
    return (
        _scaled(source[0], bound, of, box[0]),
        _scaled(source[1], bound, of, box[1]),
    )


def _around(source: tuple[int, int], canvas: tuple[int, int]) -> tuple[int, int]:
    """The smallest even size of the source's shape that covers the canvas."""
    share = max(canvas[0] / source[0], canvas[1] / source[1])
    return (
        max(canvas[0], _even_up(source[0] * share)),
        max(canvas[1], _even_up(source[1] * share)),
    )


def _scaled(side: int, bound: int, of: int, most: int | None) -> int:
    """`side` times `bound / of`, even; neither above `most` nor, going down, above itself.

    Nor does the shorter side become the longer one by rounding.
    """
    nearest = (side * bound + of) // (2 * of) * 2
    if side <= of:
        nearest = min(nearest, bound // 2 * 2)
    if bound <= of:
        nearest = min(nearest, side // 2 * 2)
    if most is not None:
        nearest = min(nearest, most // 2 * 2)
    return max(2, nearest)


def _even(side: float) -> int:
    return max(2, int(side) // 2 * 2)


def _even_up(side: float) -> int:
    return max(2, -int(-side // 2) * 2)
