"""MPC's transcoding tasks through the official SDK, on real media; outputs are decoded."""

import secrets
from pathlib import Path
from typing import Any

import pytest

from chalicelib.media.probe import probe
from chalicelib.settings import Settings
from tests import clips
from tests.sdk.mpc import MpcCustomer


class Films:
    """A bucket of the customer's own, which OpenVOD may read and write."""

    def __init__(self, mpc: MpcCustomer) -> None:
        self.mpc = mpc
        self.bucket = f"films-{secrets.token_hex(6)}"
        self.s3 = mpc.stack.aws("s3")
        self.s3.create_bucket(Bucket=self.bucket)
        mpc.stack.rows(
            "INSERT INTO file_bucket (bucket, account_id, by_agency, created_at)"
            " VALUES (%s, %s, false, now()) RETURNING bucket",
            self.bucket,
            Settings().account_id,
        )

    def put(self, path: Path, key: str) -> dict[str, str]:
        self.s3.upload_file(str(path), self.bucket, key)
        return self.place(key)

    def place(self, key: str, bucket: str | None = None) -> dict[str, str]:
        return {"bucket": bucket or self.bucket, "location": "region01", "object": key}

    def names(self, folder: str) -> set[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{folder}/")
        return {item["Key"].removeprefix(f"{folder}/") for item in listed.get("Contents", [])}

    def fetch(self, folder: str, into: Path) -> Path:
        """Everything in a folder, as files."""
        for name in self.names(folder):
            self.s3.download_file(self.bucket, f"{folder}/{name}", str(into / name))
        return into

    def submit(self, **parameters: Any) -> int:
        answer = self.mpc.answer("create_transcoding_task", parameters)
        assert answer.status == 202
        task_id: int = answer.body["task_id"]
        return task_id

    def read(self, task_id: int) -> dict[str, Any]:
        answer = self.mpc.call("list_transcoding_task", task_id=[task_id])
        assert (answer["total"], answer["is_truncated"]) == (1, 0)
        task: dict[str, Any] = answer["task_array"][0]
        assert task["task_id"] == str(task_id)
        return task

    def ended(self, task_id: int, status: str = "SUCCEEDED") -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            task = self.read(task_id)
            return task if task["status"] not in ("WAITING", "TRANSCODING") else None

        task = self.mpc.stack.until("the task ended", look, seconds=120)
        assert task["status"] == status, task
        return task


@pytest.fixture(scope="module")
def films(mpc: MpcCustomer) -> Films:
    return Films(mpc)


@pytest.fixture(scope="module")
def film(films: Films) -> dict[str, str]:
    return films.put(clips.make("normal_720p"), "in/film.mp4")


_AUDIO = {"codec": 1, "sample_rate": 4, "bitrate": 96, "channels": 2}


def _template(mpc: MpcCustomer, name: str, **parameters: Any) -> int:
    number: int = mpc.call("create_trans_template", template_name=name, **parameters)["template_id"]
    return number


def test_renditions_by_templates(films: Films, film: dict[str, str], tmp_path: Path) -> None:
    sizes = [(640, 360, 600), (480, 270, 300)]
    group = films.mpc.call(
        "create_template_group",
        name="two sizes",
        videos=[{"width": w, "height": h, "bitrate": rate} for w, h, rate in sizes],
        video_common={"codec": 1, "profile": 2, "level": 8, "max_iframes_interval": 2},
        audio=_AUDIO,
        common={"pack_type": 4},
    )["template_group"]
    task_id = films.submit(
        input=film,
        output=films.place("/out/"),
        trans_template_id=group["template_ids"],
        output_filenames=["large.mp4", "测试 small"],
        user_data="mine",
        priority=9,
    )
    task = films.ended(task_id)
    assert task["output_file_name"] == ["large.mp4", "测试 small.mp4"]
    assert (task["user_data"], task["progress"]) == ("mine", 100)
    assert task["trans_template_id"] == group["template_ids"]
    assert task["input"] == film
    assert task["output"]["object"] == "out/"
    assert len(task["create_time"]) == len(task["end_time"]) == 14
    source = task["transcode_detail"]["input_file"]
    assert (source["duration"], source["format"]) == (5, "MOV")
    assert (source["video_info"]["width"], source["video_info"]["codec"]) == (1280, "H264")
    assert source["audio_info"][0]["channels"] == 6
    made = task["transcode_detail"]["multitask_info"]
    assert [one["template_id"] for one in made] == group["template_ids"]
    files = films.fetch("out", tmp_path)
    for (width, height, rate), told, name in zip(
        sizes, made, task["output_file_name"], strict=True
    ):
        facts = probe(files / name)
        video, audio = facts.main_video, facts.main_audio
        assert video is not None
        assert audio is not None
        assert (video.codec_name, video.profile, video.level) == ("h264", "Main", 30)
        assert (facts.width, facts.height, audio.channels) == (width, height, 2)
        assert (audio.codec_name, audio.sample_rate) == ("aac", 44100)
        assert 0.5 * rate < (video.bitrate_kbps or 0) < 1.5 * rate
        output = told["output_file"]
        assert (output["format"], output["size"]) == ("MP4", (files / name).stat().st_size)
        assert abs(output["duration_ms"] - 5000) < 100
        assert output["video_info"]["bitrate"] == round(video.bitrate_kbps or 0)
        assert output["video_info"]["frame_rate"] == 25
        assert output["audio_info"][0]["sample"] == 44100
