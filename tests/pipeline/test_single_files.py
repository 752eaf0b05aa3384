"""Images and auxiliary files: one object each, under a prefix of their use."""

import json
from typing import Any

import pytest

from chalicelib import ingest
from chalicelib.ingest.completion import complete_upload
from chalicelib.ingest.uploads import UploadGrant
from chalicelib.playback.urls import plain_url
from chalicelib.store import keys
from tests.pictures import gif, png
from tests.pipeline.library import APP, event_types, media_row, put, rows, work_off


def _image(account_id: str, extension: str = "png") -> UploadGrant:
    new = ingest.NewSingleFile(extension=extension, title="a picture")
    return ingest.create_image(account_id, APP, "cover", new)


def _payload(media_id: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(rows("event", media_id)[-1]["payload"])
    return payload


@pytest.mark.parametrize(("extension", "body"), [("png", png(64, 48)), ("gif", gif(64, 48))])
def test_an_image_is_announced_with_its_size_known(
    account_id: str, extension: str, body: bytes
) -> None:
    grant = _image(account_id, extension)
    assert grant.key == f"upload/image/{grant.media_id}.{extension}"
    complete_upload(put(grant, body))
    assert (media_row(grant.media_id)["status"], event_types(grant.media_id)) == ("uploaded", [])
    work_off()
    record = media_row(grant.media_id)
    assert (record["status"], record["media_type"], record["source_size"]) == (
        "normal",
        "image",
        len(body),
    )
    (video,) = json.loads(record["facts"])["video"]
    assert (video["width"], video["height"]) == (64, 48)
    assert event_types(grant.media_id) == ["image_upload_complete"]
    assert _payload(grant.media_id)["status"] == "success"


def test_what_is_no_image_ends_as_a_failed_upload(account_id: str) -> None:
    grant = _image(account_id)
    complete_upload(put(grant, b"<svg><script>alert(1)</script></svg>"))
    work_off()
    record = media_row(grant.media_id)
    assert (record["status"], record["error_code"]) == ("transcode_failed", "SourceBad")
    assert _payload(grant.media_id)["status"] == "fail"


def test_an_auxiliary_file_is_usable_as_it_is(account_id: str) -> None:
    new = ingest.NewSingleFile(extension="vtt", category_ids=(3, 4), file_name="D:\\a.vtt")
    grant = ingest.create_attached(account_id, APP, "subtitle", new)
    assert grant.key == f"upload/subtitle/{grant.media_id}.vtt"
    arrived = put(grant, b"WEBVTT\n")
    assert complete_upload(arrived) is True
    assert complete_upload(arrived) is False
    record = media_row(grant.media_id)
    assert (record["status"], record["category_ids"]) == ("normal", "[3, 4]")
    assert event_types(grant.media_id) == ["attached_media_upload_complete"]
    assert _payload(grant.media_id) == {
        "status": "success",
        "size": 7,
        "file_url": plain_url(grant.key),
    }
    assert rows("job", grant.media_id) == []


def test_each_use_takes_its_own_formats(account_id: str) -> None:
    with pytest.raises(ingest.UnsupportedExtension):
        ingest.create_attached(account_id, APP, "watermark", ingest.NewSingleFile(extension="vtt"))
    with pytest.raises(ingest.UnsupportedExtension):
        ingest.create_image(account_id, APP, "default", ingest.NewSingleFile(extension="webp"))


def test_single_files_share_their_folder_but_nothing_else() -> None:
    key = keys.single_file_key("image", "a" * 32, "png")
    assert keys.media_of_source(key) == "a" * 32
    assert keys.folder(key) == key
    assert keys.media_of_source("upload/image/x/y.png") is None
