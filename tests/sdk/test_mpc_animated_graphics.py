"""Animated graphics of MPC through the official SDK; the images are read back."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.mediaspec.animated_file import read_facts
from tests import clips
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_tasks import GIF, SUCCEEDED, made


def test_a_gif_of_a_span(mpc_files: MpcFiles, tmp_path: Path) -> None:
    wish = {
        "input": mpc_files.source(clips.make("contract")),
        "output": mpc_files.target(file_name="ignored.gif"),
        "output_param": GIF,
        "user_data": "mine",
    }
    answer = mpc_files.mpc.answer("create_animated_graphics_task", wish)
    assert answer.status == 200
    number = made(answer.body)
    task = mpc_files.ended("list_animated_graphics_task", number)
    assert (task["error_code"], task["description"]) == SUCCEEDED, task
    assert (task["status"], task["user_data"]) == ("SUCCEED", "mine")
    assert task["output_param"] == GIF
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
        "create_animated_graphics_task", **wish, output_param={**GIF, **wrong}
    )
    assert failure == (400, "MPC.10202")


def test_a_gif_beyond_the_end_fails(mpc_files: MpcFiles) -> None:
    number = made(
        mpc_files.mpc.call(
            "create_animated_graphics_task",
            input=mpc_files.source(clips.make("contract")),
            output=mpc_files.target(),
            output_param={**GIF, "start": 50_000, "end": 51_000},
        )
    )
    task = mpc_files.ended("list_animated_graphics_task", number)
    assert (task["status"], task["error_code"]) == ("FAILED", "MPC.10101")
