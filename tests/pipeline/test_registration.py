"""Files that lie in the bucket already become media, each once for ever."""

import threading

import boto3
import pytest

from chalicelib import ingest
from chalicelib.ingest import MediaToRegister, Registered
from chalicelib.ingest.completion import complete_upload
from chalicelib.playback.urls import plain_url
from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.settings import settings
from chalicelib.store import database
from tests.pipeline.library import APP, event_types, media_row, new_upload, put, rows


@pytest.fixture
def url(account_id: str) -> str:
    """The address of a file that is nobody's media."""
    key = f"archive/{account_id}/a film.MP4"
    boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=key, Body=b"not much")
    return plain_url(key)


def register(account_id: str, url: str, **more: str) -> tuple[list[Registered], list[str]]:
    wanted = MediaToRegister(url=url, title="kept")
    return ingest.register_media(account_id, APP, [wanted], **more)


def test_a_file_is_registered_once(account_id: str, url: str) -> None:
    ((first,), failed) = register(account_id, url)
    assert (first.is_new, failed) == (True, [])
    record = media_row(first.media_id)
    assert (record["status"], record["extension"], record["file_name"]) == (
        "uploaded",
        "mp4",
        "a film.MP4",
    )
    assert (record["template_group_id"], record["upload_source"], record["source_size"]) == (
        NO_TRANSCODE_GROUP_ID,
        "register",
        8,
    )
    ((again,), _) = register(account_id, url)
    assert again == Registered(url, first.media_id, False)
    assert [job["kind"] for job in rows("job", first.media_id)] == ["probe"]
    told = event_types(first.media_id)
    register(account_id, url)
    assert event_types(first.media_id) == told


def test_many_that_register_the_same_file_at_once_make_one_media(account_id: str, url: str) -> None:
    found: list[Registered] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.extend(register(account_id, url)[0])
        database.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.media_id for one in found}) == 1
    assert [one.is_new for one in found].count(True) == 1
    assert len(found) == 8
    assert len(rows("job", found[0].media_id)) == 1


def test_what_is_not_there_or_belongs_to_a_media_fails(account_id: str, url: str) -> None:
    grant = new_upload(account_id)
    complete_upload(put(grant, b"x"))
    boto3.client("s3").put_object(
        Bucket=settings().media_bucket, Key=f"{grant.media_id}/made.mp4", Body=b"x"
    )
    failing = [
        plain_url("archive/nothing.mp4"),
        plain_url("archive/program.exe"),
        plain_url(f"{grant.media_id}/made.mp4"),
        plain_url(f"upload/{grant.media_id}/other.mp4"),
        "http://example.com/a.mp4",
        "no address",
    ]
    for one in failing:
        assert register(account_id, one) == ([], [one])
    ((own,), _) = register(account_id, plain_url(grant.key))
    assert (own.media_id, own.is_new) == (grant.media_id, False)
    # To another account the source of this one is nothing.
    stranger = f"{account_id}0"
    assert register(stranger, plain_url(grant.key))[1] == [plain_url(grant.key)]
    register(account_id, url)
    assert register(stranger, url) == ([], [url])
