"""What tasks on files make besides renditions: other containers, pictures, images, facts."""

import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import BaseModel

from chalicelib.media.probe import probe
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.mediaspec.animated_file import read_facts
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import remuxed
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing import file_buckets, file_tasks, runner
from chalicelib.processing.file_pictures import pack
from chalicelib.processing.file_specs import (
    FactsSpec,
    PicturesMade,
    PicturesSpec,
    RemuxSpec,
    picture_name,
)
from chalicelib.processing.file_tasks import (
    FileJob,
    FilePlace,
    FileRequest,
    FileTaskFilter,
    FileTaskView,
)
from chalicelib.processing.timers import revive_jobs
from chalicelib.store import database, object_deletion, objects
from chalicelib.store.file_tasks import FileTaskKind
from chalicelib.store.jobs import JobKind
from tests import clips
from tests.media.decoding import decode, jpeg_frame
from tests.pipeline.library import work_off


class Files:
    """Buckets of the owner's, and tasks on what lies in them."""

    def __init__(self, account_id: str, bucket: str) -> None:
        self.account_id, self.bucket = account_id, bucket

    def put(self, clip: Path, key: str) -> FilePlace:
        boto3.client("s3").upload_file(str(clip), self.bucket, key)
        return FilePlace(bucket=self.bucket, key=key)

    def keys(self, prefix: str) -> list[str]:
        listed = boto3.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"].removeprefix(prefix) for item in listed.get("Contents", [])]

    def fetch(self, folder: str, into: Path) -> None:
        for name in self.keys(folder):
            boto3.client("s3").download_file(self.bucket, folder + name, str(into / name))

    def done(
        self,
        kind: FileTaskKind,
        job: JobKind,
        source: FilePlace,
        folder: str,
        name: str,
        spec: BaseModel,
    ) -> FileTaskView:
        """The task after it was worked off."""
        work = FileJob(job, spec.model_dump_json(), f"{folder}{name}")
        target = FilePlace(bucket=self.bucket, key=folder)
        task = file_tasks.submit(self.account_id, FileRequest(kind, source, target, [work]))
        work_off()
        return file_tasks.view(self.account_id, kind, task.number)


@pytest.fixture(scope="module")
def bucket(deployment: dict[str, str]) -> str:
    name = f"films-{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def files(account_id: str, bucket: str) -> Iterator[Files]:
    file_buckets.authorise(account_id, bucket)
    yield Files(account_id, bucket)
    file_buckets.revoke(account_id, bucket)


@pytest.fixture
def folder() -> str:
    return f"{secrets.token_hex(4)}/"


def outputs_told(number: int) -> list[dict[str, Any]]:
    """What the event at the end of a task says of its results."""
    rows = database.run(
        lambda tx: database.many(
            tx, "SELECT payload FROM event WHERE event_type = 'file_task_ended'"
        )
    )
    payloads = [json.loads(row["payload"]) for row in rows]
    (told,) = [payload["outputs"] for payload in payloads if payload["number"] == number]
    return list(told)


def test_hls_under_a_name_that_no_playlist_could_have(
    files: Files, folder: str, tmp_path: Path
) -> None:
    source = files.put(clips.make("flv"), "in/clip.flv")
    spec = RemuxSpec(rendition=remuxed("m3u8", segments=Segments(seconds=2)), file_name="影片.m3u8")
    seen = files.done("remux", "remux", source, folder, "影片", spec)
    assert seen.task.state == "succeeded", seen.task.error_message
    number = seen.task.number
    assert files.keys(folder) == [f"{number}-00001.ts", f"{number}-00002.ts", "影片.m3u8"]
    files.fetch(folder, tmp_path)
    assert len(decode(tmp_path / "影片.m3u8").times) == len(decode(clips.make("flv")).times)
    (job,) = seen.jobs
    assert json.loads(job.result)["key"] == f"{folder}影片.m3u8"
    assert outputs_told(number)[0]["keys"] == [f"{folder}影片.m3u8"]
    now = datetime.now(UTC)
    (day,) = file_tasks.summary(files.account_id, "remux", now - timedelta(days=1), now)
    assert (day.count, day.source_seconds) == (1, pytest.approx(3, abs=0.1))


def test_a_remux_that_fails_leaves_nothing_and_can_be_tried_again(
    files: Files, folder: str
) -> None:
    place = FilePlace(bucket=files.bucket, key=f"in/{secrets.token_hex(4)}.mp4")
    spec = RemuxSpec(rendition=remuxed("m3u8"), file_name="film.M3U8")
    seen = files.done("remux", "remux", place, folder, "film", spec)
    assert (seen.task.state, seen.task.error_code) == ("failed", "SourceMissing")
    number = seen.task.number
    for clip, code in (("webm", "TargetUnfit"), ("flv", "")):
        files.put(clips.make(clip), place.key)
        file_tasks.retry(files.account_id, "remux", number)
        work_off()
        seen = file_tasks.view(files.account_id, "remux", number)
        assert seen.task.error_code == code
    assert seen.task.state == "succeeded"
    assert files.keys(folder) == ["film-00001.ts", "film.M3U8"]


def test_segments_do_not_outlive_a_failure(
    files: Files, folder: str, monkeypatch: pytest.MonkeyPatch, setting: Any
) -> None:
    source = files.put(clips.make("flv"), "in/clip.flv")
    spec = RemuxSpec(rendition=remuxed("m3u8", segments=Segments(seconds=1)), file_name="a.m3u8")
    upload = objects.upload

    def refuse(path: Path, key: str, bucket: str | None = None) -> None:
        if key.endswith(".m3u8"):
            raise OSError("the bucket is full")
        upload(path, key, bucket)

    monkeypatch.setattr(objects, "upload", refuse)
    setting(job_max_attempts=1)
    seen = files.done("remux", "remux", source, folder, "a", spec)
    assert seen.task.state == "failed"
    assert files.keys(folder) == []


def test_pictures_are_named_after_their_places(files: Files, folder: str, tmp_path: Path) -> None:
    source = files.put(clips.make("normal_720p"), "in/clip.mp4")
    pictures = SnapshotSpec(count=None, interval_percent=30, with_end=True, longest=96)
    seen = files.done(
        "thumbnails", "snapshot", source, folder, "still_", PicturesSpec(pictures=pictures)
    )
    assert seen.task.state == "succeeded", seen.task.error_message
    names = ["still_0.jpg", "still_1.5.jpg", "still_3.jpg", "still_4.5.jpg", "still_5.jpg"]
    assert sorted(files.keys(folder)) == names
    result = PicturesMade.model_validate_json(seen.jobs[0].result)
    assert (result.folder, result.names, result.key) == (folder, names, None)
    assert outputs_told(seen.task.number)[0]["keys"] == [folder + name for name in names]
    files.fetch(folder, tmp_path)
    for name in names:
        frame = jpeg_frame(tmp_path / name)
        assert (frame.width, frame.height) == (96, 54)


def test_one_picture_has_the_name_itself(files: Files, folder: str) -> None:
    source = files.put(clips.make("contract"), "in/contract.mp4")
    spec = PicturesSpec(pictures=SnapshotSpec(times_ms=(1040,), format="png"), numbered=False)
    files.done("thumbnails", "snapshot", source, folder, "cover", spec)
    assert files.keys(folder) == ["cover.png"]


def test_pictures_in_an_archive(files: Files, folder: str, tmp_path: Path) -> None:
    source = files.put(clips.make("contract"), "in/contract.mp4")
    spec = PicturesSpec(pictures=SnapshotSpec(times_ms=(0, 1000)), archive="all.tar")
    seen = files.done("thumbnails", "snapshot", source, folder, "", spec)
    result = PicturesMade.model_validate_json(seen.jobs[0].result)
    assert (result.names, result.key) == (["0.jpg", "1.jpg"], f"{folder}all.tar")
    assert files.keys(folder) == ["all.tar"]
    files.fetch(folder, tmp_path)
    with tarfile.open(tmp_path / "all.tar") as tar:
        assert tar.getnames() == ["0.jpg", "1.jpg"]
        tar.extractall(tmp_path, filter="data")
    assert jpeg_frame(tmp_path / "1.jpg").width == 320


def test_pictures_beyond_the_end_are_none_and_no_failure(files: Files, folder: str) -> None:
    source = files.put(clips.make("contract"), "in/contract.mp4")
    pictures = SnapshotSpec(start_ms=60_000, count=None, beyond="nothing")
    spec = PicturesSpec(pictures=pictures, archive="all.tar")
    seen = files.done("thumbnails", "snapshot", source, folder, "", spec)
    assert seen.task.state == "succeeded"
    assert files.keys(folder) == []
    assert outputs_told(seen.task.number)[0]["keys"] == []


def test_pictures_do_not_outlive_a_failure(
    files: Files, folder: str, monkeypatch: pytest.MonkeyPatch, setting: Any
) -> None:
    source = files.put(clips.make("contract"), "in/contract.mp4")
    upload = objects.upload

    def refuse(path: Path, key: str, bucket: str | None = None) -> None:
        if key.endswith("1.jpg"):
            raise OSError("the bucket is full")
        upload(path, key, bucket)

    monkeypatch.setattr(objects, "upload", refuse)
    setting(job_max_attempts=1)
    spec = PicturesSpec(pictures=SnapshotSpec(times_ms=(0, 1000)))
    seen = files.done("thumbnails", "snapshot", source, folder, "", spec)
    assert seen.task.state == "failed"
    assert files.keys(folder) == []


def test_an_animated_image(files: Files, folder: str, tmp_path: Path) -> None:
    source = files.put(clips.make("contract"), "in/contract.mp4")
    spec = AnimatedSpec(format="gif", start=0.5, duration=1, width=96, fps=5)
    seen = files.done("animated", "animated", source, folder, "moving", spec)
    assert seen.task.state == "succeeded", seen.task.error_message
    assert json.loads(seen.jobs[0].result)["key"] == f"{folder}moving.gif"
    files.fetch(folder, tmp_path)
    image = read_facts(tmp_path / "moving.gif", "gif")
    assert (image.width, image.height, image.frames) == (96, 54, 5)


def test_facts_are_the_result_and_a_file(files: Files, folder: str, tmp_path: Path) -> None:
    source = files.put(clips.make("normal_720p"), "in/clip.mp4")
    seen = files.done("metadata", "probe", source, folder, "", FactsSpec(file_name="facts.json"))
    result = json.loads(seen.jobs[0].result)
    assert result["key"] == f"{folder}facts.json"
    facts = MediaFacts.model_validate(result["facts"])
    assert facts == probe(clips.make("normal_720p"))
    files.fetch(folder, tmp_path)
    assert MediaFacts.model_validate_json((tmp_path / "facts.json").read_text()) == facts


def test_a_bucket_that_has_gone_is_told_of(
    account_id: str, files: Files, folder: str, setting: Any
) -> None:
    setting(job_max_attempts=1)
    source = files.put(clips.make("contract"), "in/contract.mp4")
    gone = f"films-{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=gone)
    file_buckets.authorise(account_id, gone)
    boto3.client("s3").delete_bucket(Bucket=gone)
    elsewhere = Files(account_id, gone)
    kinds: list[tuple[FileTaskKind, JobKind, BaseModel]] = [
        ("metadata", "probe", FactsSpec(file_name="facts.json")),
        ("thumbnails", "snapshot", PicturesSpec(pictures=SnapshotSpec())),
        ("remux", "remux", RemuxSpec(rendition=remuxed("mp4"), file_name="a.mp4")),
        ("animated", "animated", AnimatedSpec(format="gif", duration=0.2)),
    ]
    for kind, job, spec in kinds:
        seen = elsewhere.done(kind, job, source, folder, "a", spec)
        assert (seen.task.state, seen.task.error_code) == ("failed", "BucketRefused"), kind
        assert f"the bucket {gone} refuses" in seen.task.error_message


class Killed(BaseException):
    """Nothing that the code could react to."""


@pytest.mark.parametrize(
    ("kind", "job", "name", "spec"),
    [
        (
            "remux",
            "remux",
            "film",
            RemuxSpec(
                rendition=remuxed("m3u8", segments=Segments(seconds=1)), file_name="film.m3u8"
            ),
        ),
        ("thumbnails", "snapshot", "", PicturesSpec(pictures=SnapshotSpec(times_ms=(0, 1000)))),
        ("animated", "animated", "moving", AnimatedSpec(format="gif", duration=0.4, width=96)),
        ("metadata", "probe", "", FactsSpec(file_name="facts.json")),
    ],
)
@pytest.mark.parametrize("uploads", [0, 1])
def test_a_worker_that_is_killed_changes_nothing(
    kind: FileTaskKind,
    job: JobKind,
    name: str,
    spec: BaseModel,
    uploads: int,
    files: Files,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anything is uploaded, and after something was: then it lies there."""
    source = files.put(clips.make("flv"), "in/clip.flv")
    expected = files.done(kind, job, source, f"{folder}calm/", name, spec)
    done = 0

    def mortal(how: Callable[..., None]) -> Callable[..., None]:
        def upload(*arguments: object) -> None:
            nonlocal done
            if done >= uploads:
                raise Killed
            how(*arguments)
            done += 1

        return upload

    with monkeypatch.context() as patch:
        patch.setattr(objects, "upload", mortal(objects.upload))
        patch.setattr(objects, "put_text", mortal(objects.put_text))
        patch.setattr(object_deletion, "delete_objects", lambda *_: None)
        patch.setattr(runner, "_conclude", mortal(runner._conclude))
        with pytest.raises(Killed):
            files.done(kind, job, source, f"{folder}wild/", name, spec)
    late = "UPDATE job SET due_at = now() - interval '1 second' WHERE state = 'running'"
    assert database.run(lambda tx: database.change(tx, late)) == 1
    assert revive_jobs() == 1
    work_off()
    assert files.keys(f"{folder}wild/") == files.keys(f"{folder}calm/")
    seen = file_tasks.list_tasks(files.account_id, kind, FileTaskFilter()).tasks[0]
    assert (seen.task.state, seen.jobs[0].attempts) == ("succeeded", 2)
    (told,), (calm,) = outputs_told(seen.task.number), outputs_told(expected.task.number)
    assert told["keys"] == [key.replace("/calm/", "/wild/") for key in calm["keys"]]


@pytest.mark.parametrize(
    ("clip", "code"), [("zero_byte", "SourceBad"), ("text_named_mp4", "SourceBad")]
)
def test_what_is_no_media_fails_every_kind(clip: str, code: str, files: Files, folder: str) -> None:
    source = files.put(clips.make(clip), f"in/{clip}.mp4")
    kinds: list[tuple[FileTaskKind, JobKind, BaseModel]] = [
        ("metadata", "probe", FactsSpec()),
        ("thumbnails", "snapshot", PicturesSpec(pictures=SnapshotSpec())),
        ("remux", "remux", RemuxSpec(rendition=remuxed("mp4"), file_name="a.mp4")),
        ("animated", "animated", AnimatedSpec(format="gif")),
    ]
    for kind, job, spec in kinds:
        seen = files.done(kind, job, source, folder, "a", spec)
        assert (seen.task.state, seen.task.error_code) == ("failed", code), kind
    assert files.keys(folder) == []


def test_a_sound_file_has_no_pictures(files: Files, folder: str) -> None:
    source = files.put(clips.make("audio_only"), "in/sound.mp4")
    spec = PicturesSpec(pictures=SnapshotSpec())
    seen = files.done("thumbnails", "snapshot", source, folder, "a", spec)
    assert (seen.task.state, seen.task.error_code) == ("failed", "NoVideoStream")


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    work = []
    for number in range(3):
        path = tmp_path / f"{number}"
        path.write_bytes(bytes([number]) * 700)
        work.append((f"图_{number}.jpg", path))
    pack(work, tmp_path / "one.tar")
    for _, path in work:
        path.touch()
        path.chmod(0o600)
    pack(work, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as tar:
        assert tar.getnames() == [name for name, _ in work]


@pytest.mark.parametrize(
    ("place", "name"),
    [(0, "0.jpg"), (9000, "9.jpg"), (2500, "2.5.jpg"), (60_186, "60.186.jpg"), (20, "0.02.jpg")],
)
def test_names_of_pictures(place: int, name: str) -> None:
    assert picture_name("", place, "jpg") == name
