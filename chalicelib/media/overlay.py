"""Watermarks and subtitles on a picture that has its final size.

What strangers write goes into scripts for libass, which are files; filters name only those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.media.encoders import pixel_format
from chalicelib.media.errors import EncoderMissing, SourceBad
from chalicelib.media.fonts import chosen_family
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.inputs import Inputs
from chalicelib.media.materials import Materials, PictureFile
from chalicelib.mediaspec import ass
from chalicelib.mediaspec.ass import Look, Placed
from chalicelib.mediaspec.subtitle_text import SubtitlesInvalid, cues, is_ass
from chalicelib.mediaspec.subtitles import BurnedSubtitles
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import Corner, ImageWatermark, TextWatermark, TimeSpan

FONTS = "fonts"
"""The working folder's link to the fonts."""

# What a watermark without a size has: so much of the output's width.
_DEFAULT_WIDTH = 0.12
# The picture that the size of a text is meant for, by its shorter side.
_ADAPTED_TO = 1080
# Subtitles without a size: lines of so much of the picture's height.
_SUBTITLE_HEIGHT = 0.055
_GREY = "colorchannelmixer=.3:.59:.11:0:.3:.59:.11:0:.3:.59:.11"
_ALIGNMENTS: dict[Corner, int] = {
    "top_left": 7,
    "top_right": 9,
    "bottom_left": 1,
    "bottom_right": 3,
}


@dataclass
class Overlay:
    """Lays things over the pictures of one command. `scripts` collects the files to write.

    `begin`: the seconds of the output before which nothing is shown, in a piece of it.
    """

    graph: Graph
    inputs: Inputs
    materials: Materials
    begin: float = 0.0
    scripts: dict[str, str] = field(default_factory=dict)

    def watermarks(
        self,
        stream: Stream,
        video: VideoEncoding,
        size: tuple[int, int],
        unscaled: tuple[int, int],
        folder: str,
    ) -> Stream:
        """All watermarks, the first at the bottom; texts that follow each other are one script.

        `unscaled`: the size that the picture had before it was scaled.
        """
        texts: list[TextWatermark] = []
        for asked in video.watermarks:
            mark = _on_output(asked, size, unscaled)
            if isinstance(mark, TextWatermark):
                texts.append(mark)
                continue
            stream = self._texts(stream, texts, size, folder)
            texts = []
            stream = self._image(stream, mark, video, size)
        return self._texts(stream, texts, size, folder)

    def subtitles(
        self,
        stream: Stream,
        video: VideoEncoding,
        size: tuple[int, int],
        folder: str,
        earlier: float,
    ) -> Stream:
        """All subtitles. `earlier`: how many seconds of the source are cut off before."""
        for burned in video.subtitles:
            stream = self._script(stream, self._subtitles(burned, size, earlier), folder)
        return stream

    def _image(
        self, stream: Stream, mark: ImageWatermark, video: VideoEncoding, size: tuple[int, int]
    ) -> Stream:
        picture = self.materials.pictures[mark.file]
        width, height = _watermark_size(mark, picture, size)
        number = self.inputs.add(picture.source, self._repeated(picture))
        filters = [f"scale={width}:{height}:flags=bicubic", "format=rgba"]
        filters += [_GREY] if mark.process == "grey" else []
        filters += [f"colorchannelmixer=aa={mark.opacity:.4f}"] if mark.opacity < 1 else []
        laid = self.graph.derive(self.graph.input(f"{number}:V:0", "video"), filters)
        x, y = _corner(mark, size)
        left = x if mark.corner.endswith("left") else x - width
        top = y if mark.corner.startswith("top") else y - height
        # An endless animation ends with the picture; a still one is repeated by the filter.
        ending = ":shortest=1" if picture.animated else ""
        place = f"overlay=x={left}:y={top}:format=auto{ending}{_enabled(mark.shown)}"
        wanted = pixel_format(video)
        return self.graph.derive((stream, laid), [place, *([f"format={wanted}"] if wanted else [])])

    def _repeated(self, picture: PictureFile) -> list[str]:
        """An animation runs on the output's clock, from its beginning on, whatever the piece.

        The rounds that end before the piece are counted, not decoded, but for the last of them.
        """
        if not picture.animated:
            return []
        rounds = int(self.begin / picture.period) - 1 if picture.period else 0
        endless = ["-stream_loop", "-1"]
        if rounds < 1 or picture.period is None:
            return endless
        return [*endless, "-itsoffset", f"{float(rounds * picture.period):.6f}"]

    def _texts(
        self, stream: Stream, marks: Sequence[TextWatermark], size: tuple[int, int], folder: str
    ) -> Stream:
        if not marks:
            return stream
        placed = [self._placed(mark, size) for mark in marks]
        return self._script(stream, ass.placed_texts(size, placed), folder)

    def _placed(self, mark: TextWatermark, size: tuple[int, int]) -> Placed:
        share = min(size) / _ADAPTED_TO if mark.adapt else 1.0
        look = Look(
            font=self._font(mark.font),
            size=mark.font_size * share,
            colour=mark.colour,
            border=min(mark.border_width * share, 200),
            border_colour=mark.border_colour,
            opacity=mark.opacity,
            alignment=_ALIGNMENTS[mark.corner],
        )
        x, y = _corner(mark, size)
        start, seconds = mark.shown.start, mark.shown.seconds
        return Placed(mark.text, look, x, y, start, None if seconds is None else start + seconds)

    def _subtitles(self, burned: BurnedSubtitles, size: tuple[int, int], earlier: float) -> str:
        text = self.materials.subtitles[burned.file, burned.encoding]
        font = self._font(burned.font)
        height = burned.font_size or max(8.0, _SUBTITLE_HEIGHT * size[1] / ass.LINE_HEIGHT)
        look = Look(
            font=font,
            size=height,
            colour=burned.colour,
            border=max(1.0, height / 14),
            border_colour=burned.border_colour,
            margin=round(size[1] * 0.04),
        )
        try:
            shown = cues(text)
            if is_ass(text):
                return ass.sanitised(text, font, earlier)
            return ass.of_cues(size, shown, look, earlier)
        except SubtitlesInvalid as invalid:
            raise SourceBad(f"subtitles: {invalid}") from None

    def _font(self, wanted: str | None) -> str:
        folder = self.materials.fonts
        family = chosen_family(wanted, folder) if folder is not None else ""
        if not family:
            raise EncoderMissing("there is no font to draw texts with")
        return family

    def _script(self, stream: Stream, script: str, folder: str) -> Stream:
        name = f"{folder}/text-{len(self.scripts)}.ass"
        self.scripts[name] = script
        return self.graph.derive(stream, [f"ass=filename={name}:fontsdir={FONTS}"])


def _on_output(
    mark: ImageWatermark | TextWatermark, size: tuple[int, int], unscaled: tuple[int, int]
) -> ImageWatermark | TextWatermark:
    """The mark in pixels of the output."""
    if mark.measured_on == "output":
        return mark
    across, down = size[0] / unscaled[0], size[1] / unscaled[1]
    update: dict[str, float | None] = {
        "dx": _scaled(mark.dx, across),
        "dy": _scaled(mark.dy, down),
    }
    if isinstance(mark, ImageWatermark):
        update["width"] = None if mark.width is None else _scaled(mark.width, across)
        update["height"] = None if mark.height is None else _scaled(mark.height, down)
    else:
        update["font_size"] = mark.font_size * down
        update["border_width"] = _scaled(mark.border_width, down)
    return mark.model_copy(update=update)


def _scaled(length: float, by: float) -> float:
    """Pixels are scaled; a share is one of any picture."""
    return length if isinstance(length, float) else round(length * by)


def _watermark_size(
    mark: ImageWatermark, picture: PictureFile, size: tuple[int, int]
) -> tuple[int, int]:
    width = None if mark.width is None else _pixels(mark.width, size[0])
    height = None if mark.height is None else _pixels(mark.height, size[1])
    if width is None and height is None:
        width = round(_DEFAULT_WIDTH * size[0])
    across, down = picture.size
    if width is None:
        width = round(across * (height or 1) / down)
    if height is None:
        height = round(down * width / across)
    # Larger than the picture it would only cost memory: what sticks out is not seen.
    return min(max(1, width), 2 * size[0]), min(max(1, height), 2 * size[1])


def _corner(mark: ImageWatermark | TextWatermark, size: tuple[int, int]) -> tuple[int, int]:
    """Where the mark's corner comes to lie, counted from the top left."""
    dx, dy = _pixels(mark.dx, size[0]), _pixels(mark.dy, size[1])
    x = dx if mark.corner.endswith("left") else size[0] - dx
    y = dy if mark.corner.startswith("top") else size[1] - dy
    return x, y


def _pixels(length: float, side: int) -> int:
    return round(length * side) if isinstance(length, float) else length


def _enabled(shown: TimeSpan) -> str:
    if shown.seconds is not None:
        return f":enable='gte(t,{shown.start:.3f})*lt(t,{shown.start + shown.seconds:.3f})'"
    return f":enable='gte(t,{shown.start:.3f})'" if shown.start > 0 else ""
