"""The pictures of one video: single JPEGs, sheets of them, or both.

VOD developer guide 6.3, VOD API manual 8.1.2. Taken by seeking in place: a remote source is read in
small pieces.
"""

from pathlib import Path

from av.video.frame import VideoFrame

from chalicelib.media.picture import PictureMaker, jpeg
from chalicelib.media.snapshot import ChosenFrames, frames_of
from chalicelib.media.source import Deadline
from chalicelib.media.sprite import SheetMaker
from chalicelib.mediaspec.snapshot import Picture, PictureSet, Place, SnapshotSpec, SpriteLayout


def make_pictures(
    source: str | Path, spec: SnapshotSpec, out_dir: Path, *, timeout_seconds: float = 100
) -> PictureSet:
    """Make what `spec` asks for into `out_dir`: "00001.jpg" and so on, "sheet-00001.jpg".

    Fewer pictures than `spec.count` come back if the video ends or has too few keyframes, one at
    least. Raises NoVideoStream for sources without moving pictures, SourceBad if none can be
    decoded, OutputTooLarge for a sheet beyond what a JPEG can be, and what `probe` raises.
    """
    deadline = Deadline(timeout_seconds)
    with frames_of(source, spec, deadline) as frames:
        made = _Output(frames, spec, out_dir)
        for time_ms, frame in frames:
            made.take(time_ms, frame)
            deadline.check()
        return made.finish(frames.duration_ms)


class _Output:
    def __init__(self, frames: ChosenFrames, spec: SnapshotSpec, out_dir: Path) -> None:
        self._folder = out_dir
        self._layout = spec.sprite
        self._times: list[int] = []
        self._pictures: list[Picture] = []
        self._sheets: list[Picture] = []
        self._places: list[Place] = []
        self._single: PictureMaker | None = None
        if spec.sprite is None or spec.sprite.keep_cells:
            self._single = PictureMaker(frames.stream, spec.width, spec.height)
        if spec.sprite is not None:
            self._stream = frames.stream
            self._cells = PictureMaker(frames.stream, *_cell_size(spec, spec.sprite))
            self._sheet_maker = SheetMaker(spec.sprite, len(spec.times_ms) or spec.count)

    def take(self, time_ms: int, frame: VideoFrame) -> None:
        self._times.append(time_ms)
        if self._single is not None:
            picture = self._single.picture(frame)
            self._pictures.append(
                self._write(picture, len(self._pictures) + 1, time_ms, "{:05d}.jpg")
            )
        if self._layout is not None:
            cell = self._cells.picture(frame)
            if not self._places:
                # Whatever size the video changes to, all cells are as the first.
                self._cells = PictureMaker(self._stream, cell.width, cell.height)
            place, full = self._sheet_maker.add(cell)
            self._places.append(place)
            self._write_sheet(full)

    def finish(self, duration_ms: int) -> PictureSet:
        if self._layout is not None:
            self._write_sheet(self._sheet_maker.rest())
        return PictureSet(
            times_ms=tuple(self._times),
            pictures=tuple(self._pictures),
            sheets=tuple(self._sheets),
            places=tuple(self._places),
            duration_ms=duration_ms,
        )

    def _write_sheet(self, sheet: VideoFrame | None) -> None:
        if sheet is None:
            return
        number = len(self._sheets) + 1
        first = next(n for n, place in enumerate(self._places) if place.sheet == number)
        self._sheets.append(self._write(sheet, number, self._times[first], "sheet-{:05d}.jpg"))

    def _write(self, picture: VideoFrame, number: int, time_ms: int, pattern: str) -> Picture:
        data = jpeg(picture)
        name = pattern.format(number)
        (self._folder / name).write_bytes(data)
        return Picture(
            index=number,
            time_ms=time_ms,
            file_name=name,
            width=picture.width,
            height=picture.height,
            size=len(data),
        )


def _cell_size(spec: SnapshotSpec, layout: SpriteLayout) -> tuple[int | None, int | None]:
    """The size asked for a cell: its own, or that of the single pictures, whose shape it keeps."""
    width, height = layout.cell_width, layout.cell_height
    if width is None and height is None:
        return spec.width, spec.height
    if spec.width and spec.height:
        width = width or max(1, round((height or 1) * spec.width / spec.height))
        height = height or max(1, round(width * spec.height / spec.width))
    return width, height
