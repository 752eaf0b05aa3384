"""What happens to a picture on its way to an encoder: filters over a graph, shared where equal.

Every string in here is made of numbers and of names of ours.
"""

import math
from dataclasses import dataclass

from chalicelib.media.encoders import pixel_format
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.graph import Graph, Stream
from chalicelib.mediaspec.facts import VideoFacts
from chalicelib.mediaspec.size import CropBox, Layout, layout
from chalicelib.mediaspec.video import VideoEncoding

# PQ or HLG to BT.709 through linear light, in which 1 is reference white (203 cd/m2, ITU-R BT.2408)
# and 5 the brightest of what is usually mastered. What is darker than half of white stays as it is.
_TONE_MAP = (
    "zscale=t=linear:npl=203",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=mobius:param=0.5:desat=0:peak=5",
    "zscale=t=bt709:m=bt709:r=tv",
)
_HDR_COLOURS = {"HDR10": "smpte2084", "HLG": "arib-std-b67"}
_FULL_RANGE = ("yuvj420p", "yuvj422p", "yuvj444p")
# They are kept as four bytes each.
_MOST_PIXELS_OF_ONE_PALETTE = 300_000_000
# A picture is scaled from a larger rendition's if that is at least so much larger: from nearer, it
# would only be blurred twice.
_CHAIN_RATIO = 1.2
_QUARTERS = {0: (), 90: ("transpose=clock",), 180: ("hflip", "vflip"), 270: ("transpose=cclock",)}


@dataclass(frozen=True)
class Picture:
    """A source's picture before scaling: as decoded and turned upright, then cut and turned.

    `size` is in square pixels, `coded` as the frames are.
    """

    size: tuple[int, int]
    coded: tuple[int, int]


@dataclass(frozen=True)
class Scaled:
    """A picture that has its size: whoever wants a smaller one can begin here."""

    stream: Stream
    size: tuple[int, int]
    origin: Stream
    pix_fmt: str | None


def keeps_fields(facts: VideoFacts, video: VideoEncoding) -> bool:
    """Whether the output is coded as fields."""
    return video.scan == "interlaced" or (video.scan == "kept" and facts.interlaced)


def planned_layout(facts: VideoFacts, video: VideoEncoding) -> Layout:
    """The sizes of a rendition: what is scaled to, and the canvas around that."""
    picture = _prepared(facts, video)
    planned = layout(picture.size, video.size)
    if keeps_fields(facts, video):  # each field's chroma has even lines too
        planned = Layout(_by_four(planned.scaled), _by_four(planned.canvas))
    return planned


def unscaled_size(facts: VideoFacts, video: VideoEncoding) -> tuple[int, int]:
    """Width and height of the picture once it is cut and turned, before it is scaled."""
    return _prepared(facts, video).size


def output_size(facts: VideoFacts, video: VideoEncoding) -> tuple[int, int]:
    """Width and height of the encoded picture."""
    if video.codec == "copy":
        return facts.width, facts.height
    if video.pad is not None:
        return video.pad.width // 2 * 2, video.pad.height // 2 * 2
    return planned_layout(facts, video).canvas


def output_fps(facts: VideoFacts, video: VideoEncoding) -> float:
    """Frames per second of the encoded picture as far as the source's rate is known, else 25."""
    source = facts.avg_fps or facts.fps or 25.0
    if video.fps is not None:
        return video.fps
    return min(source, video.max_fps) if video.max_fps is not None else source


def _by_four(size: tuple[int, int]) -> tuple[int, int]:
    return size[0], max(4, size[1] // 4 * 4)


def _prepared(facts: VideoFacts, video: VideoEncoding) -> Picture:
    size = facts.square_size
    coded = (facts.height, facts.width) if facts.turned else (facts.width, facts.height)
    box = video.crop if isinstance(video.crop, CropBox) else None
    if box is not None:
        cut = _inside(box, size)
        across, down = coded[0] / size[0], coded[1] / size[1]
        coded = max(2, round(cut.width * across)), max(2, round(cut.height * down))
        size = cut.width, cut.height
    if video.rotate in (90, 270):
        return Picture(size[::-1], coded[::-1])
    if video.rotate not in _QUARTERS:
        return Picture(*[_turned(size, video.rotate)] * 2)
    return Picture(size, coded)


def _inside(box: CropBox, size: tuple[int, int]) -> CropBox:
    """The part of the box that lies in the picture."""
    width = min(box.width, size[0] - box.left)
    height = min(box.height, size[1] - box.top)
    if width < 2 or height < 2:
        raise TargetUnfit(
            f"the crop at {box.left},{box.top} lies outside of {size[0]}x{size[1]} pixels"
        )
    return box.model_copy(update={"width": width, "height": height})


def _turned(size: tuple[int, int], degrees: int) -> tuple[int, int]:
    """The box around a picture turned by an angle; even sides."""
    angle = math.radians(degrees)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    width = size[0] * cosine + size[1] * sine
    height = size[0] * sine + size[1] * cosine
    return max(2, round(width / 2) * 2), max(2, round(height / 2) * 2)


def before_scaling(
    graph: Graph, decoded: Stream, facts: VideoFacts, video: VideoEncoding
) -> Stream:
    """Deinterlaced, at its rate, blurred, cut and turned."""
    stream = graph.derive(decoded, _scan(facts, video))
    stream = graph.derive(stream, _rate(facts, video))
    stream = graph.derive(stream, _blurred(facts, video))
    stream = graph.derive(stream, _cropped(facts, video))
    return graph.derive(stream, _rotated(facts, video))


def _scan(facts: VideoFacts, video: VideoEncoding) -> list[str]:
    if video.scan in ("interlaced", "kept"):
        return []
    if facts.interlaced or (video.scan == "progressive" and facts.field_order == "unknown"):
        return ["bwdif=mode=send_frame:deint=interlaced"]
    return []


def _rate(facts: VideoFacts, video: VideoEncoding) -> list[str]:
    if video.fps is not None:
        return [f"fps={video.fps:g}"]
    if video.max_fps is not None and (facts.avg_fps or facts.fps or 0) > video.max_fps:
        return [f"fps={video.max_fps:g}"]
    return []


def _blurred(facts: VideoFacts, video: VideoEncoding) -> list[str]:
    spans = sorted(video.blurs, key=lambda span: span.start)
    filters: list[str] = []
    coded = (facts.height, facts.width) if facts.turned else (facts.width, facts.height)
    for number, span in enumerate(spans):
        until = spans[number + 1].start if number + 1 < len(spans) else None
        shown = f"gte(t,{span.start:.3f})"
        if until is not None:
            shown = f"between(t,{span.start:.3f},{until - 0.0005:.4f})"
        for area in span.areas:
            left, width = _within(area.left, area.width, coded[0], facts.square_size[0])
            top, height = _within(area.top, area.height, coded[1], facts.square_size[1])
            if width >= 2 and height >= 2:
                place = f"x={left}:y={top}:w={width}:h={height}"
                filters.append(f"delogo={place}:enable='{shown}'")
    return filters


def _within(start: float, length: float, coded: int, shown: int) -> tuple[int, int]:
    """Begin and length in coded pixels, a pixel away from the edges, as delogo wants them."""
    begin = start * coded if isinstance(start, float) else start * coded / shown
    extent = length * coded if isinstance(length, float) else length * coded / shown
    first = min(max(1, int(begin)), coded - 3)
    return first, min(int(extent), coded - 1 - first)


def _cropped(facts: VideoFacts, video: VideoEncoding) -> list[str]:
    if not isinstance(video.crop, CropBox):
        return []
    size = facts.square_size
    coded = (facts.height, facts.width) if facts.turned else (facts.width, facts.height)
    box = _inside(video.crop, size)
    across, down = coded[0] / size[0], coded[1] / size[1]
    width, height = max(2, round(box.width * across)), max(2, round(box.height * down))
    return [f"crop={width}:{height}:{int(box.left * across)}:{int(box.top * down)}:exact=1"]


def _rotated(facts: VideoFacts, video: VideoEncoding) -> list[str]:
    if video.rotate in _QUARTERS:
        return list(_QUARTERS[video.rotate])
    upright = video.model_copy(update={"rotate": 0})
    width, height = _prepared(facts, upright).size
    across, down = _turned((width, height), video.rotate)
    angle = math.radians(video.rotate)
    return [
        *(f"scale={width}:{height}", "setsar=1"),
        f"rotate=a={angle:.6f}:ow={across}:oh={down}:c=black",
    ]


def scaled(
    graph: Graph,
    origin: Stream,
    facts: VideoFacts,
    video: VideoEncoding,
    larger: list[Scaled],
) -> Stream:
    """Scaled and brought to ordinary colours: from a larger rendition's picture where one serves.

    `larger` holds the pictures that were scaled already, and takes this one.
    """
    planned = planned_layout(facts, video)
    pix_fmt = pixel_format(video)
    fields = keeps_fields(facts, video)
    hdr = _HDR_COLOURS.get(facts.hdr_type)
    parent = None if fields else _parent(larger, origin, planned.scaled, pix_fmt, near=bool(hdr))
    if parent is None:
        filters = _scale(planned.scaled, pix_fmt, hdr, fields=fields)
        stream = graph.derive(origin, filters)
    elif parent.size == planned.scaled:
        stream = parent.stream
    else:
        stream = graph.derive(parent.stream, [_resize(planned.scaled)])
    if not fields:
        larger.append(Scaled(stream, planned.scaled, origin, pix_fmt))
    return graph.derive(stream, _framed(planned, video))


def with_palette(graph: Graph, stream: Stream, pixels: float) -> Stream:
    """The picture in the 256 colours that suit it best, for a GIF; `pixels` of all its frames.

    The palette is made for what moves, dithering is ordered and only what changes is drawn anew:
    a fifth less than error diffusion makes, and nearer to the source. All frames wait for the
    palette, so a long animation has one for each frame instead.
    """
    long = pixels > _MOST_PIXELS_OF_ONE_PALETTE
    palette = graph.derive(stream, [f"palettegen=stats_mode={'single' if long else 'diff'}"])
    dithered = "paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle"
    dithered += ":new=1" if long else ""
    return graph.derive((stream, palette), [dithered])


def _parent(
    larger: list[Scaled], origin: Stream, size: tuple[int, int], pix_fmt: str | None, *, near: bool
) -> Scaled | None:
    """The smallest picture that is large enough; `near`: any that is not smaller will do."""
    ratio = 1.0 if near else _CHAIN_RATIO
    fit = [
        picture
        for picture in larger
        if (picture.origin, picture.pix_fmt) == (origin, pix_fmt)
        and (picture.size == size or _ratio(picture.size, size) >= ratio)
    ]
    return min(fit, key=lambda picture: picture.size[0] * picture.size[1], default=None)


def _ratio(larger: tuple[int, int], smaller: tuple[int, int]) -> float:
    return min(larger[0] / smaller[0], larger[1] / smaller[1])


def _resize(size: tuple[int, int]) -> str:
    return f"scale={size[0]}:{size[1]}:flags=bicubic"


def _scale(
    size: tuple[int, int], pix_fmt: str | None, hdr: str | None, *, fields: bool
) -> list[str]:
    ending = ["setsar=1", *([f"format={pix_fmt}"] if pix_fmt else [])]
    if hdr is not None:
        # Streams often name the transfer only; zscale wants all three.
        colours = f"color_primaries=bt2020:color_trc={hdr}:colorspace=bt2020nc"
        return [_resize(size), f"setparams={colours}", *_TONE_MAP, *ending]
    levels = "pc" if pix_fmt in _FULL_RANGE else "tv"
    kept = ["setfield=tff"] if fields else []
    lines = ":interl=1" if fields else ""
    return [*kept, f"{_resize(size)}:out_range={levels}{lines}", *ending]


def _framed(planned: Layout, video: VideoEncoding) -> list[str]:
    """Bars or cuts that bring the scaled picture to its canvas, and the canvas asked for."""
    (width, height), (across, down) = planned
    filters: list[str] = []
    if width > across or height > down:
        filters.append(f"crop={min(width, across)}:{min(height, down)}")
    if width < across or height < down:
        filters.append(f"pad={across}:{down}:(ow-iw)/2:(oh-ih)/2:black")
    if video.pad is not None:
        filters += _padded((across, down), video)
    return filters


def _padded(size: tuple[int, int], video: VideoEncoding) -> list[str]:
    assert video.pad is not None
    width, height = video.pad.width // 2 * 2, video.pad.height // 2 * 2
    left, top = video.pad.left // 2 * 2, video.pad.top // 2 * 2
    if left + size[0] > width or top + size[1] > height:
        raise TargetUnfit(
            f"a picture of {size[0]}x{size[1]} at {left},{top} does not fit {width}x{height}"
        )
    return [f"pad={width}:{height}:{left}:{top}:black"]
