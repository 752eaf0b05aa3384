"""Deletion takes the bytes for sure, and nothing that was not to go."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from chalicelib.ingest.completion import complete_upload
from chalicelib.library import MediaNotFound, StreamNotFound, deletion
from chalicelib.library.deletion import finish_deletions
from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID
from chalicelib.processing.runner import run_next
from chalicelib.settings import settings
from chalicelib.store import database, media, object_deletion, outputs
from chalicelib.store.media import MediaStatus
from chalicelib.store.outputs import SnapshotSet, Stream
from tests.pipeline.library import event_types, media_row, new_upload, object_keys, put, rows

_NOW = datetime.now(UTC)


def _put(*keys: str) -> None:
    for key in keys:
        boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=key, Body=b"x")


def _stream(media_id: str, account_id: str, job_id: str, name: str, **more: Any) -> Stream:
    values: dict[str, Any] = {
        "job_id": job_id,
        "account_id": account_id,
        "media_id": media_id,
        "generation": 1,
        "template_id": "t",
        "definition": "LD",
        "format": "m3u8",
        "object_key": f"{media_id}/{name}.m3u8",
        "size": 1,
        "facts": "",
        "original": False,
        "created_at": _NOW,
        "modified_at": _NOW,
    }
    return Stream(**(values | more))


def _video(account_id: str, *, original: bool = False) -> str:
    """A video with a source, two streams (or the source as one) and covers, in the bucket too."""
    grant = new_upload(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    put(grant, b"the source")
    media_id = grant.media_id
    made = [
        _stream(media_id, account_id, f"{media_id}-1", "one-ld"),
        _stream(media_id, account_id, f"{media_id}-2", "two-ld", format="mp4"),
    ]
    if original:
        made = [
            _stream(media_id, account_id, f"{media_id}-0", "", original=True, object_key=grant.key)
        ]
    covers = SnapshotSet(
        job_id=f"{media_id}-c",
        account_id=account_id,
        media_id=media_id,
        kind="cover",
        key_pattern=f"{media_id}/covers/{{SnapshotCount}}.jpg",
        snapshot_count=1,
        created_at=_NOW,
        finished_at=_NOW,
    )

    def write(tx: database.Transaction) -> None:
        media.record_upload(tx, media_id, size=10, etag="e", sequencer="1", now=_NOW)
        media.set_status(tx, media_id, MediaStatus.NORMAL, _NOW)
        for stream in made:
            outputs.put_stream(tx, stream)
        outputs.put_snapshots(tx, covers)

    database.run(write)
    _put(f"{media_id}/covers/00001.jpg")
    if not original:
        _put(*(f"{media_id}/{name}" for name in ("one-ld.m3u8", "one-ld-00001.ts", "two-ld.m3u8")))
    return media_id


def _everything_of(media_id: str) -> list[str]:
    return object_keys(f"upload/{media_id}/") + object_keys(f"{media_id}/")


def _pending(media_id: str) -> list[dict[str, Any]]:
    return rows("deletion", media_id)


def _make_due(media_id: str) -> None:
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE deletion SET due_at = now() - interval '1 second' WHERE media_id = %(id)s",
            id=media_id,
        )
    )


def test_a_video_goes_with_all_its_bytes_and_its_neighbour_stays(account_id: str) -> None:
    gone, kept = _video(account_id), _video(account_id)
    untouched = _everything_of(kept)
    done = deletion.delete_media(account_id, [gone, gone, "unknown"])
    assert (done.unknown, done.refused) == (["unknown"], [])
    assert _everything_of(gone) == []
    for table in ("media", "stream", "snapshot_set", "media_text"):
        assert rows(table, gone) == [], table
    assert event_types(gone) == ["media_changed", "media_changed", "media_deleted"]
    assert _everything_of(kept) == untouched
    assert len(rows("stream", kept)) == 2
    assert event_types(kept) == ["media_changed"]
    assert deletion.delete_media(account_id, [gone]).unknown == [gone]


def test_media_of_others_stay(account_id: str) -> None:
    media_id = _video(account_id)
    before = _everything_of(media_id)
    assert deletion.delete_media("another", [media_id]).unknown == [media_id]
    assert deletion.delete_sources("another", [media_id], force=True).unknown == [media_id]
    with pytest.raises(MediaNotFound):
        deletion.delete_streams("another", media_id, [f"{media_id}-1"])
    assert _everything_of(media_id) == before


def test_uploads_under_way_are_ended(account_id: str) -> None:
    grant = new_upload(account_id)
    s3, bucket = boto3.client("s3"), settings().media_bucket
    upload = s3.create_multipart_upload(Bucket=bucket, Key=grant.key)["UploadId"]
    part = {"Bucket": bucket, "Key": grant.key, "UploadId": upload, "PartNumber": 1}
    s3.upload_part(**part, Body=b"x" * 1000)
    deletion.delete_media(account_id, [grant.media_id])
    left = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    assert [item for item in left if item["Key"] == grant.key] == []


def test_an_interrupted_deletion_is_finished_by_the_timer(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_id = _video(account_id)

    def breaks(prefix: str) -> bool:
        raise ConnectionError("the bucket is gone")

    with monkeypatch.context() as patch:
        patch.setattr(object_deletion, "delete_below", breaks)
        assert deletion.delete_media(account_id, [media_id]).unknown == []
    assert rows("media", media_id) == []
    assert _everything_of(media_id)
    assert "media_deleted" not in event_types(media_id)
    finish_deletions()  # whoever began with it has its time
    assert _everything_of(media_id)
    _make_due(media_id)
    finish_deletions()
    assert _everything_of(media_id) == []
    assert event_types(media_id).count("media_deleted") == 1


def test_what_comes_back_after_the_deletion_goes_again_and_is_told_once(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_id = _video(account_id)
    deletion.delete_media(account_id, [media_id])
    # A worker that had not noticed, and a client whose credential still lived.
    _put(f"{media_id}/late.ts", f"upload/{media_id}/original.mp4")
    assert len(_pending(media_id)) == 1
    _make_due(media_id)
    finish_deletions()
    assert _everything_of(media_id) == []
    monkeypatch.setattr(deletion, "_next_sweep", lambda _: None)
    _make_due(media_id)
    finish_deletions()
    assert _pending(media_id) == []
    assert event_types(media_id).count("media_deleted") == 1


def test_jobs_of_a_deleted_video_do_not_run(account_id: str) -> None:
    grant = new_upload(account_id, DEFAULT_TRANSCODE_GROUP_ID)

    complete_upload(put(grant, b"not a video at all"))
    deletion.delete_media(account_id, [grant.media_id])
    assert [row["state"] for row in rows("job", grant.media_id)] == ["cancelled"]
    assert not run_next("quick")


def test_many_objects_go_in_batches(account_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_deletion, "_BATCH", 2)
    media_id = _video(account_id)
    _put(*(f"{media_id}/folder/{n}" for n in range(5)))
    deletion.delete_media(account_id, [media_id])
    assert _everything_of(media_id) == []


def test_streams_go_alone(account_id: str) -> None:
    media_id = _video(account_id)
    before = _everything_of(media_id)
    with pytest.raises(StreamNotFound):
        deletion.delete_streams(account_id, media_id, [f"{media_id}-1", "unknown"])
    assert _everything_of(media_id) == before
    deletion.delete_streams(account_id, media_id, [f"{media_id}-1"])
    gone = {f"{media_id}/one-ld.m3u8", f"{media_id}/one-ld-00001.ts"}
    assert _everything_of(media_id) == [key for key in before if key not in gone]
    assert [row["job_id"] for row in rows("stream", media_id)] == [f"{media_id}-2"]
    assert event_types(media_id) == ["media_changed"]
    assert _pending(media_id) == []


def test_a_source_goes_alone(account_id: str) -> None:
    media_id = _video(account_id)
    outputs_before = object_keys(f"{media_id}/")
    done = deletion.delete_sources(account_id, [media_id, "unknown"], force=False)
    assert (done.unknown, done.refused) == (["unknown"], [])
    assert object_keys(f"upload/{media_id}/") == []
    assert object_keys(f"{media_id}/") == outputs_before
    assert len(rows("stream", media_id)) == 2
    assert media_row(media_id)["source_deleted_at"] is not None
    # Once more does no harm.
    assert deletion.delete_sources(account_id, [media_id], force=False).refused == []


def test_a_source_that_plays_goes_by_force_only(account_id: str) -> None:
    media_id = _video(account_id, original=True)
    assert deletion.delete_sources(account_id, [media_id], force=False).refused == [media_id]
    assert object_keys(f"upload/{media_id}/")
    assert deletion.delete_sources(account_id, [media_id], force=True).refused == []
    assert object_keys(f"upload/{media_id}/") == []
    assert rows("stream", media_id) == []


def test_a_stream_that_is_the_source_leaves_the_source(account_id: str) -> None:
    media_id = _video(account_id, original=True)
    deletion.delete_streams(account_id, media_id, [f"{media_id}-0"])
    assert rows("stream", media_id) == []
    assert object_keys(f"upload/{media_id}/")


def test_there_is_no_source_to_delete_before_the_upload(account_id: str) -> None:
    grant = new_upload(account_id)
    done = deletion.delete_sources(account_id, [grant.media_id], force=True)
    assert done.refused == [grant.media_id]


def test_a_source_that_was_uploaded_again_stays(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_id = _video(account_id)

    def breaks(prefix: str) -> None:
        raise ConnectionError("the bucket is gone")

    with monkeypatch.context() as patch:
        patch.setattr(object_deletion, "abort_uploads", breaks)
        deletion.delete_sources(account_id, [media_id], force=False)
    database.run(
        lambda tx: media.record_upload(
            tx, media_id, size=11, etag="new", sequencer="2", now=datetime.now(UTC)
        )
    )
    _make_due(media_id)
    finish_deletions()
    assert object_keys(f"upload/{media_id}/")
    assert _pending(media_id) == []
