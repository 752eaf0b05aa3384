"""Remuxing of MPC through the official SDK: the packets stay what they were."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests import clips
from tests.sdk.mpc_files import LOCATION, MpcFiles
from tests.sdk.mpc_tasks import STAMP, SUCCEEDED, packets, remux


def test_flv_to_mp4_with_the_same_packets(mpc_files: MpcFiles, tmp_path: Path) -> None:
    number, folder = remux(
        mpc_files, "flv", "film.mp4", output_param={"format": "MP4"}, user_data="my own"
    )
    task = mpc_files.ended("list_remux_task", number)
    assert (task["error_code"], task["description"]) == SUCCEEDED, task
    assert (task["task_id"], task["status"], task["user_data"]) == (number, "SUCCEED", "my own")
    assert all(STAMP.fullmatch(task[name]) for name in ("create_time", "start_time", "end_time"))
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
