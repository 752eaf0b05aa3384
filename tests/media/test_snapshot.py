"""Pictures of real videos: where, how many, how large, which way up, and what reading costs."""

from pathlib import Path

import av
import pytest
from pydantic import ValidationError

from chalicelib.media import picture_set
from chalicelib.media.errors import NoVideoStream, OutputTooLarge, SourceBad, TargetUnfit
from chalicelib.media.picture_set import make_pictures
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, Picture, SnapshotSpec, places
from chalicelib.mediaspec.video import VideoEncoding
from tests import clips
from tests.media.decoding import colour, jpeg_frame
from tests.media.encoding import run
from tests.media.file_server import serving


def take(source: str | Path, spec: SnapshotSpec, folder: Path) -> list[Picture]:
    """The single pictures, each looked at."""
    shots = make_pictures(source, spec, folder).pictures
    for number, shot in enumerate(shots, 1):
        assert shot.index == number
        assert shot.file_name == f"{number:05d}.jpg"
        assert shot.size == (folder / shot.file_name).stat().st_size
        frame = jpeg_frame(folder / shot.file_name)
        assert (frame.width, frame.height) == (shot.width, shot.height)
    return list(shots)


def test_covers_of_a_large_file_read_little_of_it(tmp_path: Path) -> None:
    clip = clips.make("ten_minute_1080p")
    assert 55 * 2**20 < clip.stat().st_size < 70 * 2**20
    with serving(clip.parent) as server:
        shots = take(server.url(clip.name), COVER_SNAPSHOTS, tmp_path)
    share = server.sent / clip.stat().st_size
    print(f"read {share:.2%} of the file in {len(server.requests)} requests")
    assert share < 0.05
    assert [shot.time_ms for shot in shots] == [n * 300 // 8 * 2000 for n in range(8)]
    assert {(shot.width, shot.height) for shot in shots} == {(1920, 1080)}


def test_few_keyframes_give_few_covers(tmp_path: Path) -> None:
    shots = take(clips.make("normal_720p"), COVER_SNAPSHOTS, tmp_path)
    assert [shot.time_ms for shot in shots] == [0, 2000, 4000]


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("webm", [0]),
        ("flv", [0, 1000, 2000]),
        ("hevc_10bit", [0, 1000]),
        ("hls_source", [0, 2000, 4000]),
    ],
)
def test_covers_of_other_containers(name: str, times: list[int], tmp_path: Path) -> None:
    shots = take(clips.make(name), COVER_SNAPSHOTS, tmp_path)
    assert [shot.time_ms for shot in shots] == pytest.approx(times, abs=45)


def test_exact_times_and_sizes(tmp_path: Path) -> None:
    spec = SnapshotSpec(start_ms=1000, count=4, interval_seconds=0.5, width=320)
    shots = take(clips.make("normal_720p"), spec, tmp_path)
    # The frame on display at that moment; frames last 40 ms.
    assert [shot.time_ms for shot in shots] == [1000, 1480, 2000, 2480]
    assert {(shot.width, shot.height) for shot in shots} == {(320, 180)}


def test_exact_spread_over_the_rest_and_beyond_the_end(tmp_path: Path) -> None:
    clip = clips.make("silent_video")
    spread = SnapshotSpec(start_ms=2000, count=4, interval_seconds=0, height=136)
    shots = take(clip, spread, tmp_path)
    for shot, target in zip(shots, [2000, 2501, 3002, 3503], strict=True):
        assert -1 <= target - shot.time_ms <= 42
    assert (shots[0].width, shots[0].height) == (320, 136)
    many = SnapshotSpec(start_ms=3000, count=2000, interval_seconds=0.5)
    assert len(take(clip, many, tmp_path)) == 3
    (last,) = take(clip, SnapshotSpec(start_ms=10**9), tmp_path)
    assert last.time_ms == pytest.approx(4004 - 42, abs=2)


def test_keyframes_at_an_interval_come_once_each(tmp_path: Path) -> None:
    spec = SnapshotSpec(frame="keyframe", count=10, interval_seconds=0.5)
    shots = take(clips.make("normal_720p"), spec, tmp_path)
    assert [shot.time_ms for shot in shots] == [0, 2000, 4000]


def test_exact_pictures_are_those_of_the_video(tmp_path: Path) -> None:
    """Without an index the same moments give the same pictures as with one."""
    spec = SnapshotSpec(start_ms=0, count=6, interval_seconds=0.9, width=64)
    pictures = []
    for name in ("whole.mp4", "whole.ts"):
        copy = tmp_path / name
        clips.ffmpeg("-i", clips.make("normal_720p"), "-an", "-c", "copy", copy)
        taken = take(copy, spec, tmp_path)
        pictures.append([(tmp_path / shot.file_name).read_bytes() for shot in taken])
    assert pictures[0] == pictures[1]
    assert len(set(pictures[0])) == 6


def test_a_phone_held_upright_gives_upright_pictures(tmp_path: Path) -> None:
    (shot,) = take(clips.make("rotated_phone"), SnapshotSpec(), tmp_path)
    assert (shot.width, shot.height) == (720, 1280)
    red, green, blue = colour(jpeg_frame(tmp_path / shot.file_name), 360, 60)
    assert red > 180
    assert max(green, blue) < 80


@pytest.mark.parametrize(
    ("display", "places"),
    [
        (["-display_rotation", "-90"], [(90, 10), (10, 10)]),
        (["-display_rotation", "90"], [(10, 90), (90, 90)]),
        (["-display_rotation", "180"], [(90, 90), (90, 10)]),
        (["-display_hflip"], [(90, 10), (90, 90)]),
        (["-display_vflip"], [(10, 90), (10, 10)]),
        (["-display_rotation", "90", "-display_hflip"], None),
        (["-display_rotation", "-90", "-display_vflip"], None),
    ],
)
def test_every_orientation_is_shown_as_ffmpeg_shows_it(
    display: list[str], places: list[tuple[int, int]] | None, tmp_path: Path
) -> None:
    flat, turned, shown = (tmp_path / name for name in ("flat.mp4", "turned.mp4", "shown.png"))
    # Red at the top left, blue below it.
    corners = "drawbox=0:0:20:20:red:t=fill,drawbox=0:80:20:20:blue:t=fill"
    clips.ffmpeg("-f", "lavfi", "-i", "color=gray:s=100x100:d=0.2", "-vf", corners, flat)
    clips.ffmpeg(*display, "-i", flat, "-c", "copy", turned)
    clips.ffmpeg("-i", turned, "-frames:v", "1", shown)
    (shot,) = take(turned, SnapshotSpec(), tmp_path)
    picture = jpeg_frame(tmp_path / shot.file_name)

    with av.open(str(shown)) as container:
        expected = next(container.decode(video=0)).reformat(format="rgb24")
    for x in (10, 90):
        for y in (10, 90):
            assert colour(picture, x, y) == pytest.approx(colour(expected, x, y), abs=40)
    if places is not None:
        for (x, y), strongest in zip(places, (0, 2), strict=True):
            found = colour(picture, x, y)
            assert found[strongest] == max(found) > 150


def test_square_pixels_and_no_combs(tmp_path: Path) -> None:
    shots = take(clips.make("mpeg2_interlaced_43"), SnapshotSpec(start_ms=1000), tmp_path)
    assert (shots[0].width, shots[0].height) == (768, 576)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range_looks_as_it_does_in_the_rendition(
    transfer: str, tmp_path: Path
) -> None:
    """Two ways to the same colours: a table for pictures, filters in floating point for video."""
    source = tmp_path / "hdr.mp4"
    patches = "geq=lum='64+110*floor(X/40)':cb='512+60*(floor(Y/60)-1)':cr='512-50*(floor(Y/60)-1)'"
    graph = f"nullsrc=s=320x180:r=5:d=0.4,format=yuv420p10le,{patches}"
    colours = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
    clips.ffmpeg("-f", "lavfi", "-i", graph, "-c:v", "libx265", "-x265-params", colours, source)
    video = VideoEncoding(crf=1, preset="ultrafast")
    rendition = run(source, RenditionSpec(container="mp4", video=video), tmp_path)
    (shot,) = take(source, SnapshotSpec(), tmp_path)
    picture = jpeg_frame(tmp_path / shot.file_name)
    with av.open(str(rendition.entry)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    places = [(x, y) for x in range(20, 320, 40) for y in (30, 90, 150)]
    for x, y in places:
        pair = zip(colour(picture, x, y), colour(frame, x, y), strict=True)
        assert max(abs(one - other) for one, other in pair) < 18, (x, y)
    assert len({colour(frame, x, y) for x, y in places}) > 10


def test_a_cut_file_gives_covers_of_what_is_there(tmp_path: Path) -> None:
    shots = take(clips.make("truncated_moov_first"), COVER_SNAPSHOTS, tmp_path)
    assert [shot.time_ms for shot in shots] == [0, 2000]


@pytest.mark.parametrize("name", ["audio_only", "mp3"])
def test_sound_has_no_pictures(name: str, tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        take(clips.make(name), COVER_SNAPSHOTS, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["text_named_mp4", "zero_byte", "truncated_moov_last"])
def test_no_pictures_of_what_is_no_media(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceBad):
        take(clips.make(name), COVER_SNAPSHOTS, tmp_path)


_ALL = {"count": None, "with_end": True, "beyond": "nothing"}


@pytest.mark.parametrize(
    ("asked", "seconds", "expected"),
    [
        # From the first frame on at an interval, and the last one.
        ({**_ALL, "interval_seconds": 12}, 60.2, [0, 12, 24, 36, 48, 60, 60.2]),
        ({**_ALL, "interval_seconds": 5}, 10, [0, 5, 10]),
        ({**_ALL, "interval_seconds": 12}, 4, [0, 4]),
        ({**_ALL, "interval_seconds": 2, "start_ms": 3000}, 8, [3, 5, 7, 8]),
        ({**_ALL, "interval_seconds": 2, "start_ms": 1000, "span_ms": 5000}, 60, [1, 3, 5, 6]),
        ({**_ALL, "interval_seconds": 2, "start_ms": 1000, "span_ms": 4000}, 60, [1, 3, 5]),
        ({**_ALL, "interval_seconds": 2, "start_ms": 5000, "span_ms": 9000}, 8, [5, 7, 8]),
        ({**_ALL, "start_ms": 8000}, 8, []),
        # By parts of the duration; the last part may be shorter.
        ({**_ALL, "interval_percent": 25}, 10, [0, 2.5, 5, 7.5, 10]),
        ({**_ALL, "interval_percent": 30}, 10, [0, 3, 6, 9, 10]),
        ({**_ALL, "interval_percent": 100}, 10, [0, 10]),
        (
            {**_ALL, "interval_percent": 10, "interval_seconds": 0.5, "count": 3},
            7,
            [0, 0.7, 1.4, 7],
        ),
        # At given moments.
        ({"times_ms": (5000, 1000, 5000)}, 10, [1, 5]),
        ({"times_ms": (1000, 12_000)}, 10, [1, 10]),
        ({"times_ms": (1000, 10_000, 12_000), "beyond": "nothing"}, 10, [1]),
        ({"count": None, "interval_seconds": 4}, 10, [0, 4, 8]),
        ({"count": 3, "interval_seconds": 0, "start_ms": 1000}, 10, [1, 4, 7]),
    ],
)
def test_places(asked: dict[str, object], seconds: float, expected: list[float]) -> None:
    spec = SnapshotSpec.model_validate(asked)
    assert places(spec, seconds) == pytest.approx(expected)


def test_tenths_of_any_duration_are_eleven_pictures() -> None:
    spec = SnapshotSpec.model_validate({**_ALL, "interval_percent": 10})
    for milliseconds in range(100, 20_000, 137):
        assert len(places(spec, milliseconds / 1000)) == 11


@pytest.mark.parametrize(
    "wrong",
    [
        {"longest": 480, "width": 320},
        {"count": None, "sprite": {}},
        {"count": None, "interval_seconds": 0},
        {"format": "png", "sprite": {}},
        {"interval_percent": 0},
        {"interval_percent": 101},
        {"span_ms": 0},
        {"format": "webp"},
    ],
)
def test_what_contradicts_itself_is_no_spec(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SnapshotSpec.model_validate(wrong)


def test_first_frame_steps_and_last_frame(tmp_path: Path) -> None:
    spec = SnapshotSpec(count=None, interval_seconds=2, with_end=True, longest=96)
    shots = take(clips.make("normal_720p"), spec, tmp_path)
    assert [shot.place_ms for shot in shots] == [0, 2000, 4000, 5000]
    assert [shot.time_ms for shot in shots] == [0, 2000, 4000, 4960]
    assert {(shot.width, shot.height) for shot in shots} == {(96, 54)}


def test_the_last_frame_does_not_come_twice(tmp_path: Path) -> None:
    spec = SnapshotSpec(count=None, interval_seconds=1.245, with_end=True)
    shots = take(clips.make("normal_720p"), spec, tmp_path)
    assert [shot.time_ms for shot in shots] == [0, 1240, 2480, 3720, 4960]


def test_nothing_is_taken_beyond_the_end(tmp_path: Path) -> None:
    clip = clips.make("contract")
    assert take(clip, SnapshotSpec(start_ms=2500, beyond="nothing"), tmp_path) == []
    with pytest.raises(TargetUnfit, match="within the video"):
        take(clip, SnapshotSpec(times_ms=(2500,), beyond="nothing"), tmp_path)
    (shot,) = take(clip, SnapshotSpec(times_ms=(1000, 2500), beyond="nothing"), tmp_path)
    assert (shot.place_ms, shot.time_ms) == (1000, 1000)


def test_more_places_than_are_reasonable(tmp_path: Path) -> None:
    spec = SnapshotSpec(count=None, interval_seconds=0.0001)
    with pytest.raises(TargetUnfit, match="more than 10000 pictures"):
        take(clips.make("contract"), spec, tmp_path)


def test_a_recording_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    clip = clips.make("webm_without_duration")
    spec = SnapshotSpec(count=None, interval_percent=50, with_end=True, beyond="nothing")
    assert [shot.time_ms for shot in take(clip, spec, tmp_path)] == [0, 1480, 2960]
    (shot,) = take(clip, SnapshotSpec(times_ms=(2000, 9000), beyond="nothing"), tmp_path)
    assert shot.time_ms == 2000


def test_more_bytes_than_a_workers_disk_should_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_set, "MOST_BYTES", 50_000)
    with pytest.raises(OutputTooLarge, match="more than 50000 bytes in all"):
        take(clips.make("contract"), SnapshotSpec(count=10, interval_seconds=0), tmp_path)


def test_the_longer_side_of_an_upright_picture(tmp_path: Path) -> None:
    (shot,) = take(clips.make("rotated_phone"), SnapshotSpec(longest=640), tmp_path)
    assert (shot.width, shot.height) == (360, 640)


def test_a_png_has_the_pictures_colours(tmp_path: Path) -> None:
    clip = clips.make("rotated_phone")
    (shot,) = make_pictures(clip, SnapshotSpec(format="png", height=320), tmp_path).pictures
    path = tmp_path / shot.file_name
    assert path.name == "00001.png"
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.format.name) == (180, 320, "rgb24")
    red, green, blue = colour(frame, 90, 15)
    assert red > 200
    assert max(green, blue) < 60
