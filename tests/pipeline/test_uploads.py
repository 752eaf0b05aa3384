"""Uploads arrive once, however often and in whatever order the bucket tells of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib import ingest
from chalicelib.ingest.completion import ArrivedObject, complete_upload
from chalicelib.ingest.uploads import UploadGrant
from chalicelib.library import MediaNotFound
from chalicelib.settings import settings
from tests.pipeline.library import media_row, new_upload, put, rows


def test_the_same_event_twice_changes_nothing(account_id: str) -> None:
    grant = new_upload(account_id)
    arrived = put(grant, b"x" * 1000)
    assert complete_upload(arrived) is True
    before = media_row(grant.media_id)
    assert complete_upload(arrived) is False
    assert media_row(grant.media_id) == before
    assert (before["status"], before["generation"], before["source_size"]) == ("uploaded", 1, 1000)
    assert [job["kind"] for job in rows("job", grant.media_id)] == ["probe"]


def test_a_late_event_of_an_older_upload_changes_nothing(account_id: str) -> None:
    grant = new_upload(account_id)
    # Sequencers are hexadecimal numbers of varying length: 100 comes after FF.
    newer = ArrivedObject(grant.key, 200, "b" * 32, "0100")
    older = ArrivedObject(grant.key, 100, "a" * 32, "FF")
    assert complete_upload(newer) is True
    assert complete_upload(older) is False
    assert media_row(grant.media_id)["source_size"] == 200


def test_an_overwrite_starts_over_and_cancels_what_was_under_way(account_id: str) -> None:
    grant = new_upload(account_id)
    assert complete_upload(ArrivedObject(grant.key, 100, "a" * 32, "01"))
    assert complete_upload(ArrivedObject(grant.key, 200, "b" * 32, "02"))
    jobs = rows("job", grant.media_id, "created_at")
    assert [(job["state"], job["generation"]) for job in jobs] == [
        ("cancelled", 1),
        ("submitted", 2),
    ]


def test_events_of_other_objects_are_ignored(account_id: str) -> None:
    grant = new_upload(account_id, file_name="list.m3u8")
    segment = ArrivedObject(grant.key.replace("original.m3u8", "0.ts"), 100, "a" * 32, "01")
    assert complete_upload(segment) is False
    stranger = ArrivedObject("upload/" + "0" * 32 + "/original.mp4", 1, "a" * 32, "01")
    assert complete_upload(stranger) is False
    assert complete_upload(replace(stranger, key="elsewhere/x.mp4")) is False
    assert media_row(grant.media_id)["status"] == "uploading"


def test_a_lost_event_is_made_up_for_and_its_late_arrival_changes_nothing(account_id: str) -> None:
    grant = new_upload(account_id)
    arrived = put(grant, b"y" * 10)
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert ingest.find_lost_uploads(later) >= 1
    assert media_row(grant.media_id)["generation"] == 1
    assert complete_upload(arrived) is False
    assert media_row(grant.media_id)["generation"] == 1
    assert complete_upload(replace(arrived, size=11, etag="c" * 32, sequencer="FF" * 9)) is True


def test_a_pending_upload_is_looked_for_again_but_not_for_ever(account_id: str) -> None:
    grant = new_upload(account_id)
    now = datetime.now(UTC)
    ingest.find_lost_uploads(now + timedelta(minutes=10))
    again = media_row(grant.media_id)["look_for_upload_at"]
    assert now + timedelta(minutes=10) < again <= now + timedelta(minutes=16)
    ingest.find_lost_uploads(now + timedelta(days=8))
    assert media_row(grant.media_id)["look_for_upload_at"] is None


def _client(grant: UploadGrant) -> Any:
    credential = grant.credential
    return boto3.client(
        "s3",
        aws_access_key_id=credential.access_key_id,
        aws_secret_access_key=credential.access_key_secret,
        aws_session_token=credential.security_token,
        endpoint_url=grant.endpoint,
    )


def test_the_store_itself_holds_the_credential_to_its_object(account_id: str) -> None:
    grant = new_upload(account_id)
    client = _client(grant)
    bucket = settings().media_bucket
    client.put_object(Bucket=bucket, Key=grant.key, Body=b"mine")
    other = grant.key.replace("original", "other")
    for refused in (
        lambda: client.put_object(Bucket=bucket, Key=other, Body=b"x"),
        lambda: client.get_object(Bucket=bucket, Key=grant.key),
        lambda: client.list_objects_v2(Bucket=bucket),
        lambda: client.delete_object(Bucket=bucket, Key=grant.key),
    ):
        with pytest.raises(ClientError) as error:
            refused()
        assert error.value.response["Error"]["Code"] == "AccessDenied"


def test_a_playlist_comes_with_its_segments(account_id: str) -> None:
    grant = new_upload(account_id, file_name="list.M3U8")
    client = _client(grant)
    bucket = settings().media_bucket
    assert grant.folder == f"upload/{grant.media_id}"
    client.put_object(Bucket=bucket, Key=f"{grant.folder}/seg/0.ts", Body=b"x")
    with pytest.raises(ClientError):
        client.put_object(Bucket=bucket, Key=f"{grant.folder}x/0.ts", Body=b"x")


def test_a_refreshed_credential_is_for_the_same_object(account_id: str) -> None:
    grant = new_upload(account_id)
    again = ingest.refresh_upload(account_id, grant.media_id)
    assert (again.key, again.bucket, again.media_id) == (grant.key, grant.bucket, grant.media_id)
    assert again.credential.access_key_id != grant.credential.access_key_id
    with pytest.raises(MediaNotFound):
        ingest.refresh_upload("9" * 16, grant.media_id)


_PLAYLIST = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n"
)


def _segment(grant: UploadGrant, name: str) -> ArrivedObject:
    """What the bucket tells of a segment that is put beside the playlist."""
    key = grant.key.replace("original.m3u8", name)
    boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=key, Body=b"x")
    return ArrivedObject(key, 1, "a" * 32, "01")


@pytest.mark.parametrize("playlist_comes", ["first", "in between", "last"])
def test_a_playlist_is_complete_with_its_last_segment(account_id: str, playlist_comes: str) -> None:
    grant = new_upload(account_id, file_name="list.m3u8")
    names = ["a.ts", "b.ts"]
    names.insert(["first", "in between", "last"].index(playlist_comes), "")
    told = []
    for name in names:
        arrived = _segment(grant, name) if name else put(grant, _PLAYLIST)
        told.append(complete_upload(arrived))
    assert any(told) == (playlist_comes == "last")
    if playlist_comes != "last":
        assert media_row(grant.media_id)["status"] == "uploading"
        # The segment has made the timer look soon.
        assert ingest.find_lost_uploads(datetime.now(UTC) + timedelta(seconds=6)) >= 1
    assert media_row(grant.media_id)["status"] == "uploaded"


def test_a_playlist_does_not_wait_for_ever(account_id: str) -> None:
    grant = new_upload(account_id, file_name="list.m3u8")
    assert complete_upload(put(grant, _PLAYLIST)) is False
    soon = datetime.now(UTC) + timedelta(minutes=2)
    ingest.find_lost_uploads(soon)
    assert media_row(grant.media_id)["status"] == "uploading"
    ingest.find_lost_uploads(datetime.now(UTC) + timedelta(hours=2))
    assert media_row(grant.media_id)["status"] == "uploaded"


@pytest.mark.parametrize(
    "body", [b"no playlist", b"#EXTM3U\nhttp://example.com/a.ts\n", b"#EXTM3U\n../other/a.ts\n"]
)
def test_what_no_segment_can_make_whole_is_analysed_at_once(account_id: str, body: bytes) -> None:
    grant = new_upload(account_id, file_name="list.m3u8")
    assert complete_upload(put(grant, body)) is True
