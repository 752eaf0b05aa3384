"""Asking MPC for tasks of chapters 9 to 12, and what their answers have in common."""

import re
from pathlib import Path
from typing import Any

import av

from tests import clips
from tests.sdk.mpc_files import MpcFiles

NUMBER = re.compile(r"\d{16}")
STAMP = re.compile(r"20\d{12}")
SUCCEEDED = ("MPC.10218", "The task has completed.")
GIF = {"format": "gif", "width": 160, "height": -1, "start": 500, "end": 1500, "frame_rate": 8}
UNKNOWN = "4000000000000000"


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def made(answer: dict[str, Any]) -> str:
    """The number of a task that was asked for, and nothing else with it."""
    assert set(answer) == {"task_id"}
    assert NUMBER.fullmatch(answer["task_id"])
    number: str = answer["task_id"]
    return number


def remux(files: MpcFiles, clip: str | Path, name: str, **more: Any) -> tuple[str, str]:
    """Ask for a remux; the task's number and the folder."""
    target = files.target(file_name=name)
    source = files.source(clips.make(clip) if isinstance(clip, str) else clip)
    answer = files.mpc.answer("create_remux_task", {"input": source, "output": target, **more})
    assert answer.status == 200
    return made(answer.body), target["object"]


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
