"""A customer of a stack for benchmarks: uploads a source, asks for renditions, waits for them."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
from psycopg.rows import dict_row

from local.testing import RunningStack
from local.vod_client import VodClient

_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 3600


@dataclass(frozen=True)
class Rung:
    """One rendition of a ladder: MP4, H.264 at a constant quality."""

    name: str
    width: int
    height: int
    crf: int = 23
    preset: str = "fast"
    audio_kbps: int = 128

    def document(self) -> dict[str, Any]:
        """As a TranscodeTemplate of the VOD API (manual 17.1)."""
        return {
            "TemplateName": self.name,
            "Definition": self.name,
            "Container": {"Format": "mp4"},
            "Video": {
                "Codec": "H.264",
                "Preset": self.preset,
                "Crf": str(self.crf),
                "Width": str(self.width),
                "Height": str(self.height),
                "Gop": "50",
            },
            "Audio": {"Codec": "AAC", "Bitrate": str(self.audio_kbps), "Samplerate": "48000"},
        }


@dataclass(frozen=True)
class Ran:
    """A finished task: seconds from its request to its end, its jobs' rows."""

    seconds: float
    jobs: list[dict[str, Any]]

    @property
    def working_seconds(self) -> float:
        """From the first job that was taken to the last that ended."""
        first = min(job["started_at"] for job in self.jobs)
        last = max(job["finished_at"] for job in self.jobs)
        return float((last - first).total_seconds())

    @property
    def encoder_seconds(self) -> float:
        """How long ffmpeg ran, of renditions made in one run."""
        return max(float(json.loads(job["result"])["encoder_seconds"]) for job in self.jobs)


class Customer:
    """Uses one stack through its API; looks at its database and bucket for the results."""

    def __init__(self, stack: RunningStack) -> None:
        self._info = stack.info
        info = stack.info
        self._client = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])

    def upload(self, source: Path) -> str:
        """Upload a file and wait for its analysis; the id of the video."""
        granted = self._client.call(
            "CreateUploadVideo",
            Title="benchmark",
            FileName=source.name,
            TemplateGroupId="VOD_NO_TRANSCODE",
        )
        address, auth = _decoded(granted["UploadAddress"]), _decoded(granted["UploadAuth"])
        boto3.client(
            "s3",
            endpoint_url=address["Endpoint"],
            region_name=auth["Region"],
            aws_access_key_id=auth["AccessKeyId"],
            aws_secret_access_key=auth["AccessKeySecret"],
            aws_session_token=auth["SecurityToken"],
        ).upload_file(str(source), address["Bucket"], address["FileName"])
        video_id: str = granted["VideoId"]
        self._until(lambda: self.rows("media", video_id, "status = 'normal'"))
        self._until(lambda: not self.rows("job", video_id, "state IN ('submitted', 'running')"))
        return video_id

    def group(self, rungs: list[Rung]) -> str:
        """A template group of these renditions; its id."""
        answer = self._client.call(
            "AddTranscodeTemplateGroup",
            Name="benchmark",
            TranscodeTemplateList=json.dumps([rung.document() for rung in rungs]),
        )
        group_id: str = answer["TranscodeTemplateGroupId"]
        return group_id

    def transcode(self, video_id: str, group_id: str) -> Ran:
        """Ask for a group's renditions and wait for the last. Raises RuntimeError if one fails."""
        began = time.perf_counter()
        answer = self._client.call(
            "SubmitTranscodeJobs", VideoId=video_id, TemplateGroupId=group_id
        )
        task_id = answer["TranscodeTaskId"]
        self._until(
            lambda: self._query(
                "SELECT * FROM task WHERE task_id = %s AND completed_at IS NOT NULL", task_id
            )
        )
        seconds = time.perf_counter() - began
        jobs = self._query("SELECT * FROM job WHERE task_id = %s ORDER BY created_at", task_id)
        for job in jobs:
            if job["state"] != "succeeded":
                raise RuntimeError(f"a job has {job['state']}: {job['error_message']}")
        return Ran(seconds, jobs)

    def download(self, job: dict[str, Any], folder: Path) -> Path:
        """The file that a job made."""
        key = json.loads(job["result"])["key"]
        path = folder / key.rsplit("/", 1)[1]
        root = {name: value for name, value in self._info["aws"].items() if name != "account_id"}
        boto3.client("s3", **root).download_file(self._info["bucket"], key, str(path))
        return path

    def rows(self, table: str, video_id: str, condition: str = "true") -> list[dict[str, Any]]:
        """Rows of the stack's database that belong to a video."""
        return self._query(
            f"SELECT * FROM {table} WHERE media_id = %s AND {condition}",
            video_id,
        )

    def _query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with psycopg.connect(self._info["database_url"], row_factory=dict_row) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def _until(self, done: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise RuntimeError("the stack does not come to an end")
            time.sleep(_POLL_SECONDS)


def _decoded(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.b64decode(text))
    return content
