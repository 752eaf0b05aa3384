"""What the store permits somebody who has an UploadAuth: to write that one object."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import clips
from tests.sdk.conftest import Library
from tests.sdk.customer import NO_TRANSCODE, Customer, Upload

Attempt = Callable[[Any, Upload, str], object]

FORBIDDEN: dict[str, Attempt] = {
    "put another key": lambda s3, own, other: s3.put_object(
        Bucket=own.address["Bucket"], Key=other, Body=b"x"
    ),
    "put beside its own key": lambda s3, own, _: s3.put_object(
        Bucket=own.address["Bucket"], Key=f"{own.key}.ts", Body=b"x"
    ),
    "upload another key in parts": lambda s3, own, other: s3.create_multipart_upload(
        Bucket=own.address["Bucket"], Key=other
    ),
    "get its own key": lambda s3, own, _: s3.get_object(Bucket=own.address["Bucket"], Key=own.key),
    "get another key": lambda s3, own, other: s3.get_object(
        Bucket=own.address["Bucket"], Key=other
    ),
    "head another key": lambda s3, own, other: s3.head_object(
        Bucket=own.address["Bucket"], Key=other
    ),
    "list the bucket": lambda s3, own, _: s3.list_objects_v2(Bucket=own.address["Bucket"]),
    "list its own folder": lambda s3, own, _: s3.list_objects_v2(
        Bucket=own.address["Bucket"], Prefix=own.key.rsplit("/", 1)[0]
    ),
    "delete its own key": lambda s3, own, _: s3.delete_object(
        Bucket=own.address["Bucket"], Key=own.key
    ),
    "delete another key": lambda s3, own, other: s3.delete_object(
        Bucket=own.address["Bucket"], Key=other
    ),
    "copy another key to its own": lambda s3, own, other: s3.copy_object(
        Bucket=own.address["Bucket"],
        Key=own.key,
        CopySource={"Bucket": own.address["Bucket"], "Key": other},
    ),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_the_store_refuses_everything_else(tea: Customer, library: Library, attempt: str) -> None:
    upload = tea.create("clip.mp4", NO_TRANSCODE)
    other = f"upload/{library.film}/original.mp4"
    with pytest.raises(ClientError) as refusal:
        FORBIDDEN[attempt](upload.s3(), upload, other)
    # HEAD has no body that could carry a code.
    assert refusal.value.response["Error"]["Code"] in ("AccessDenied", "403")
    assert tea.stack.object_bytes(other) == clips.make("normal_720p").read_bytes()


def test_the_same_credential_uploads_its_own_object(tea: Customer) -> None:
    upload = tea.create("clip.mp4", NO_TRANSCODE)
    upload.send(clips.make("silent_video"))
    assert tea.wait(upload.video_id)["Status"] == "Normal"


def test_a_changed_secret_or_token_opens_nothing(tea: Customer) -> None:
    upload = tea.create("clip.mp4", NO_TRANSCODE)
    for part in ("AccessKeySecret", "SecurityToken"):
        text = upload.auth[part]
        changed = text[:5] + ("A" if text[5] != "A" else "B") + text[6:]
        forged = Upload(upload.video_id, upload.address, {**upload.auth, part: changed})
        with pytest.raises(ClientError) as refusal:
            forged.put(b"x")
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    assert tea.stack.objects(f"upload/{upload.video_id}/") == {}


def test_a_multipart_upload_can_be_given_up(tea: Customer) -> None:
    upload = tea.create("clip.mp4", NO_TRANSCODE)
    s3, place = upload.s3(), {"Bucket": upload.address["Bucket"], "Key": upload.key}
    begun = s3.create_multipart_upload(**place)["UploadId"]
    s3.upload_part(**place, UploadId=begun, PartNumber=1, Body=b"x" * 1000)
    assert len(s3.list_parts(**place, UploadId=begun)["Parts"]) == 1
    s3.abort_multipart_upload(**place, UploadId=begun)
    assert tea.video(upload.video_id)["Status"] == "Uploading"
