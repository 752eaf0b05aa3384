"""Sheets of pictures: where each cell lies, what lies between, and how many there are."""

from pathlib import Path

import pytest

from chalicelib.media.errors import OutputTooLarge
from chalicelib.media.picture_set import make_pictures
from chalicelib.mediaspec.snapshot import PictureSet, Place, SnapshotSpec, SpriteLayout
from tests import clips
from tests.media.decoding import colour, jpeg_frame

LAYOUT = SpriteLayout(
    columns=3, lines=2, cell_width=64, cell_height=32, padding=6, margin=10, colour="#ff8c00"
)


def sheets(folder: Path, layout: SpriteLayout, count: int = 8, **more: object) -> PictureSet:
    spec = SnapshotSpec(count=count, interval_seconds=0, sprite=layout, **more)
    return make_pictures(clips.make("silent_video"), spec, folder)


def test_cells_lie_line_by_line_with_colour_between(tmp_path: Path) -> None:
    made = sheets(tmp_path, LAYOUT, width=160)
    assert [(sheet.file_name, sheet.width, sheet.height) for sheet in made.sheets] == [
        ("sheet-00001.jpg", 3 * 64 + 2 * 6 + 20, 2 * 32 + 6 + 20),
        ("sheet-00002.jpg", 3 * 64 + 2 * 6 + 20, 2 * 32 + 6 + 20),
    ]
    assert made.places[4] == Place(sheet=1, x=10 + 64 + 6, y=10 + 32 + 6, width=64, height=32)
    assert made.places[7] == Place(sheet=2, x=10 + 64 + 6, y=10, width=64, height=32)
    second = jpeg_frame(tmp_path / "sheet-00002.jpg")
    # The frame, the distance between two cells, and where pictures have run out.
    for x, y in ((4, 40), (77, 26), (40, 60), (190, 20)):
        assert colour(second, x, y) == pytest.approx((255, 140, 0), abs=12)
    # The originals are kept, in their own size.
    assert [(one.width, one.height) for one in made.pictures] == [(160, 68)] * 8


def test_a_cell_shows_its_picture(tmp_path: Path) -> None:
    """Brightness compared cell by cell: no cell lies in another's place."""
    made = sheets(tmp_path, LAYOUT.model_copy(update={"cell_width": 160, "cell_height": 68}))
    first = jpeg_frame(tmp_path / "sheet-00001.jpg")
    for place, picture in zip(made.places[:6], made.pictures, strict=False):
        single = jpeg_frame(tmp_path / picture.file_name)
        for x, y in ((40, 20), (80, 34), (120, 50)):
            shown = colour(first, place.x + x, place.y + y)
            alone = colour(single, x * 4, y * 4)
            assert sum(shown) == pytest.approx(sum(alone), abs=150)


@pytest.mark.parametrize(
    ("size", "cell"),
    [
        ({"cell_width": 80}, (80, 34)),
        ({"cell_height": 68}, (160, 68)),
        ({}, (640, 272)),
    ],
)
def test_the_size_of_cells(size: dict[str, int], cell: tuple[int, int], tmp_path: Path) -> None:
    layout = SpriteLayout(columns=2, lines=1, keep_cells=False, **size)
    made = sheets(tmp_path, layout, count=2)
    assert (made.places[0].width, made.places[0].height) == cell
    assert made.pictures == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sheet-00001.jpg"]


def test_a_cell_keeps_the_shape_of_a_distorted_picture(tmp_path: Path) -> None:
    layout = SpriteLayout(columns=2, lines=1, cell_width=50)
    made = sheets(tmp_path, layout, count=2, width=100, height=100)
    assert (made.places[0].width, made.places[0].height) == (50, 50)


def test_sheets_are_trimmed_where_that_is_asked_for_or_needed(tmp_path: Path) -> None:
    trimmed = sheets(tmp_path, LAYOUT.model_copy(update={"trim": True, "columns": 10}), count=4)
    assert [(sheet.width, sheet.height) for sheet in trimmed.sheets] == [(4 * 64 + 18 + 20, 52)]
    tall = SpriteLayout(columns=1, lines=10_000, cell_width=64, cell_height=32)
    needed = sheets(tmp_path, tall, count=3)
    assert [(sheet.width, sheet.height) for sheet in needed.sheets] == [(64, 96)]


def test_a_sheet_beyond_what_a_jpeg_can_be(tmp_path: Path) -> None:
    wide = SpriteLayout(columns=100, lines=1, cell_width=4096, cell_height=8)
    with pytest.raises(OutputTooLarge, match="pixels"):
        sheets(tmp_path, wide, count=100)
