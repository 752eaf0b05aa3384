"""Renditions of one source: made together, shared out among many workers, stopped, left behind."""

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import boto3
import pytest

from chalicelib import processing
from chalicelib.ingest.completion import complete_upload
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import ImageWatermark
from chalicelib.playback.private_keys import media_key
from chalicelib.processing import renditions
from chalicelib.processing.encryption import encrypted
from chalicelib.processing.lease import Leases
from chalicelib.processing.runner import run_next
from chalicelib.processing.submission import Wishes, create_task
from chalicelib.processing.template_groups import Template, TemplateGroup
from chalicelib.processing.timers import revive_jobs
from chalicelib.processing.unfinished import note_outputs, remove_leftovers
from chalicelib.settings import settings
from chalicelib.store import database, jobs, media
from tests import clips
from tests.media.decoding import decode
from tests.pipeline.library import (
    event_types,
    media_row,
    new_upload,
    object_keys,
    put,
    rows,
    work_off,
)

_VIDEO = VideoEncoding(size=PictureSize(width=320), preset="ultrafast")
_HLS = RenditionSpec(
    container="m3u8", video=_VIDEO, audio=AudioEncoding(), segments=Segments(seconds=4)
)
_MP4 = RenditionSpec(container="mp4", video=_VIDEO, audio=AudioEncoding())
# Slow enough to be met while it runs.
_SLOW = RenditionSpec(
    container="m3u8", video=VideoEncoding(preset="medium"), segments=Segments(seconds=1)
)


@pytest.fixture
def short_patience(deployment: dict[str, str]) -> Iterator[None]:
    """A target that a source of twenty seconds exceeds."""
    yield from _with_setting("OPENVOD_TRANSCODE_TARGET_SECONDS", "1")


@pytest.fixture
def playable_early(deployment: dict[str, str]) -> Iterator[None]:
    yield from _with_setting("OPENVOD_PLAYABLE_WHILE_TRANSCODING", "true")


def _with_setting(name: str, value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds with a sound of just that length."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    clips.ffmpeg(
        *("-stream_loop", "3", "-i", clips.make("normal_720p")),
        *("-f", "lavfi", "-i", "sine=f=440:r=44100:d=20", "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", "-c:a", "aac", path),
    )
    return path


def _ask(account_id: str, source: Path, *specs: RenditionSpec) -> tuple[str, str]:
    """Upload and ask for these renditions; the ids of media and task."""
    grant = new_upload(account_id)
    complete_upload(put(grant, source.read_bytes()))
    work_off()
    templates = tuple(
        Template(template_id=f"{number}", name="t", definition="LD", spec=spec)
        for number, spec in enumerate(specs)
    )
    group = TemplateGroup(group_id="g", name="g", templates=templates)

    def write(tx: database.Transaction) -> str:
        record = media.get_any(tx, grant.media_id)
        assert record is not None
        task, _ = create_task(tx, record, group, "request", Wishes(), datetime.now(UTC))
        return task.task_id

    return grant.media_id, database.run(write)


def _jobs(media_id: str, kind: str) -> list[dict[str, Any]]:
    return [row for row in rows("job", media_id, "created_at, job_id") if row["kind"] == kind]


def _states(media_id: str, kind: str = "transcode") -> list[str]:
    return [row["state"] for row in _jobs(media_id, kind)]


def _notes(*owners: str) -> list[dict[str, Any]]:
    statement = "SELECT * FROM unfinished_output WHERE owner_id = ANY(%(owners)s)"
    return database.run(lambda tx: database.many(tx, statement, owners=list(owners)))


def _change(statement: str, **values: object) -> None:
    database.run(lambda tx: database.change(tx, statement, **values))


def _made(media_id: str, folder: Path) -> list[Path]:
    """The renditions, downloaded with all their segments."""
    entries = []
    for stream in rows("stream", media_id, "format"):
        if stream["original"]:
            continue
        for key in object_keys(stream["object_key"].rsplit(".", 1)[0]):
            body = boto3.client("s3").get_object(Bucket=settings().media_bucket, Key=key)["Body"]
            (folder / key.rsplit("/", 1)[1]).write_bytes(body.read())
        entries.append(folder / stream["object_key"].rsplit("/", 1)[1])
    return entries


def test_renditions_of_a_task_are_made_in_one_run(account_id: str) -> None:
    media_id, _ = _ask(account_id, clips.make("silent_video"), _HLS, _MP4)
    assert run_next("heavy")
    assert _states(media_id) == ["succeeded"] * 2
    assert run_next("heavy") is False
    assert event_types(media_id).count("transcode_complete") == 1
    assert _notes(*(row["job_id"] for row in _jobs(media_id, "transcode"))) == []


def test_a_rendition_that_cannot_work_fails_alone(account_id: str) -> None:
    picture = new_upload(account_id)
    put(picture, b"this is no picture")
    mark = ImageWatermark(file=picture.key)
    spoiled = _MP4.model_copy(update={"video": _VIDEO.model_copy(update={"watermarks": (mark,)})})
    refused = RenditionSpec.model_validate(
        {
            "container": "mp4",
            "video": {"size": {"width": 4000}},
            "conditions": {"resolution": "refuse"},
        }
    )
    media_id, _ = _ask(account_id, clips.make("silent_video"), spoiled, _MP4, refused)
    runs: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        real = renditions.transcode_renditions

        def counted(source: Any, facts: Any, wanted: Any, *rest: Any, **others: Any) -> Any:
            runs.append(len(wanted))
            return real(source, facts, wanted, *rest, **others)

        patch.setattr(renditions, "transcode_renditions", counted)
        work_off()
    # Both together, and then each for itself.
    assert runs == [2, 1, 1]
    found = [(row["state"], row["error_code"]) for row in _jobs(media_id, "transcode")]
    assert found[1:] == [("succeeded", ""), ("failed", "ConditionRefused")]
    assert found[0][0] == "failed"
    assert found[0][1] not in ("", "Internal")
    assert media_row(media_id)["status"] == "normal"
    assert event_types(media_id).count("stream_transcode_complete") == 3


def test_chunks_become_the_same_renditions(
    account_id: str, short_patience: None, long_clip: Path, tmp_path: Path
) -> None:
    media_id, task_id = _ask(account_id, long_clip, _HLS, _MP4)
    assert run_next("heavy")
    waiting = _jobs(media_id, "transcode")
    assert [(row["state"], row["lease_owner"]) for row in waiting] == [("running", "")] * 2
    assert _states(media_id, "chunk") == ["submitted"] * 3
    plan_id = waiting[0]["plan_id"]
    assert run_next("heavy")
    assert 0 < processing.view_task(account_id, task_id).jobs[0].progress < 95
    assert object_keys(f"work/{plan_id}/")
    work_off()
    assert _states(media_id) == ["succeeded"] * 2
    assert object_keys(f"work/{plan_id}/") == []
    assert _jobs(media_id, "chunk") == []
    assert _notes(plan_id, *(row["job_id"] for row in waiting)) == []
    assert event_types(media_id).count("stream_transcode_complete") == 2
    assert event_types(media_id).count("transcode_complete") == 1
    whole = decode(long_clip)
    for entry in _made(media_id, tmp_path):
        made = decode(entry)
        assert made.times == pytest.approx([number / 25 for number in range(500)], abs=1e-4)
        assert abs(made.samples - whole.samples) <= 2048


def test_chunks_of_encrypted_and_marked_renditions(
    account_id: str, short_patience: None, long_clip: Path, tmp_path: Path
) -> None:
    """Encrypted when they are joined; a mark that is no picture fails its own rendition alone."""
    picture = new_upload(account_id)
    put(picture, b"this is no picture")
    video = _VIDEO.model_copy(update={"watermarks": (ImageWatermark(file=picture.key),)})
    spoiled = _MP4.model_copy(update={"video": video})
    media_id, _ = _ask(account_id, long_clip, encrypted(_HLS), spoiled)
    work_off()
    jobs_made = _jobs(media_id, "transcode")
    assert all(row["plan_id"] for row in jobs_made)
    assert [(row["state"], row["error_code"]) for row in jobs_made] == [
        ("succeeded", ""),
        ("failed", "SourceBad"),
    ]
    (entry,) = _made(media_id, tmp_path)
    text = entry.read_text()
    assert text.count("#EXT-X-KEY:METHOD=AES-128") == 1
    with pytest.raises(av.error.FFmpegError):
        decode(next(tmp_path.glob("*-00001.ts")))
    (tmp_path / "key.ts").write_bytes(media_key(media_id))
    opened = tmp_path / "opened.m3u8"
    opened.write_text(re.sub('URI="[^"]*"', 'URI="key.ts"', text))
    made = decode(opened)
    assert made.times == pytest.approx([number / 25 for number in range(500)], abs=1e-4)


def test_workers_die_over_chunks_and_the_last_word_is_lost(
    account_id: str, short_patience: None, long_clip: Path
) -> None:
    media_id, _ = _ask(account_id, long_clip, _MP4)
    assert run_next("heavy")
    first = jobs.Job.model_validate(_jobs(media_id, "chunk")[1])
    now = datetime.now(UTC)
    ago = now - timedelta(seconds=9)
    database.run(lambda tx: jobs.start(tx, first.job_id, "dead worker", now, ago))
    assert revive_jobs() >= 1
    # A worker that takes none of the plan's own steps after its chunk has ended.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.processing.splitting.advance", lambda plan_id: [])
        work_off()
    assert _states(media_id, "chunk") == ["succeeded"] * 3
    assert _states(media_id) == ["running"]
    _change(
        "UPDATE job SET due_at = created_at WHERE media_id = %(media_id)s AND state = 'running'",
        media_id=media_id,
    )
    assert revive_jobs() >= 1
    work_off()
    assert _states(media_id) == ["succeeded"]
    assert event_types(media_id).count("transcode_complete") == 1


def test_a_chunk_that_fails_for_good_fails_its_renditions(
    account_id: str, short_patience: None, long_clip: Path
) -> None:
    media_id, _ = _ask(account_id, long_clip, _HLS, _MP4)
    assert run_next("heavy")
    plan_id = _jobs(media_id, "transcode")[0]["plan_id"]
    _change(
        "UPDATE job SET attempts = 99 WHERE media_id = %(media_id)s AND kind = 'chunk'",
        media_id=media_id,
    )
    work_off()
    outcomes = [(row["state"], row["error_code"]) for row in _jobs(media_id, "transcode")]
    assert outcomes == [("failed", "Internal")] * 2
    assert object_keys(f"work/{plan_id}/") == []
    assert event_types(media_id).count("transcode_complete") == 1


def _running(media_id: str) -> threading.Thread:
    """A worker that has got somewhere with the slow rendition."""
    worker = threading.Thread(target=run_next, args=("heavy",))
    worker.start()
    deadline = time.monotonic() + 120
    while not [key for key in object_keys(f"{media_id}/") if key.endswith(".ts")]:
        assert worker.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return worker


def _encoders() -> list[int]:
    """The children of this process that are ffmpeg, or are about to be."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            of_us = f"PPid:\t{os.getpid()}\n" in status.read_text()
            if of_us and b"-progress" in status.with_name("cmdline").read_bytes().split(b"\0"):
                found.append(int(status.parent.name))
    return found


def test_a_cancelled_task_stops_its_worker_and_leaves_nothing(
    account_id: str, long_clip: Path
) -> None:
    media_id, task_id = _ask(account_id, long_clip, _SLOW)
    renewals: list[Leases] = []
    with pytest.MonkeyPatch.context() as patch:
        real = Leases._renew
        patch.setattr(Leases, "_renew", lambda self: (renewals.append(self), real(self)))
        worker = _running(media_id)
        assert _encoders()
        assert processing.cancel_task(account_id, task_id) is True
        renewals.clear()
        assert processing.cancel_task(account_id, task_id) is False
        worker.join(60)
    assert not worker.is_alive()
    # One may have been on its way, the next one finds out, and during another ffmpeg is killed.
    assert 1 <= len(renewals) <= 3
    assert _encoders() == []
    (job,) = _jobs(media_id, "transcode")
    assert (job["state"], job["error_code"]) == ("cancelled", "Cancelled")
    assert [key for key in object_keys(f"{media_id}/") if key.endswith((".ts", ".m3u8"))] == []
    assert _notes(job["job_id"]) == []
    assert event_types(media_id).count("transcode_complete") == 1
    assert media_row(media_id)["status"] == "normal"
    with pytest.raises(processing.TaskNotFound):
        processing.cancel_task(account_id, "0" * 32)


def test_a_rendition_plays_before_it_is_finished(
    account_id: str, long_clip: Path, playable_early: None
) -> None:
    media_id, _ = _ask(account_id, long_clip, _SLOW)
    worker = _running(media_id)
    deadline = time.monotonic() + 120
    while not (lists := [k for k in object_keys(f"{media_id}/") if k.endswith(".m3u8")]):
        assert worker.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    body = boto3.client("s3").get_object(Bucket=settings().media_bucket, Key=lists[0])["Body"]
    text = body.read().decode()
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert "#EXT-X-ENDLIST" not in text
    named = {line for line in text.splitlines() if not line.startswith("#")}
    assert named
    stored = {key.rsplit("/", 1)[1] for key in object_keys(f"{media_id}/")}
    assert named <= stored
    keys = [row["object_key"] for row in rows("stream", media_id) if not row["original"]]
    assert keys == lists
    # It is stopped, and then it does not play any more.
    (job,) = _jobs(media_id, "transcode")
    assert processing.cancel_job(account_id, job["job_id"]) is True
    worker.join(60)
    assert [row for row in rows("stream", media_id) if not row["original"]] == []
    assert [key for key in object_keys(f"{media_id}/") if key.endswith((".ts", ".m3u8"))] == []


def test_a_playlist_that_grew_ends_as_any_other(account_id: str, playable_early: None) -> None:
    media_id, _ = _ask(account_id, clips.make("silent_video"), _HLS)
    work_off()
    (playlist,) = (key for key in object_keys(f"{media_id}/") if key.endswith(".m3u8"))
    body = boto3.client("s3").get_object(Bucket=settings().media_bucket, Key=playlist)["Body"]
    text = body.read().decode()
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
    assert text.endswith("#EXT-X-ENDLIST\n")


def test_what_a_lost_worker_left_is_removed_when_its_job_is_cancelled(account_id: str) -> None:
    media_id, task_id = _ask(account_id, clips.make("silent_video"), _HLS)
    (job,) = _jobs(media_id, "transcode")
    name = f"{media_id}/lost-ld"
    store = boto3.client("s3")
    for rest in ("-00001.ts", "-00002.ts", "-00003-other.ts"):
        store.put_object(Bucket=settings().media_bucket, Key=name + rest, Body=b"x")
    note_outputs({job["job_id"]: name})
    later = datetime.now(UTC) + timedelta(hours=1)
    remove_leftovers(later)
    assert len(object_keys(name)) == 3  # the job may still be run
    processing.cancel_task(account_id, task_id)
    remove_leftovers(later + timedelta(hours=1))
    assert object_keys(name) == [f"{name}-00003-other.ts"]
    assert _notes(job["job_id"]) == []
