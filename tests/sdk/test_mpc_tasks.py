"""Remuxing, animated graphics, metadata and thumbnails of MPC through the official SDK."""

import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from chalicelib.media.probe import probe
from chalicelib.mediaspec.animated_file import read_facts
from chalicelib.mediaspec.facts import MediaFacts
from tests import clips
from tests.media.decoding import jpeg_frame
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import LOCATION, MpcFiles

_NUMBER = re.compile(r"\d{16}")
_STAMP = re.compile(r"20\d{12}")
_SUCCEEDED = ("MPC.10218", "The task has completed.")
_GIF = {"format": "gif", "width": 160, "height": -1, "start": 500, "end": 1500, "frame_rate": 8}
_UNKNOWN = "4000000000000000"


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def made(answer: dict[str, Any]) -> str:
    """The number of a task that was asked for, and nothing else with it."""
    assert set(answer) == {"task_id"}
    assert _NUMBER.fullmatch(answer["task_id"])
    number: str = answer["task_id"]
    return number


# ---- Remuxing ------------------------------------------------------------------------------------


def remux(files: MpcFiles, clip: str | Path, name: str, **more: Any) -> tuple[str, str]:
    """Ask for a remux; the task's number and the folder."""
    target = files.target(file_name=name)
    source = files.source(clips.make(clip) if isinstance(clip, str) else clip)
    answer = files.mpc.answer("create_remux_task", {"input": source, "output": target, **more})
    assert answer.status == 200
    return made(answer.body), target["object"]


def test_flv_to_mp4_with_the_same_packets(mpc_files: MpcFiles, tmp_path: Path) -> None:
    number, folder = remux(
        mpc_files, "flv", "film.mp4", output_param={"format": "MP4"}, user_data="my own"
    )
    task = mpc_files.ended("list_remux_task", number)
    assert (task["error_code"], task["description"]) == _SUCCEEDED, task
    assert (task["task_id"], task["status"], task["user_data"]) == (number, "SUCCEED", "my own")
    assert all(_STAMP.fullmatch(task[name]) for name in ("create_time", "start_time", "end_time"))
    assert task["input"] == mpc_files.place("in/flv.flv")
    assert task["output"] == mpc_files.place(folder, file_name="film.mp4")
    assert task["output_param"] == {"format": "MP4", "segment_duration": 5, "remove_meta": False}
    assert task["complete_ratio"] == 100
    assert mpc_files.names(folder) == ["film.mp4"]
    film = mpc_files.fetch(folder, tmp_path) / "film.mp4"
    for kind in ("video", "audio"):
        assert packets(film, kind) == packets(clips.make("flv"), kind)
    told = task["output_metadata"]
    assert told["size"] == film.stat().st_size
    assert (told["format"], told["duration"]) == ("MP4", 3)
    (video,), (audio,) = told["video"], told["audio"]
    assert (video["width"], video["height"], video["frame_rate"]) == (320, 180, 25)
    assert (video["codec"], audio["codec"], audio["sample"]) == ("H.264", "AAC", 44100)


def test_hls_with_a_length_of_segments_that_is_adjusted(
    mpc_files: MpcFiles, tmp_path: Path
) -> None:
    long = tmp_path / "twenty_seconds.mp4"
    clips.ffmpeg("-stream_loop", "3", "-i", clips.make("normal_720p"), "-c", "copy", long)
    number, folder = remux(
        mpc_files,
        long,
        "film.m3u8",
        output_param={"format": "HLS", "segment_duration": 60, "remove_meta": True},
    )
    task = mpc_files.ended("list_remux_task", number)
    assert task["status"] == "SUCCEED", task
    assert task["output_param"] == {"format": "HLS", "segment_duration": 5, "remove_meta": True}
    assert task["output_metadata"]["duration"] == 20
    text = (mpc_files.fetch(folder, tmp_path) / "film.m3u8").read_text()
    lengths = [float(length) for length in re.findall(r"#EXTINF:([0-9.]+)", text)]
    # The source has keyframes at 0, 2, 4, 5, 7, 9, 10 s and so on.
    assert lengths == pytest.approx([5, 5, 5, 5], abs=0.1)
    assert "film-00001.ts" in text
    assert len(mpc_files.names(folder)) == len(lengths) + 1


def test_a_remux_that_failed_is_retried_and_then_forgotten(mpc_files: MpcFiles) -> None:
    mpc = mpc_files.mpc
    number, folder = remux(mpc_files, "webm", "film.m3u8", output_param={"format": "HLS"})
    task = mpc_files.ended("list_remux_task", number)
    assert (task["status"], task["error_code"]) == ("FAILED", "MPC.10101")
    assert "m3u8 does not hold the source's vp9 video" in task["description"]
    assert "output_metadata" not in task
    with mpc_files.nobody_works():
        assert mpc.answer("create_retry_remux_task", {"task_id": number}).status == 200
        assert mpc.failure("create_retry_remux_task", task_id=number) == (403, "MPC.10212")
        (task,) = mpc.call("list_remux_task", task_id=[number])["tasks"]
        assert task["status"] == "WAITING"
        assert not {"error_code", "description", "end_time"} & set(task)
        assert mpc.failure("delete_remux_task", task_id=number) == (403, "MPC.10213")
    assert mpc_files.ended("list_remux_task", number)["status"] == "FAILED"
    assert mpc_files.names(folder) == []
    assert mpc.answer("delete_remux_task", {"task_id": number}).status == 204
    assert mpc.call("list_remux_task", task_id=[number])["total"] == 0
    assert mpc.failure("delete_remux_task", task_id=number) == (403, "MPC.10211")
    assert mpc.failure("create_retry_remux_task", task_id=number) == (403, "MPC.10211")


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": {"bucket": "b", "location": LOCATION, "object": "out", "file_name": "a.mp4"}},
        {"input": None},
        {"output": None},
        {"output_param": {"format": "AVI"}},
        {"file_name": None},
        {"file_name": "../a.mp4"},
        {"file_name": "film.avi"},
        {"output": "over the input"},
        {"output": "a segment over the input"},
    ],
)
def test_remuxes_that_make_no_sense(mpc_files: MpcFiles, wrong: dict[str, Any]) -> None:
    source = mpc_files.source(clips.make("flv"))
    wish: dict[str, Any] = {"input": source, "output": mpc_files.target(file_name="a.mp4")}
    if "file_name" in wrong:
        wish["output"]["file_name"] = wrong["file_name"]
    elif wrong.get("output") == "over the input":
        wish["output"] = mpc_files.place("in", file_name="flv.flv")
        wish["output_param"] = {"format": "MP4"}
    elif wrong.get("output") == "a segment over the input":
        wish["input"] = mpc_files.place("in/flv-00001.ts")
        wish["output"] = mpc_files.place("in", file_name="flv.m3u8")
    else:
        wish |= wrong
    wish = {name: value for name, value in wish.items() if value is not None}
    assert mpc_files.mpc.failure("create_remux_task", **wish) == (400, "MPC.10202")


# ---- Animated graphics ---------------------------------------------------------------------------


def test_a_gif_of_a_span(mpc_files: MpcFiles, tmp_path: Path) -> None:
    wish = {
        "input": mpc_files.source(clips.make("contract")),
        "output": mpc_files.target(file_name="ignored.gif"),
        "output_param": _GIF,
        "user_data": "mine",
    }
    answer = mpc_files.mpc.answer("create_animated_graphics_task", wish)
    assert answer.status == 200
    number = made(answer.body)
    task = mpc_files.ended("list_animated_graphics_task", number)
    assert (task["error_code"], task["description"]) == _SUCCEEDED, task
    assert (task["status"], task["user_data"]) == ("SUCCEED", "mine")
    assert task["output_param"] == _GIF
    name = task["output"]["file_name"]
    assert name != "ignored.gif"
    folder = wish["output"]["object"]
    assert mpc_files.names(folder) == [name]
    image = read_facts(mpc_files.fetch(folder, tmp_path) / name, "gif")
    assert (image.width, image.height) == (160, 90)
    assert (image.frames, image.duration) == (8, pytest.approx(1, abs=0.13))


@pytest.mark.parametrize(
    ("width", "height", "size"), [(0, 0, (320, 180)), (64, 64, (64, 64)), (-1, 360, (640, 360))]
)
def test_sizes_of_a_gif(
    width: int, height: int, size: tuple[int, int], mpc_files: MpcFiles, tmp_path: Path
) -> None:
    target = mpc_files.target()
    wish = {"width": width, "height": height, "start": 0, "end": 200, "frame_rate": 75}
    number = made(
        mpc_files.mpc.call(
            "create_animated_graphics_task",
            input=mpc_files.source(clips.make("contract")),
            output=target,
            output_param={"format": "gif", **wish},
        )
    )
    task = mpc_files.ended("list_animated_graphics_task", number)
    path = mpc_files.fetch(target["object"], tmp_path) / task["output"]["file_name"]
    image = read_facts(path, "gif")
    # The video has 25 pictures a second; none comes twice.
    assert (image.width, image.height, image.frames) == (*size, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "webp"},
        {"width": 0},
        {"width": -1, "height": -1},
        {"width": 33},
        {"width": 30},
        {"width": 3842},
        {"height": 2162},
        {"end": 60_501},
        {"end": 500},
        {"start": -1},
        {"frame_rate": 76},
        {"frame_rate": 0},
    ],
)
def test_gifs_out_of_the_printed_limits(mpc_files: MpcFiles, wrong: dict[str, Any]) -> None:
    wish = {"input": mpc_files.source(clips.make("contract")), "output": mpc_files.target()}
    failure = mpc_files.mpc.failure(
        "create_animated_graphics_task", **wish, output_param={**_GIF, **wrong}
    )
    assert failure == (400, "MPC.10202")


def test_a_gif_beyond_the_end_fails(mpc_files: MpcFiles) -> None:
    number = made(
        mpc_files.mpc.call(
            "create_animated_graphics_task",
            input=mpc_files.source(clips.make("contract")),
            output=mpc_files.target(),
            output_param={**_GIF, "start": 50_000, "end": 51_000},
        )
    )
    task = mpc_files.ended("list_animated_graphics_task", number)
    assert (task["status"], task["error_code"]) == ("FAILED", "MPC.10101")


# ---- Metadata ------------------------------------------------------------------------------------


def check_metadata(told: dict[str, Any], facts: MediaFacts) -> None:
    assert told["size"] == facts.size
    assert told["duration_ms"] == pytest.approx(facts.duration, abs=0.001)
    assert told["duration"] == int(facts.duration)
    assert told["bitrate"] == pytest.approx((facts.bitrate_kbps or 0) * 1000, abs=1)
    assert len(told["video"]) == len(facts.video)
    for stream, video in zip(told["video"], facts.video, strict=True):
        assert (stream["width"], stream["height"]) == (video.width, video.height)
        assert stream["rotate"] == video.rotate
        assert stream["bitrate"] == stream["bitrate_bps"] // 1024 > 0
    for stream, audio in zip(told["audio"], facts.audio, strict=True):
        assert (stream["sample"], stream["channels"]) == (audio.sample_rate, audio.channels)
        assert stream["bitrate_bps"] == round((audio.bitrate_kbps or 0) * 1000)


def test_metadata_in_the_answer_and_in_a_file(mpc_files: MpcFiles, tmp_path: Path) -> None:
    clip = clips.make("normal_720p")
    target = mpc_files.target(file_name="facts.json")
    answer = mpc_files.mpc.answer(
        "create_extract_task",
        {"input": mpc_files.source(clip), "output": target, "sync": 1, "user_data": "u"},
    )
    assert answer.status == 200
    told = answer.body
    assert (told["status"], told["description"]) == ("SUCCEED", _SUCCEEDED[1])
    assert (told["output"], told["output_file_name"]) == (target, "facts.json")
    assert _STAMP.fullmatch(told["create_time"])
    check_metadata(told["metadata"], probe(clip))
    (video,), (audio,) = told["metadata"]["video"], told["metadata"]["audio"]
    assert (told["metadata"]["format"], video["codec"], audio["codec"]) == ("MP4", "H.264", "AAC")
    assert (video["frame_rate"], video["duration"], video["duration_ms"]) == (25, "5", "5000")
    written = (mpc_files.fetch(target["object"], tmp_path) / "facts.json").read_text()
    assert MediaFacts.model_validate_json(written) == probe(clip)
    task = mpc_files.ended("list_extract_task", told["task_id"])
    assert (task["error_code"], task["description"]) == _SUCCEEDED
    assert (task["status"], task["metadata"]) == ("SUCCEED", told["metadata"])
    assert (task["input"], task["output"], task["user_data"]) == (
        mpc_files.place("in/normal_720p.mp4"),
        target,
        "u",
    )


@pytest.mark.parametrize(
    ("name", "form", "video", "audio"),
    [
        ("hevc_10bit", "MP4", "H.265", "AAC"),
        ("webm", "WEBM", "VP9", "OPUS"),
        ("flv", "FLV", "H.264", "AAC"),
        ("mpeg2_interlaced_43", "MPEG", "MPEG-2", "MP2"),
        ("rotated_phone", "MP4", "H.264", "AAC"),
        ("silent_video", "MP4", "H.264", None),
        ("mp3", "MP3", None, "MP3"),
    ],
)
def test_metadata_of_all_kinds_of_files(
    name: str, form: str, video: str | None, audio: str | None, mpc_files: MpcFiles
) -> None:
    source = mpc_files.source(clips.make(name))
    told = mpc_files.mpc.call("create_extract_task", input=source, sync=1)["metadata"]
    assert told["format"] == form
    assert [one["codec"] for one in told.get("video", [])] == ([video] if video else [])
    assert [one["codec"] for one in told.get("audio", [])] == ([audio] if audio else [])


def test_metadata_that_nobody_waits_for(mpc_files: MpcFiles) -> None:
    """A playlist as well, which is not taken synchronously."""
    playlist = clips.make("hls_source")
    for part in playlist.parent.glob("*.ts"):
        mpc_files.source(part)
    wish = {"input": mpc_files.source(playlist), "output": mpc_files.target()}
    number = made(mpc_files.mpc.call("create_extract_task", **wish, sync=0))
    task = mpc_files.ended("list_extract_task", number)
    assert task["status"] == "SUCCEED", task
    assert (task["metadata"]["format"], task["metadata"]["duration"]) == ("HLS", 6)
    assert "size" not in task["metadata"]
    assert mpc_files.mpc.failure("create_extract_task", **wish, sync=1) == (400, "MPC.10202")
    assert mpc_files.mpc.failure("create_extract_task", **wish, sync=2) == (400, "MPC.10202")


@pytest.mark.parametrize(
    ("key", "code"), [("in/nothing.mp4", "MPC.10053"), ("in/text_named_mp4.mp4", "MPC.10119")]
)
def test_metadata_of_what_is_none(key: str, code: str, mpc_files: MpcFiles) -> None:
    mpc_files.source(clips.make("text_named_mp4"))
    told = mpc_files.mpc.call("create_extract_task", input=mpc_files.place(key), sync=1)
    assert told["status"] == "FAILED"
    assert "metadata" not in told
    task = mpc_files.ended("list_extract_task", told["task_id"])
    assert (task["error_code"], task["description"]) == (code, told["description"])


# ---- Thumbnails ----------------------------------------------------------------------------------


def snap(
    files: MpcFiles, clip: str, para: dict[str, Any], **more: Any
) -> tuple[dict[str, Any], str]:
    """Take pictures into the folder itself; the task when it has ended, and the folder."""
    target = files.target()
    answer = files.mpc.answer(
        "create_thumbnails_task",
        {
            "input": files.source(clips.make(clip)),
            "output": target,
            "thumbnail_para": para,
            "original_dir": 1,
            **more,
        },
    )
    assert answer.status == 202
    return files.ended("list_thumbnails_task", made(answer.body)), target["object"]


def pictures(task: dict[str, Any]) -> list[str]:
    return [one["pic_name"] for one in task["thumbnail_info"]]


def test_pictures_by_time_from_the_first_to_the_last(mpc_files: MpcFiles, tmp_path: Path) -> None:
    para = {"time": 2, "format": 1, "max_length": 480}
    task, folder = snap(mpc_files, "normal_720p", para, user_data="u")
    assert (task["status"], task["description"]) == ("SUCCEEDED", _SUCCEEDED[1])
    assert task["user_data"] == "u"
    assert pictures(task) == ["0.jpg", "2.jpg", "4.jpg", "5.jpg"]
    assert task["output"] == mpc_files.place(folder)
    assert mpc_files.names(folder) == pictures(task)
    mpc_files.fetch(folder, tmp_path)
    shown = [jpeg_frame(tmp_path / name) for name in pictures(task)]
    assert {(frame.width, frame.height) for frame in shown} == {(480, 270)}
    assert len({bytes(frame.planes[0]) for frame in shown}) == 4


@pytest.mark.parametrize(
    ("para", "names"),
    [
        ({"type": "TIME", "time": 1, "start_time": 1, "duration": 2}, ["1", "2", "3"]),
        ({"type": "TIME", "time": 3, "start_time": 1, "duration": 0}, ["1", "4", "5"]),
        ({"type": "TIME", "start_time": 60}, []),
        ({"type": "DOTS", "dots": [4, 1, 90]}, ["1", "4"]),
        ({"type": "DOTS", "dots": [3], "output_filename": "cover.jpg"}, ["cover"]),
        ({"type": "DOTS", "dots": [1, 3], "output_filename": "still"}, ["still_1", "still_3"]),
    ],
)
def test_which_pictures_under_which_names(
    para: dict[str, Any], names: list[str], mpc_files: MpcFiles
) -> None:
    task, folder = snap(mpc_files, "normal_720p", {**para, "width": 96, "height": 100})
    assert task["status"] == "SUCCEEDED", task
    assert [one["pic_name"] for one in task.get("thumbnail_info", [])] == [
        f"{name}.jpg" for name in names
    ]
    assert sorted(mpc_files.names(folder)) == [f"{name}.jpg" for name in names]
    assert task.get("output_file_name") == (f"{names[0]}.jpg" if len(names) == 1 else None)


def test_pictures_in_an_archive(mpc_files: MpcFiles, tmp_path: Path) -> None:
    para = {"type": "DOTS", "dots": [0, 1], "output_filename": "all"}
    task, folder = snap(mpc_files, "contract", para, tar=0)
    assert task["output_file_name"] == "all.tar"
    assert pictures(task) == ["all_0.jpg", "all_1.jpg"]
    assert mpc_files.names(folder) == ["all.tar"]
    with tarfile.open(mpc_files.fetch(folder, tmp_path) / "all.tar") as tar:
        assert tar.getnames() == pictures(task)
        tar.extractall(tmp_path, filter="data")
    assert jpeg_frame(tmp_path / "all_1.jpg").width == 320


def test_each_task_has_a_folder_of_its_own(mpc_files: MpcFiles) -> None:
    target = mpc_files.target()
    wish = {
        "input": mpc_files.source(clips.make("contract")),
        "output": target,
        # As the manual's own sample has it, with what its tables do not know.
        "thumbnail_para": {"type": "DOTS", "dots": [1], "format": 0, "max_length": 480},
    }
    folders = []
    for _ in range(2):
        number = made(mpc_files.mpc.call("create_thumbnails_task", **wish, tar=1))
        folders.append(mpc_files.ended("list_thumbnails_task", number)["output"]["object"])
    assert len(set(folders)) == 2
    own = [folder.removeprefix(f"{target['object']}/") for folder in folders]
    assert sorted(mpc_files.names(target["object"])) == sorted(f"{name}/1.jpg" for name in own)


@pytest.mark.parametrize(
    ("para", "name", "moment"),
    [
        ({"type": "DOTS", "dots": [1]}, "1.jpg", "1"),
        ({"type": "DOTS_MS", "dots_ms": [1240]}, "1.24.jpg", "1240"),
        ({"type": "DOTS_MS", "dots_ms": [1240], "output_filename": "a"}, "a.jpg", "1240"),
        ({"type": "DOTS", "dots": [1], "format": 2, "output_filename": "a.png"}, "a.png", "1"),
    ],
)
def test_one_picture_at_once(
    para: dict[str, Any], name: str, moment: str, mpc_files: MpcFiles, tmp_path: Path
) -> None:
    wish = {"input": mpc_files.source(clips.make("contract")), "output": mpc_files.target()}
    answer = mpc_files.mpc.answer(
        "create_thumbnails_task", {**wish, "thumbnail_para": para, "sync": 1}
    )
    assert answer.status == 202
    told = answer.body
    assert (told["status"], told["description"]) == ("FINISHED", _SUCCEEDED[1])
    assert (told["output_file_name"], told["thumbnail_time"]) == (name, moment)
    folder = told["output"]["object"]
    assert mpc_files.names(folder) == [name]
    path = mpc_files.fetch(folder, tmp_path) / name
    if name.endswith(".png"):
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    else:
        assert (jpeg_frame(path).width, jpeg_frame(path).height) == (320, 180)
    task = mpc_files.ended("list_thumbnails_task", told["task_id"])
    assert (task["status"], pictures(task)) == ("SUCCEEDED", [name])


def test_a_picture_beyond_the_end(mpc_files: MpcFiles) -> None:
    wish = {"input": mpc_files.source(clips.make("contract")), "output": mpc_files.target()}
    para = {"type": "DOTS", "dots": [100]}
    told = mpc_files.mpc.call("create_thumbnails_task", **wish, thumbnail_para=para, sync=1)
    assert told["status"] == "FAILED"
    assert "no picture is asked for at a moment within the video" in told["description"]


@pytest.mark.parametrize(
    ("para", "more"),
    [
        ({"type": "EVERY"}, {}),
        ({"type": "DOTS"}, {}),
        ({"type": "DOTS", "dots": list(range(11))}, {}),
        ({"type": "DOTS", "dots": [1, 2]}, {"sync": 1}),
        ({"type": "TIME", "time": 2}, {"sync": 1}),
        ({"type": "DOTS_MS", "dots_ms": [1000]}, {}),
        ({"type": "DOTS_MS", "dots_ms": [1000, 2000]}, {"sync": 1}),
        ({"type": "DOTS", "dots": [1], "format": 2}, {}),
        ({"type": "DOTS", "dots": [1], "format": 3}, {}),
        ({"time": 0}, {}),
        ({"width": 95}, {}),
        ({"height": 2161}, {}),
        ({"max_length": 239}, {}),
        ({"output_filename": "../a"}, {}),
        ({}, {"tar": 2}),
        ({}, {"sync": 2}),
        ({}, {"original_dir": 2}),
    ],
)
def test_thumbnails_out_of_the_printed_limits(
    para: dict[str, Any], more: dict[str, Any], mpc_files: MpcFiles
) -> None:
    wish = {"input": mpc_files.source(clips.make("contract")), "output": mpc_files.target()}
    failure = mpc_files.mpc.failure(
        "create_thumbnails_task", **wish, thumbnail_para=para or {"time": 1}, **more
    )
    assert failure == (400, "MPC.10202")


# ---- What all chapters have in common ------------------------------------------------------------

_ChapterCalls = tuple[str, str, str, Callable[[MpcFiles], dict[str, Any]], str]


def _wish(files: MpcFiles, **more: Any) -> dict[str, Any]:
    return {"input": files.source(clips.make("contract")), "output": files.target(), **more}


_CHAPTERS: list[_ChapterCalls] = [
    (
        "create_remux_task",
        "list_remux_task",
        "cancel_remux_task",
        lambda files: _wish(files) | {"output": files.target(file_name="a.mp4")},
        "SUCCEED",
    ),
    (
        "create_animated_graphics_task",
        "list_animated_graphics_task",
        "delete_animated_graphics_task",
        lambda files: _wish(files, output_param=_GIF),
        "SUCCEED",
    ),
    ("create_extract_task", "list_extract_task", "delete_extract_task", _wish, "SUCCEED"),
    (
        "create_thumbnails_task",
        "list_thumbnails_task",
        "delete_thumbnails_task",
        lambda files: _wish(files, thumbnail_para={"type": "DOTS", "dots": [1]}),
        "SUCCEEDED",
    ),
]


@pytest.fixture(params=_CHAPTERS, ids=[chapter[0] for chapter in _CHAPTERS])
def chapter(request: pytest.FixtureRequest) -> _ChapterCalls:
    calls: _ChapterCalls = request.param
    return calls


def _tasks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("tasks") or answer.get("task_array") or []
    return found


def test_only_what_waits_is_cancelled(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, listing, cancel, wish, success = chapter
    mpc = mpc_files.mpc
    with mpc_files.nobody_works():
        number = made(mpc.call(create, **wish(mpc_files)))
        (task,) = _tasks(mpc.call(listing, task_id=[number]))
        assert task["status"] == "WAITING"
        assert mpc.answer(cancel, {"task_id": number}).status == 204
        (task,) = _tasks(mpc.call(listing, task_id=[number]))
        assert task["status"] == "CANCELED"
    done = made(mpc.call(create, **wish(mpc_files)))
    assert mpc_files.ended(listing, done)["status"] == success
    assert mpc.failure(cancel, task_id=done) == (400, "MPC.10212")
    assert mpc.failure(cancel, task_id=_UNKNOWN) == (400, "MPC.10211")
    assert mpc.failure(cancel, task_id="abc") == (400, "MPC.10202")
    assert mpc_files.ended(listing, number)["status"] == "CANCELED", "it was never begun"


def test_lists_by_number_state_time_and_page(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, listing, _, wish, success = chapter
    mpc = mpc_files.mpc
    numbers = [made(mpc.call(create, **wish(mpc_files))) for _ in range(3)]
    tasks = [mpc_files.ended(listing, number) for number in numbers]
    begin, end = tasks[0]["create_time"], tasks[-1]["end_time"]

    def listed(**wanted: Any) -> list[str]:
        return [task["task_id"] for task in _tasks(mpc.call(listing, **wanted))]

    assert listed(task_id=numbers[:2]) == [numbers[1], numbers[0]]
    assert listed(task_id=[*numbers, _UNKNOWN], page=7, size=1) == numbers[::-1]
    everything = mpc.call(listing, start_time=begin, end_time=end, status=success, size=100)
    assert set(numbers) <= {task["task_id"] for task in _tasks(everything)}
    pages = [listed(page=page, size=2) for page in range(2)]
    assert [number for page in pages for number in page][:3] == numbers[::-1]
    assert listed(status="CANCELED", task_id=numbers) == []
    assert listed(start_time="20200101000000", end_time="20200102000000") == []
    wrong = [
        {"status": "TRANSCODING"},
        {"start_time": "2020-01-01"},
        {"start_time": "202001010000"},
        {"end_time": "20201301000000"},
        {"start_time": end, "end_time": "20200101000000"},
        {"page": -1},
        {"size": 0},
        {"size": 101},
        {"task_id": [str(number) for number in range(11)]},
        {"task_id": ["abc"]},
    ]
    for parameters in wrong:
        assert mpc.failure(listing, **parameters) == (400, "MPC.10202"), parameters


def test_thumbnail_lists_tell_whether_there_is_more(mpc_files: MpcFiles) -> None:
    for _ in range(2):
        snap(mpc_files, "contract", {"type": "DOTS", "dots": [1]})
    first = mpc_files.mpc.call("list_thumbnails_task", size=1)
    assert (len(first["task_array"]), first["is_truncated"]) == (1, 1)
    last = mpc_files.mpc.call("list_thumbnails_task", page=first["total"] - 1, size=1)
    assert (len(last["task_array"]), last["is_truncated"]) == (1, 0)
    failure = mpc_files.mpc.failure("list_thumbnails_task", task_id=[_UNKNOWN])
    assert failure == (400, "MPC.10212")


def test_remuxes_of_one_source(mpc_files: MpcFiles) -> None:
    number, _ = remux(mpc_files, "silent_video", "a.mp4")
    mpc_files.ended("list_remux_task", number)
    wanted = {"input_bucket": mpc_files.bucket, "input_object": "in/silent_video.mp4"}
    found = mpc_files.mpc.call("list_remux_task", **wanted)
    assert number in [task["task_id"] for task in found["tasks"]]
    assert {task["input"]["object"] for task in found["tasks"]} == {"in/silent_video.mp4"}
    assert mpc_files.mpc.call("list_remux_task", input_bucket="nobodys-bucket")["total"] == 0


@pytest.mark.parametrize("status", ["PREPROCESSING", "PROCESSING", "INIT"])
def test_states_of_the_query_that_the_answer_does_not_have(status: str, mpc: MpcCustomer) -> None:
    for listing in ("list_animated_graphics_task", "list_extract_task", "list_remux_task"):
        assert mpc.call(listing, status=status)["total"] == 0


def test_buckets_that_are_not_authorised(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, _, _, wish, _ = chapter
    for part in ("input", "output"):
        parameters = wish(mpc_files)
        parameters[part] = {**parameters[part], "bucket": "not-authorised"}
        assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10236")


def test_paths_that_lead_elsewhere(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, _, _, wish, _ = chapter
    for part, path in (("input", "in/../other"), ("output", "out/\u0007"), ("input", "/")):
        parameters = wish(mpc_files)
        parameters[part] = {**parameters[part], "object": path}
        assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10209")
    parameters = wish(mpc_files)
    parameters["output"] = mpc_files.place("深" * 340, file_name="a.mp4")
    assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10093")


def test_pictures_by_percent(mpc_files: MpcFiles) -> None:
    """The SDK's model does not know the type any more; requests with it are signed all the same."""
    wish = _wish(mpc_files, thumbnail_para={"type": "PERCENT", "percent": 50})
    number = made(mpc_files.mpc.post("thumbnails", wish))
    task = mpc_files.ended("list_thumbnails_task", number)
    assert pictures(task) == ["0.jpg", "1.jpg", "2.jpg"]


def test_numbers_may_be_texts(mpc_files: MpcFiles) -> None:
    para = {"time": "2", "start_time": "1", "duration": "ToEND", "width": "0", "no_such_field": 1}
    wish = _wish(mpc_files, thumbnail_para=para, tar="1", sync="0", user_data=1795687)
    task = mpc_files.ended("list_thumbnails_task", made(mpc_files.mpc.post("thumbnails", wish)))
    assert (pictures(task), task["user_data"]) == (["1.jpg", "2.jpg"], "1795687")
