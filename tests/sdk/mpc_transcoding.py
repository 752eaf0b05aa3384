"""Asking MPC for transcoding tasks."""

from typing import Any

from tests.sdk.mpc_files import MpcFiles

AUDIO = {"codec": 1, "sample_rate": 4, "bitrate": 96, "channels": 2}
VIDEO = {"codec": 1, "bitrate": 300, "preset": 1, "width": 320, "height": 180}
UNKNOWN_TASK = 4_000_000_000_000_000


def submitted(files: MpcFiles, source: dict[str, str], **parameters: Any) -> tuple[int, str]:
    """Ask for a task; its number and the folder of its outputs."""
    output = files.target()
    given = {"input": source, "output": output, **parameters}
    answer = files.mpc.answer("create_transcoding_task", given)
    assert answer.status == 202
    assert set(answer.body) == {"task_id"}
    return answer.body["task_id"], output["object"]


def ended(files: MpcFiles, number: int, status: str = "SUCCEEDED") -> dict[str, Any]:
    task = files.ended("list_transcoding_task", str(number))
    assert task["status"] == status, task
    return task
