"""Work on files of other buckets, of which no medium comes."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.packaging import HlsEncryption, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import ImageWatermark
from chalicelib.processing import file_buckets, file_tasks
from chalicelib.processing.errors import (
    BucketNotAuthorised,
    FileTaskBegun,
    FileTaskNotEnded,
    FileTaskNotFailed,
    TaskNotFound,
)
from chalicelib.processing.file_tasks import (
    FileJob,
    FilePlace,
    FileRequest,
    FileTaskFilter,
    FileTaskView,
)
from chalicelib.processing.runner import run_next
from chalicelib.processing.subjects import name_of_file
from chalicelib.processing.timers import revive_jobs
from chalicelib.settings import settings
from chalicelib.store import database, jobs
from tests import clips
from tests.media.decoding import decode
from tests.pipeline.library import work_off

_VIDEO = VideoEncoding(size=PictureSize(width=320), preset="ultrafast")
_MP4 = RenditionSpec(container="mp4", video=_VIDEO, audio=AudioEncoding())
_HLS = RenditionSpec(
    container="m3u8", video=_VIDEO, audio=AudioEncoding(), segments=Segments(seconds=1)
)


@pytest.fixture(scope="module")
def buckets(deployment: dict[str, str]) -> tuple[str, str]:
    """Two buckets of the owner's: for sources, and for results."""
    names = tuple(f"films-{secrets.token_hex(6)}" for _ in range(2))
    for name in names:
        boto3.client("s3").create_bucket(Bucket=name)
    return names[0], names[1]


@pytest.fixture
def authorised(account_id: str, buckets: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The buckets, which the account lets be used."""
    for name in buckets:
        file_buckets.authorise(account_id, name)
    yield buckets
    for name in buckets:
        file_buckets.revoke(account_id, name)


def _put(bucket: str, key: str, path: Path) -> FilePlace:
    boto3.client("s3").upload_file(str(path), bucket, key)
    return FilePlace(bucket=bucket, key=key)


def _keys(bucket: str, prefix: str = "") -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


def _request(source: FilePlace, target: str, *specs: RenditionSpec, **changes: Any) -> FileRequest:
    """Transcode into a folder of its own."""
    folder = f"{secrets.token_hex(4)}/"
    work = [
        FileJob(
            "transcode", spec.model_dump_json(), f"{folder}made-{number}", template_id=f"{number}"
        )
        for number, spec in enumerate(specs)
    ]
    return FileRequest(
        kind="transcode",
        source=source,
        target=FilePlace(bucket=target, key=folder),
        work=work,
        analysed=True,
        **changes,
    )


def _seen(account_id: str, number: int) -> FileTaskView:
    return file_tasks.view(account_id, "transcode", number)


def _events(number: int) -> list[dict[str, Any]]:
    rows = database.run(
        lambda tx: database.many(
            tx,
            "SELECT payload FROM event WHERE event_type LIKE 'file_task%%' ORDER BY occurred_at",
        )
    )
    told = [json.loads(row["payload"]) for row in rows]
    return [payload for payload in told if payload["number"] == number]


def test_a_file_becomes_renditions_in_another_bucket(
    account_id: str, authorised: tuple[str, str], tmp_path: Path
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("normal_720p"))
    request = _request(source, authorised[1], _MP4, _HLS, user_data="mine", client='{"a":1}')
    task = file_tasks.submit(account_id, request)
    assert run_next("heavy") is False, "the source was not looked at yet"
    assert run_next("quick")
    assert _seen(account_id, task.number).task.state == "submitted"
    assert run_next("heavy"), "one run makes both"
    assert run_next("heavy") is False
    seen = _seen(account_id, task.number)
    assert (seen.task.state, seen.task.user_data, seen.task.client) == (
        "succeeded",
        "mine",
        '{"a":1}',
    )
    assert MediaFacts.model_validate_json(seen.task.facts).width == 1280
    made = [json.loads(job.result)["key"] for job in seen.jobs]
    folder = request.target.key
    assert made == [f"{folder}made-0.mp4", f"{folder}made-1.m3u8"]
    for key in _keys(authorised[1], folder):
        boto3.client("s3").download_file(authorised[1], key, str(tmp_path / key.rpartition("/")[2]))
    for entry in ("made-0.mp4", "made-1.m3u8"):
        assert len(decode(tmp_path / entry).times) > 100
    started, ended = _events(task.number)
    assert started["kind"] == ended["kind"] == "transcode"
    assert (ended["state"], ended["user_data"]) == ("succeeded", "mine")
    assert [output["keys"] for output in ended["outputs"]] == [[key] for key in made]


def test_nothing_goes_into_the_library(account_id: str, authorised: tuple[str, str]) -> None:
    before = set(_keys(settings().media_bucket))
    source = _put(authorised[0], "in/silent.mp4", clips.make("silent_video"))
    file_tasks.submit(account_id, _request(source, authorised[1], _HLS))
    work_off()
    rows = database.run(
        lambda tx: database.many(
            tx, "SELECT media_id FROM media WHERE account_id = %(account)s", account=account_id
        )
    )
    assert rows == []
    assert set(_keys(settings().media_bucket)) == before


def test_a_result_may_lie_at_the_bottom_of_a_bucket(
    account_id: str, authorised: tuple[str, str]
) -> None:
    source = _put(authorised[0], "bottom.mp4", clips.make("silent_video"))
    name = f"bottom-{secrets.token_hex(4)}"
    request = FileRequest(
        kind="transcode",
        source=source,
        target=FilePlace(bucket=authorised[1]),
        work=[FileJob("transcode", _MP4.model_dump_json(), name)],
        analysed=True,
    )
    file_tasks.submit(account_id, request)
    work_off()
    assert _keys(authorised[1], name) == [f"{name}.mp4"]


@pytest.mark.parametrize("missing", [0, 1])
def test_only_authorised_buckets_are_used(
    account_id: str, authorised: tuple[str, str], missing: int
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    request = _request(source, authorised[1], _MP4)
    task = file_tasks.submit(account_id, request)
    file_buckets.revoke(account_id, authorised[missing])
    with pytest.raises(BucketNotAuthorised):
        file_tasks.submit(account_id, request)
    work_off()
    ended = _seen(account_id, task.number).task
    assert (ended.state, ended.error_code) == ("failed", "BucketNotAuthorised")
    assert _keys(authorised[1], request.target.key) == []


def test_other_files_of_the_work_need_their_bucket_authorised(
    account_id: str, authorised: tuple[str, str]
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    mark = name_of_file(FilePlace(bucket="somebody-elses-bucket", key="mark.png"))
    marked = _VIDEO.model_copy(update={"watermarks": (ImageWatermark(file=mark),)})
    spec = _MP4.model_copy(update={"video": marked})
    with pytest.raises(BucketNotAuthorised, match="somebody-elses-bucket"):
        file_tasks.submit(account_id, _request(source, authorised[1], spec))


def test_what_is_no_media_file_fails_as_a_whole(
    account_id: str, authorised: tuple[str, str], tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is no video" * 100)
    source = _put(authorised[0], "in/text.mp4", text)
    task = file_tasks.submit(account_id, _request(source, authorised[1], _MP4, _HLS))
    work_off()
    seen = _seen(account_id, task.number)
    assert (seen.task.state, seen.task.error_code) == ("failed", "SourceBad")
    assert [job.state for job in seen.jobs] == ["cancelled", "cancelled"]
    assert [event.get("state") for event in _events(task.number)] == ["failed"]


def test_one_rendition_that_fails_fails_the_task_and_spares_the_others(
    account_id: str, authorised: tuple[str, str]
) -> None:
    source = _put(authorised[0], "in/silent.mp4", clips.make("silent_video"))
    sound = RenditionSpec(container="mp3", audio=AudioEncoding(codec="mp3"))
    task = file_tasks.submit(account_id, _request(source, authorised[1], _MP4, sound))
    work_off()
    seen = _seen(account_id, task.number)
    assert [job.state for job in seen.jobs] == ["succeeded", "failed"]
    assert (seen.task.state, seen.task.error_code) == ("failed", seen.jobs[1].error_code)


def test_a_failed_work_takes_back_what_it_wrote_and_nothing_else(
    account_id: str, authorised: tuple[str, str], setting: Any
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("normal_720p"))
    request = _request(source, authorised[1], _HLS)
    theirs = f"{request.target.key}made-0-99999.ts"
    boto3.client("s3").put_object(Bucket=authorised[1], Key=theirs, Body=b"theirs")
    setting(max_output_bytes=60_000)
    task = file_tasks.submit(account_id, request)
    work_off()
    assert _seen(account_id, task.number).task.error_code == "OutputTooLarge"
    assert _keys(authorised[1], request.target.key) == [theirs]


def test_only_what_waits_can_be_cancelled(account_id: str, authorised: tuple[str, str]) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    waiting = file_tasks.submit(account_id, _request(source, authorised[1], _MP4)).number
    file_tasks.cancel(account_id, "transcode", waiting)
    file_tasks.cancel(account_id, "transcode", waiting)
    work_off()
    assert _seen(account_id, waiting).task.state == "cancelled"
    assert [event.get("state") for event in _events(waiting)] == ["cancelled"]
    done = file_tasks.submit(account_id, _request(source, authorised[1], _MP4)).number
    work_off()
    with pytest.raises(FileTaskBegun):
        file_tasks.cancel(account_id, "transcode", done)
    for account, kind, number in (
        ("another", "transcode", waiting),
        (account_id, "remux", waiting),
        (account_id, "transcode", 1),
    ):
        with pytest.raises(TaskNotFound):
            file_tasks.cancel(account, kind, number)  # type: ignore[arg-type]


def test_only_what_has_ended_is_forgotten(account_id: str, authorised: tuple[str, str]) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    request = _request(source, authorised[1], _MP4)
    task = file_tasks.submit(account_id, request)
    with pytest.raises(FileTaskNotEnded):
        file_tasks.delete(account_id, "transcode", task.number)
    work_off()
    file_tasks.delete(account_id, "transcode", task.number)
    with pytest.raises(TaskNotFound):
        _seen(account_id, task.number)
    left = database.run(lambda tx: database.many(tx, "SELECT job_id FROM job"))
    assert left == []
    assert _keys(authorised[1], request.target.key) == [f"{request.target.key}made-0.mp4"]


def test_what_failed_can_begin_once_more(
    account_id: str, authorised: tuple[str, str], setting: Any
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    setting(max_output_bytes=10_000)
    task = file_tasks.submit(account_id, _request(source, authorised[1], _MP4))
    with pytest.raises(FileTaskNotFailed):
        file_tasks.retry(account_id, "transcode", task.number)
    work_off()
    assert _seen(account_id, task.number).task.state == "failed"
    setting(max_output_bytes=10_000_000)
    file_tasks.retry(account_id, "transcode", task.number)
    assert _seen(account_id, task.number).task.state == "submitted"
    work_off()
    seen = _seen(account_id, task.number)
    assert (seen.task.state, seen.task.error_code, seen.jobs[0].attempts) == ("succeeded", "", 1)
    states = [event.get("state") for event in _events(task.number)]
    assert states == [None, "failed", None, "succeeded"]


def test_a_worker_that_dies_changes_nothing(account_id: str, authorised: tuple[str, str]) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    request = _request(source, authorised[1], _HLS)
    task = file_tasks.submit(account_id, request)
    assert run_next("quick")

    def take_and_die(tx: database.Transaction) -> None:
        job = jobs.next_submitted(tx, "heavy", datetime.now(UTC))
        assert job is not None
        past = datetime.now(UTC) - timedelta(seconds=1)
        assert jobs.start(tx, job.job_id, "dead", past, past)

    database.run(take_and_die)
    assert revive_jobs() >= 1
    work_off()
    seen = _seen(account_id, task.number)
    assert (seen.task.state, seen.jobs[0].attempts) == ("succeeded", 2)
    assert [event.get("state") for event in _events(task.number)] == [None, "succeeded"]


def test_a_long_source_is_shared_out(
    account_id: str, authorised: tuple[str, str], tmp_path: Path, setting: Any
) -> None:
    setting(transcode_target_seconds=1)
    clip = tmp_path / "long.mp4"
    clips.ffmpeg("-stream_loop", "3", "-i", clips.make("normal_720p"), "-c", "copy", clip)
    source = _put(authorised[0], "in/long.mp4", clip)
    request = _request(source, authorised[1], _HLS)
    task = file_tasks.submit(account_id, request)
    assert run_next("quick")
    assert run_next("heavy")
    waiting = database.run(
        lambda tx: database.many(tx, "SELECT kind, file_task FROM job WHERE kind = 'chunk'")
    )
    assert {row["file_task"] for row in waiting} == {task.number}
    assert len(waiting) > 2
    work_off()
    seen = _seen(account_id, task.number)
    assert (seen.task.state, seen.task.total, len(seen.jobs)) == ("succeeded", 1, 1)
    for key in _keys(authorised[1], request.target.key):
        boto3.client("s3").download_file(authorised[1], key, str(tmp_path / key.rpartition("/")[2]))
    frames = len(decode(tmp_path / "made-0.m3u8").times)
    assert frames == len(decode(clip).times)
    assert _keys(settings().media_bucket, "work/") == []


def test_a_key_that_was_brought_encrypts_the_rendition(
    account_id: str, authorised: tuple[str, str], tmp_path: Path
) -> None:
    source = _put(authorised[0], "in/clip.mp4", clips.make("silent_video"))
    encryption = HlsEncryption(key_uri="https://keys.example.com/k")
    spec = _HLS.model_copy(update={"encryption": encryption})
    key = secrets.token_bytes(16)
    folder = f"{secrets.token_hex(4)}/"
    request = FileRequest(
        kind="transcode",
        source=source,
        target=FilePlace(bucket=authorised[1], key=folder),
        work=[FileJob("transcode", spec.model_dump_json(), f"{folder}secret", key=key)],
        analysed=True,
    )
    file_tasks.submit(account_id, request)
    stored = database.run(lambda tx: database.many(tx, "SELECT ciphertext FROM stream_key"))
    assert all(key.hex() not in row["ciphertext"] for row in stored)
    work_off()
    for name in _keys(authorised[1], folder):
        boto3.client("s3").download_file(
            authorised[1], name, str(tmp_path / name.rpartition("/")[2])
        )
    manifest = tmp_path / "secret.m3u8"
    assert "https://keys.example.com/k" in manifest.read_text()
    (tmp_path / "key.ts").write_bytes(key)
    manifest.write_text(manifest.read_text().replace("https://keys.example.com/k", "key.ts"))
    assert len(decode(manifest).times) > 20


def test_tasks_are_listed_counted_and_summed_up(
    account_id: str, authorised: tuple[str, str]
) -> None:
    source = _put(authorised[0], "in/one.mp4", clips.make("silent_video"))
    other = _put(authorised[0], "in/two.mp4", clips.make("silent_video"))
    first = file_tasks.submit(account_id, _request(source, authorised[1], _MP4)).number
    second = file_tasks.submit(account_id, _request(other, authorised[1], _MP4)).number
    file_tasks.cancel(account_id, "transcode", second)
    work_off()

    def found(**wanted: Any) -> list[int]:
        page = file_tasks.list_tasks(account_id, "transcode", FileTaskFilter(**wanted))
        assert page.total == len(page.tasks)
        return [view.task.number for view in page.tasks]

    now = datetime.now(UTC)
    assert found() == [second, first]
    assert found(numbers=(first, 5)) == [first]
    assert found(state="cancelled") == [second]
    assert found(source_bucket=authorised[0], source_key="in/one.mp4") == [first]
    assert found(since=now) == []
    assert found(until=now, since=now - timedelta(hours=1)) == [second, first]
    page = file_tasks.list_tasks(account_id, "transcode", FileTaskFilter(), offset=1, limit=1)
    assert ([view.task.number for view in page.tasks], page.total) == ([first], 2)
    days = file_tasks.summary(
        account_id, "transcode", now - timedelta(days=1), now + timedelta(days=1)
    )
    assert [day.count for day in days] == [1]
    assert days[0].source_seconds == pytest.approx(4, abs=0.1)
    assert days[0].work_seconds > 0


def test_waiting_ends_with_the_task_or_with_patience(
    account_id: str, authorised: tuple[str, str]
) -> None:
    source = _put(authorised[0], "in/one.mp4", clips.make("silent_video"))
    number = file_tasks.submit(account_id, _request(source, authorised[1], _MP4)).number
    assert file_tasks.wait(account_id, "transcode", number, 0.2).task.state == "submitted"
    work_off()
    assert file_tasks.wait(account_id, "transcode", number, 60).task.state == "succeeded"
