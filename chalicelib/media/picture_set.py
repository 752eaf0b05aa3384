"""The pictures of one video: single ones, sheets of them, or both.

VOD developer guide 6.3, VOD API manual 8.1.2, MPC API manual 12.1. Taken by seeking in place: a
remote source is read in small pieces.
"""

from pathlib import Path

from av.video.frame import VideoFrame

from chalicelib.media.errors import OutputTooLarge
from chalicelib.media.picture import PictureMaker, encoded
from chalicelib.media.snapshot import ChosenFrame, ChosenFrames, frames_of
from chalicelib.media.source import Deadline
from chalicelib.media.sprite import SheetMaker
from chalicelib.mediaspec.snapshot import Picture, PictureSet, Place, SnapshotSpec, SpriteLayout

MOST_BYTES = 4 * 1024**3
"""What the pictures of one job may take of a worker's disk, which holds them until the last."""


def make_pictures(
    source: str | Path, spec: SnapshotSpec, out_dir: Path, *, timeout_seconds: float = 100
) -> PictureSet:
    """Make what `spec` asks for into `out_dir`: "00001.jpg" and so on, "sheet-00001.jpg".

    Fewer pictures than `spec.count` come back if the video ends or has too few keyframes; none only
    if nothing is to be taken beyond the end. Raises NoVideoStream for sources without moving
    pictures, SourceBad if none can be decoded, OutputTooLarge for a sheet beyond what a JPEG can be
    and for more than MOST_BYTES, TargetUnfit for too many pictures, and what `probe` raises.
    """
    deadline = Deadline(timeout_seconds)
    with frames_of(source, spec, deadline) as frames:
        made = _Output(frames, spec, out_dir)
        for chosen in frames:
            made.take(chosen)
            deadline.check()
        return made.finish(frames.duration_ms)


class _Output:
    def __init__(self, frames: ChosenFrames, spec: SnapshotSpec, out_dir: Path) -> None:
        self._folder = out_dir
        self._layout = spec.sprite
        self._format = spec.format
        self._bytes = 0
        self._chosen: list[tuple[int, int]] = []
        self._pictures: list[Picture] = []
        self._sheets: list[Picture] = []
        self._places: list[Place] = []
        self._single: PictureMaker | None = None
        if spec.sprite is None or spec.sprite.keep_cells:
            self._single = PictureMaker(
                frames.stream, spec.width, spec.height, spec.longest, spec.format
            )
        if spec.sprite is not None:
            self._stream = frames.stream
            self._cells = PictureMaker(frames.stream, *_cell_size(spec, spec.sprite))
            self._sheet_maker = SheetMaker(spec.sprite, len(spec.times_ms) or spec.count or 1)

    def take(self, chosen: ChosenFrame) -> None:
        self._chosen.append((chosen.place_ms, chosen.time_ms))
        if self._single is not None:
            picture = self._single.picture(chosen.frame)
            number = len(self._pictures) + 1
            name = f"{number:05d}.{self._format}"
            self._pictures.append(self._write(picture, number, self._chosen[-1], name))
        if self._layout is not None:
            cell = self._cells.picture(chosen.frame)
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
            times_ms=tuple(time_ms for _, time_ms in self._chosen),
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
        name = f"sheet-{number:05d}.jpg"
        self._sheets.append(self._write(sheet, number, self._chosen[first], name))

    def _write(
        self, picture: VideoFrame, number: int, times: tuple[int, int], name: str
    ) -> Picture:
        data = encoded(picture, self._format)
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            raise OutputTooLarge(f"the pictures have more than {MOST_BYTES} bytes in all")
        (self._folder / name).write_bytes(data)
        return Picture(
            index=number,
            place_ms=times[0],
            time_ms=times[1],
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
