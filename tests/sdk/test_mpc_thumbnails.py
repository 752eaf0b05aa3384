"""Thumbnails of MPC through the official SDK; names, sizes and archives are looked at."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests import clips
from tests.media.decoding import jpeg_frame
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_tasks import SUCCEEDED, made, pictures, snap


def test_pictures_by_time_from_the_first_to_the_last(mpc_files: MpcFiles, tmp_path: Path) -> None:
    para = {"time": 2, "format": 1, "max_length": 480}
    task, folder = snap(mpc_files, "normal_720p", para, user_data="u")
    assert (task["status"], task["description"]) == ("SUCCEEDED", SUCCEEDED[1])
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
    assert (told["status"], told["description"]) == ("FINISHED", SUCCEEDED[1])
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
