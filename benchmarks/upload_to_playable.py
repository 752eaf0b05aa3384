"""How long after its upload a video plays: ``python -m benchmarks.upload_to_playable``.

Starts a stack of its own, uploads small MP4 files one after the other with the template group that
transcodes nothing, and measures from the end of the PUT to the first GetVideoInfo that says Normal;
first on an idle machine, then while two transcodes run.
"""

import argparse
import base64
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3

from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID
from local.demo_clip import make_clip
from local.testing import RunningStack, running_stack
from local.vod_client import VodClient

_POLL_SECONDS = 0.01
_PATIENCE_SECONDS = 120
_BUSY_WORKERS = 2
_ENDED = ("CompleteAllSucc", "CompleteAllFail", "CompletePartialSucc")


class _Load:
    """Keeps two transcode tasks under way on one video."""

    def __init__(self, client: VodClient, video_id: str) -> None:
        self._client = client
        self._video_id = video_id
        self._tasks: list[str] = []

    def top_up(self) -> None:
        self._tasks = [task for task in self._tasks if self._runs(task)]
        while len(self._tasks) < _BUSY_WORKERS:
            answer = self._client.call(
                "SubmitTranscodeJobs",
                VideoId=self._video_id,
                TemplateGroupId=DEFAULT_TRANSCODE_GROUP_ID,
            )
            self._tasks.append(answer["TranscodeTaskId"])

    def _runs(self, task_id: str) -> bool:
        task = self._client.call("GetTranscodeTask", TranscodeTaskId=task_id)["TranscodeTask"]
        return task["TaskStatus"] not in _ENDED


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=20, help="uploads for each measurement")
    uploads = parser.parse_args().uploads
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        clip = Path(place) / "clip.mp4"
        make_clip(clip)
        settings = {"OPENVOD_LOCAL_HEAVY_WORKERS": str(_BUSY_WORKERS)}
        with running_stack(Path(place) / "data", env=settings) as stack:
            _measure(stack, clip.read_bytes(), uploads)


def _measure(stack: RunningStack, clip: bytes, uploads: int) -> None:
    info = stack.info
    client = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])
    first, _ = upload(client, clip)  # the first use of every process is not measured
    _print("idle", [upload(client, clip)[1] for _ in range(uploads)])
    load = _Load(client, first)
    busy = []
    for _ in range(uploads):
        load.top_up()
        busy.append(upload(client, clip)[1])
    _print("while two transcodes run", busy)


def upload(client: VodClient, clip: bytes) -> tuple[str, float]:
    """Id of a new video, and the seconds from the end of its PUT until it plays."""
    granted = client.call(
        "CreateUploadVideo",
        Title="benchmark",
        FileName="clip.mp4",
        TemplateGroupId="VOD_NO_TRANSCODE",
    )
    address, auth = _decoded(granted["UploadAddress"]), _decoded(granted["UploadAuth"])
    s3 = boto3.client(
        "s3",
        endpoint_url=address["Endpoint"],
        region_name=auth["Region"],
        aws_access_key_id=auth["AccessKeyId"],
        aws_secret_access_key=auth["AccessKeySecret"],
        aws_session_token=auth["SecurityToken"],
    )
    s3.put_object(Bucket=address["Bucket"], Key=address["FileName"], Body=clip)
    finished = time.perf_counter()
    video_id: str = granted["VideoId"]
    while time.perf_counter() - finished < _PATIENCE_SECONDS:
        status = client.call("GetVideoInfo", VideoId=video_id)["Video"]["Status"]
        if status == "Normal":
            return video_id, time.perf_counter() - finished
        time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"{video_id} does not play after {_PATIENCE_SECONDS} s")


def _decoded(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.b64decode(text))
    return content


def _print(what: str, seconds: list[float]) -> None:
    middle, worst = statistics.median(seconds), max(seconds)
    print(
        f"{what + ':':26} {len(seconds)} uploads, PUT finished -> Normal:"
        f" median {middle * 1000:.0f} ms, max {worst * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
