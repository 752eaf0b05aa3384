"""A decoded video frame into a picture as a player would show it, and into a JPEG or PNG.

Upright (display matrix), square pixels, one field of an interlaced frame (no combs), 8 bits and
ordinary colours whatever the source has.
"""

import struct
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
from av.codec import CodecContext
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from chalicelib.media.errors import SourceBad
from chalicelib.media.tone_map import Transfer, tone_map_cube
from chalicelib.mediaspec.snapshot import PictureFormat

# ffmpeg's scale for MJPEG: 2 is the best, 31 the worst. Covers are looked at closely.
_JPEG_QUALITY = "3"
# By ffmpeg's numbers, which are those of ITU-T H.273: PQ and HLG.
_HDR_TRANSFERS: dict[int, Transfer] = {16: "smpte2084", 18: "arib-std-b67"}
_MATRIX = struct.Struct("=9i")
_Filter = tuple[str, str]
_PIXELS: dict[PictureFormat, str] = {"jpg": "yuvj420p", "png": "rgb24"}
_ENCODERS: dict[PictureFormat, Literal["mjpeg", "png"]] = {"jpg": "mjpeg", "png": "png"}


class PictureMaker:
    """Turns frames of one stream into pictures. The filter graph is built once per kind of frame.

    `width` and `height` in pixels: one given lets the other follow, none keeps the displayed size;
    `longest` is the longer side's. The picture is in the pixel format of the file that is made.
    """

    def __init__(
        self,
        stream: VideoStream,
        width: int | None,
        height: int | None,
        longest: int | None = None,
        file_format: PictureFormat = "jpg",
    ) -> None:
        self._stream = stream
        self._asked = (width, height)
        self._longest = longest
        self._pixels = _PIXELS[file_format]
        self._graphs: dict[tuple[object, ...], Graph] = {}

    def picture(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it is shown."""
        matrix = _display_matrix(frame)
        kind = (frame.width, frame.height, frame.format.name, frame.interlaced_frame, matrix)
        graph = self._graphs.get(kind)
        if graph is None:
            graph = self._graphs[kind] = self._graph(frame, matrix)
        graph.push(frame)
        picture = graph.pull()
        assert isinstance(picture, VideoFrame)
        return picture

    def _graph(self, frame: VideoFrame, matrix: tuple[int, ...]) -> Graph:
        graph = Graph()
        last = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=self._stream.time_base or Fraction(1, 90_000),
        )
        # Filters read their tables when they are made.
        with tempfile.TemporaryDirectory(prefix="openvod-") as folder:
            for name, arguments in self._filters(frame, matrix, Path(folder)):
                following = graph.add(name, arguments)
                last.link_to(following)
                last = following
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _filters(self, frame: VideoFrame, matrix: tuple[int, ...], folder: Path) -> list[_Filter]:
        turns, swapped = _turns(matrix)
        sar = self._stream.sample_aspect_ratio or Fraction(1)
        size = (max(1, round(frame.width * sar)) if sar > 0 else frame.width, frame.height)
        shown = size[::-1] if swapped else size
        width, height = _fit(shown, self._asked_of(shown))
        if swapped:
            width, height = height, width
        scale = f"w={width}:h={height}:flags=bicubic:out_range=pc"
        colours: list[_Filter] = []
        if frame.color_trc in _HDR_TRANSFERS:
            scale += ":in_color_matrix=bt2020"
            colours = _ordinary(_HDR_TRANSFERS[frame.color_trc], folder)
        filters = [("scale", scale), *colours, ("format", self._pixels), *turns, ("setsar", "1")]
        return [("field", "top"), *filters] if frame.interlaced_frame else filters

    def _asked_of(self, shown: tuple[int, int]) -> tuple[int | None, int | None]:
        if self._longest is None:
            return self._asked
        return (self._longest, None) if shown[0] >= shown[1] else (None, self._longest)


def _ordinary(transfer: Transfer, folder: Path) -> list[_Filter]:
    """From HDR to BT.709, in a picture that has its size already."""
    table = folder / "tone-map.cube"
    table.write_text(tone_map_cube(transfer))
    known = "color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc"
    return [
        ("format", "gbrp10le"),
        ("lut3d", f"file={table}:interp=tetrahedral"),
        ("setparams", known),
    ]


def _fit(size: tuple[int, int], asked: tuple[int | None, int | None]) -> tuple[int, int]:
    width, height = asked
    if width is not None and height is not None:
        return width, height
    if width is not None:
        return width, max(1, round(size[1] * width / size[0]))
    if height is not None:
        return max(1, round(size[0] * height / size[1])), height
    return size


def _display_matrix(frame: VideoFrame) -> tuple[int, ...]:
    """The frame's 3x3 display matrix as nine 16.16 integers; empty if it has none."""
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None or data.buffer_size < _MATRIX.size:
        return ()
    return _MATRIX.unpack_from(bytes(data))


def _turns(matrix: tuple[int, ...]) -> tuple[list[_Filter], bool]:
    """Filters that show the picture as its matrix says, as ffmpeg's autorotate chooses them.

    The second value tells whether width and height change places.
    """
    if not matrix:
        return [], False
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    if abs(b) > abs(a):
        if b > 0:  # a quarter turn clockwise, mirrored if both say the same
            return [("transpose", "cclock_flip" if c > 0 else "clock")], True
        return [("transpose", "clock_flip" if c < 0 else "cclock")], True
    mirrored: list[_Filter] = [("hflip", "")] if a < 0 else []
    return mirrored + ([("vflip", "")] if d < 0 else []), False


def encoded(picture: VideoFrame, file_format: PictureFormat = "jpg") -> bytes:
    """A picture in its pixel format as a file's bytes. Raises SourceBad if it cannot be one."""
    encoder = CodecContext.create(_ENCODERS[file_format], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = picture.width, picture.height
    encoder.pix_fmt = _PIXELS[file_format]
    encoder.time_base = Fraction(1, 25)
    if file_format == "jpg":
        encoder.options = {"qmin": _JPEG_QUALITY, "qmax": _JPEG_QUALITY}
    picture.pts = 0
    picture.time_base = Fraction(1, 25)
    try:
        packets = [*encoder.encode(picture), *encoder.encode(None)]
    except av.error.FFmpegError as error:
        raise SourceBad(f"a frame cannot be made into a picture: {error.strerror}") from None
    return b"".join(bytes(packet) for packet in packets)
