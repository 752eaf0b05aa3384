"""Metadata of MPC through the official SDK, compared with the files' own."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.media.probe import probe
from chalicelib.mediaspec.facts import MediaFacts
from tests import clips
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_tasks import STAMP, SUCCEEDED, made


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
    assert (told["status"], told["description"]) == ("SUCCEED", SUCCEEDED[1])
    assert (told["output"], told["output_file_name"]) == (target, "facts.json")
    assert STAMP.fullmatch(told["create_time"])
    check_metadata(told["metadata"], probe(clip))
    (video,), (audio,) = told["metadata"]["video"], told["metadata"]["audio"]
    assert (told["metadata"]["format"], video["codec"], audio["codec"]) == ("MP4", "H.264", "AAC")
    assert (video["frame_rate"], video["duration"], video["duration_ms"]) == (25, "5", "5000")
    written = (mpc_files.fetch(target["object"], tmp_path) / "facts.json").read_text()
    assert MediaFacts.model_validate_json(written) == probe(clip)
    task = mpc_files.ended("list_extract_task", told["task_id"])
    assert (task["error_code"], task["description"]) == SUCCEEDED
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
