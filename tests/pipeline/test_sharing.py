"""A long source is encoded by many workers, and comes out as if one had done it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import processing
from chalicelib.ingest.completion import complete_upload
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing import unfinished
from chalicelib.processing.runner import run_next
from chalicelib.processing.submission import Wishes, create_task
from chalicelib.processing.template_groups import Template, TemplateGroup
from chalicelib.settings import settings
from chalicelib.store import database, jobs, media, objects
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


@pytest.fixture
def short_patience(deployment: dict[str, str]) -> Iterator[None]:
    """A target that a source of twenty seconds exceeds."""
    del deployment
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENVOD_TRANSCODE_TARGET_SECONDS", "1")
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twenty seconds."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    clips.ffmpeg(
        *("-stream_loop", "3", "-i", clips.make("normal_720p")),
        *("-f", "lavfi", "-i", "sine=f=440:r=44100:d=20", "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", "-c:a", "aac", path),
    )
    return path.read_bytes()


def _ask(account_id: str, source: bytes, *specs: RenditionSpec) -> tuple[str, str]:
    """Upload and ask for these renditions; the ids of media and task."""
    grant = new_upload(account_id)
    complete_upload(put(grant, source))
    work_off()
    group = TemplateGroup(
        group_id="g",
        name="g",
        templates=tuple(
            Template(template_id=f"{n}", name="t", definition="LD", spec=spec)
            for n, spec in enumerate(specs)
        ),
    )

    def write(tx: database.Transaction) -> str:
        record = media.get_any(tx, grant.media_id)
        assert record is not None
        from datetime import UTC, datetime

        task, _ = create_task(tx, record, group, "request", Wishes(), datetime.now(UTC))
        return task.task_id

    return grant.media_id, database.run(write)


def _transcodes(media_id: str) -> list[dict]:
    return [row for row in rows("job", media_id, "created_at") if row["kind"] == "transcode"]


def _chunks(media_id: str) -> list[dict]:
    return [row for row in rows("job", media_id, "created_at") if row["kind"] == "chunk"]


def test_chunks_become_the_same_renditions(
    account_id: str, short_patience: None, long_clip: bytes, tmp_path: Path
) -> None:
    media_id, task_id = _ask(account_id, long_clip, _HLS, _MP4)
    assert run_next("heavy")
    assert [row["state"] for row in _transcodes(media_id)] == ["running"] * 2
    assert [row["lease_owner"] for row in _transcodes(media_id)] == [""] * 2
    assert len(_chunks(media_id)) == 3
    plan = _transcodes(media_id)[0]["plan_id"]
    assert run_next("heavy")
    view = processing.view_task(account_id, task_id)
    assert 0 < view.jobs[0].progress < 95
    assert object_keys(f"work/{plan}/")
    work_off()
    assert [row["state"] for row in _transcodes(media_id)] == ["succeeded"] * 2
    assert object_keys(f"work/{plan}/") == []
    assert _chunks(media_id) == []
    assert event_types(media_id).count("stream_transcode_complete") == 2
    assert event_types(media_id).count("transcode_complete") == 1
    (tmp_path / "source.mp4").write_bytes(long_clip)
    whole = decode(tmp_path / "source.mp4")
    for stream in rows("stream", media_id, "format"):
        if stream["original"]:
            continue
        local = tmp_path / stream["object_key"].rsplit("/", 1)[1]
        for key in object_keys(stream["object_key"].rsplit(".", 1)[0]):
            (tmp_path / key.rsplit("/", 1)[1]).write_bytes(_bytes(key))
        made = decode(local)
        assert made.frames == whole.frames
        assert made.times == pytest.approx([n / 25 for n in range(500)], abs=1e-4)
        assert made.audio_seconds == pytest.approx(whole.audio_seconds, abs=0.05)


def _bytes(key: str) -> bytes:
    import boto3

    return boto3.client("s3").get_object(Bucket=settings().media_bucket, Key=key)["Body"].read()


_ = (Path, unfinished, jobs, objects, media_row)
