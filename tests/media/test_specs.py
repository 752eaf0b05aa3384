"""Rendition and snapshot specs: limits, and the size of a rendition."""

import pytest
from pydantic import ValidationError

from chalicelib.mediaspec.rendition import (
    AudioEncoding,
    RenditionSpec,
    VideoEncoding,
    scaled_size,
)
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, SnapshotSpec


@pytest.mark.parametrize(
    ("source", "long_side", "expected"),
    [
        ((1920, 1080), 1280, (1280, 720)),
        ((1080, 1920), 1280, (720, 1280)),
        ((1920, 1080), 848, (848, 478)),
        ((640, 360), 1280, (640, 360)),  # never enlarged
        ((641, 361), None, (640, 360)),
        ((641, 361), 641, (640, 360)),
        ((1000, 1000), 333, (332, 332)),
        ((4096, 16), 640, (640, 2)),
        ((1, 1), None, (2, 2)),
    ],
)
def test_scaled_size(
    source: tuple[int, int], long_side: int | None, expected: tuple[int, int]
) -> None:
    assert scaled_size(*source, long_side) == expected


def test_scaled_size_is_even_and_never_larger_for_any_size() -> None:
    for width in range(2, 90):
        for height in range(2, 90, 3):
            for bound in (16, 33, 64, 200):
                across, down = scaled_size(width, height, bound)
                assert across % 2 == 0
                assert down % 2 == 0
                assert across <= max(2, width)
                assert down <= max(2, height)
                assert max(across, down) <= max(2, bound)


@pytest.mark.parametrize(
    "encoding",
    [
        {"bitrate_kbps": 9},
        {"crf": 52},
        {"crf": 20, "bitrate_kbps": 800},
        {"bufsize_kb": 6000},
        {"long_side": 10_000},
        {"gop_seconds": 0},
        {"gop_seconds": float("nan")},
        {"codec": "vp9"},
        {"preset": "placebo"},
        {"filter": "drawtext"},
    ],
)
def test_video_encoding_refuses(encoding: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VideoEncoding.model_validate(encoding)


def test_rendition_needs_something_to_encode() -> None:
    with pytest.raises(ValidationError, match="needs video or audio"):
        RenditionSpec(container="mp4")
    with pytest.raises(ValidationError):
        RenditionSpec.model_validate({"container": "exe", "audio": {}})


def test_specs_round_trip_as_json() -> None:
    spec = RenditionSpec(
        container="m3u8",
        video=VideoEncoding(long_side=848, bitrate_kbps=800, maxrate_kbps=1200, max_fps=29.97),
        audio=AudioEncoding(bitrate_kbps=64, channels=1),
    )
    assert RenditionSpec.model_validate_json(spec.model_dump_json()) == spec
    assert SnapshotSpec.model_validate_json(COVER_SNAPSHOTS.model_dump_json()) == COVER_SNAPSHOTS


def test_snapshot_limits() -> None:
    for wrong in ({"width": 7}, {"height": 4097}, {"count": 0}, {"start_ms": -1}):
        with pytest.raises(ValidationError):
            SnapshotSpec.model_validate(wrong)
