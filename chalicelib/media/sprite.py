"""Pictures joined into sheets (sprites): copied into place, so that only the sheets are encoded."""

from av.video.frame import VideoFrame

from chalicelib.media.errors import OutputTooLarge
from chalicelib.mediaspec.snapshot import Place, SpriteLayout

# What a JPEG can be, and what a worker can hold (1.5 bytes for each pixel).
_MAX_SIDE = 65_500
_MAX_PIXELS = 256 * 1024 * 1024


class SheetMaker:
    """Lays pictures of one size out on sheets, in the order in which they come."""

    def __init__(self, layout: SpriteLayout, total: int) -> None:
        """`total`: the most pictures that can come; a sheet is never made for more."""
        self._layout = layout
        self._total = total
        self._sheet: _Sheet | None = None
        self._capacity = layout.columns * layout.lines
        self._count = 0

    def add(self, picture: VideoFrame) -> tuple[Place, VideoFrame | None]:
        """Where the picture is, and the sheet if it is full now. Raises OutputTooLarge."""
        if self._sheet is None:
            self._sheet = self._new_sheet(picture)
        number, place = divmod(self._count, self._capacity)
        self._count += 1
        line, column = divmod(place, self._layout.columns)
        x = self._layout.margin + column * (picture.width + self._layout.padding)
        y = self._layout.margin + line * (picture.height + self._layout.padding)
        self._sheet.put(picture, x, y)
        where = Place(sheet=number + 1, x=x, y=y, width=picture.width, height=picture.height)
        return where, self.rest() if self._count % self._capacity == 0 else None

    def rest(self) -> VideoFrame | None:
        """The sheet that is not full; None if there is none."""
        sheet, self._sheet = self._sheet, None
        if sheet is None:
            return None
        used = (self._count - 1) % self._capacity + 1
        lines = -(-used // self._layout.columns)
        height = sheet.cell[1] + self._layout.padding
        return sheet.picture(self._layout.margin * 2 - self._layout.padding + lines * height)

    def _new_sheet(self, picture: VideoFrame) -> "_Sheet":
        layout = self._layout
        lines, columns = layout.lines, layout.columns
        used = min(self._total - self._count, self._capacity)
        if layout.trim or not _fits(*self._size(picture, columns, lines)):
            lines = min(lines, -(-used // columns))
            columns = min(columns, used)
        size = self._size(picture, columns, lines)
        if not _fits(*size):
            raise OutputTooLarge(
                f"the sheet of pictures would have {size[0]}x{size[1]} pixels; {_MAX_SIDE} on a"
                f" side and {_MAX_PIXELS // 2**20} million in all are the limit"
            )
        return _Sheet(size, (picture.width, picture.height), layout)

    def _size(self, picture: VideoFrame, columns: int, lines: int) -> tuple[int, int]:
        padding, frame = self._layout.padding, 2 * self._layout.margin
        return (
            frame - padding + columns * (picture.width + padding),
            frame - padding + lines * (picture.height + padding),
        )


def _fits(width: int, height: int) -> bool:
    return max(width, height) <= _MAX_SIDE and width * height <= _MAX_PIXELS


class _Sheet:
    """A picture in 4:2:0 that others are copied into.

    Where a cell begins between two samples of colour, its colours begin half a pixel earlier, as in
    ffmpeg's own tile filter.
    """

    def __init__(self, size: tuple[int, int], cell: tuple[int, int], layout: SpriteLayout) -> None:
        self.cell = cell
        self._trim = layout.trim
        self._frame = VideoFrame(*size, "yuvj420p")
        for plane, level in zip(self._frame.planes, _yuv(layout.colour), strict=True):
            plane.update(bytes([level]) * plane.buffer_size)

    def put(self, picture: VideoFrame, x: int, y: int) -> None:
        _copy(picture, self._frame, x, y)

    def picture(self, used_height: int) -> VideoFrame:
        """The sheet; no higher than `used_height` where trimming was asked for."""
        if not self._trim or used_height >= self._frame.height:
            return self._frame
        trimmed = VideoFrame(self._frame.width, used_height, "yuvj420p")
        _copy(self._frame, trimmed, 0, 0)
        return trimmed


def _copy(source: VideoFrame, target: VideoFrame, x: int, y: int) -> None:
    """Copy what fits of one picture into another."""
    for number, (part, plane) in enumerate(zip(source.planes, target.planes, strict=True)):
        shift = 1 if number else 0
        data, into = memoryview(part), memoryview(plane)
        begin = (y >> shift) * plane.line_size + (x >> shift)
        width = min(part.width, plane.width - (x >> shift))
        for row in range(min(part.height, plane.height - (y >> shift))):
            at, origin = begin + row * plane.line_size, row * part.line_size
            into[at : at + width] = data[origin : origin + width]


def _yuv(colour: str) -> tuple[int, int, int]:
    """Luma and both colour differences of "#rrggbb" in the full range of JPEG (BT.601)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    values = (luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402)
    return tuple(max(0, min(255, round(value))) for value in values)  # type: ignore[return-value]
