"""Objects: presigned URLs, reading small ones, uploading outputs.

``at`` None is the media bucket; further buckets come from ``store.bucket_access.reach``.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.settings import settings
from chalicelib.store.aws import s3
from chalicelib.store.bucket_access import FurtherBucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".vtt": "text/vtt",
}
_OUR_FAULT = 500
_GONE = {"404", "NoSuchKey", "NotFound"}


class ObjectMissing(Exception):
    """There is no object with this key."""


class BucketRefused(Exception):
    """A further bucket does not give or take the object: for its owner to put right."""


@dataclass(frozen=True)
class StoredObject:
    """What the bucket tells of an object."""

    key: str
    size: int
    etag: str
    modified_at: datetime


def presigned_url(key: str, seconds: int, at: FurtherBucket | None = None) -> str:
    """A URL that reads one object until it expires. It is a secret: never log it."""
    return _s3_of(at).generate_presigned_url(
        "get_object",
        Params={"Bucket": _name(at), "Key": key},
        ExpiresIn=seconds,
    )


def describe(key: str, at: FurtherBucket | None = None) -> StoredObject | None:
    """Size and tag of an object, None if there is none. Raises BucketRefused."""
    try:
        head = _s3_of(at).head_object(Bucket=_name(at), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        _tell_refusal(error, at)
        raise
    return StoredObject(
        key=key,
        size=head["ContentLength"],
        etag=head["ETag"].strip('"'),
        modified_at=head["LastModified"],
    )


def read_text(key: str, max_bytes: int, at: FurtherBucket | None = None) -> str:
    """A small text object, at most ``max_bytes`` of it. Raises ObjectMissing, BucketRefused."""
    try:
        body = _s3_of(at).get_object(Bucket=_name(at), Key=key)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise ObjectMissing(key) from error
        _tell_refusal(error, at)
        raise
    with body:
        return body.read(max_bytes).decode("utf-8", "replace")


def upload(path: Path, key: str, at: FurtherBucket | None = None) -> None:
    """Upload a file, in parts if it is large; the object appears only when it is whole.

    Raises BucketRefused.
    """
    # Imported here: only the workers upload.
    from boto3.exceptions import S3UploadFailedError
    from boto3.s3.transfer import S3Transfer

    extra = {"ContentType": CONTENT_TYPES.get(path.suffix, "application/octet-stream")}
    try:
        # Its threads end when it is collected, which is as soon as the upload is done.
        S3Transfer(_s3_of(at)).upload_file(str(path), _name(at), key, extra_args=extra)
    except S3UploadFailedError as error:
        if isinstance(error.__context__, ClientError):
            _tell_refusal(error.__context__, at)
        raise


def put_text(text: str, key: str, at: FurtherBucket | None = None) -> None:
    """Write a small text object: a playlist that grows."""
    put_bytes(text.encode(), key, at)


def put_bytes(body: bytes, key: str, at: FurtherBucket | None = None) -> None:
    """Write a small object. Raises BucketRefused."""
    try:
        _s3_of(at).put_object(
            Bucket=_name(at),
            Key=key,
            Body=body,
            ContentType=CONTENT_TYPES.get(Path(key).suffix, "application/octet-stream"),
        )
    except ClientError as error:
        _tell_refusal(error, at)
        raise


def sizes_under(prefix: str) -> dict[str, int]:
    """The sizes of all objects whose keys begin with ``prefix``, in bytes, by key."""
    sizes: dict[str, int] = {}
    after = prefix
    while True:
        page = s3().list_objects_v2(Bucket=settings().media_bucket, Prefix=prefix, StartAfter=after)
        found = page.get("Contents", [])
        sizes |= {item["Key"]: item["Size"] for item in found}
        if not page.get("IsTruncated") or not found:
            return sizes
        after = found[-1]["Key"]


def _tell_refusal(error: ClientError, at: FurtherBucket | None) -> None:
    """What a further bucket says no to is its owner's matter; all else stays what it is."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _OUR_FAULT)
    if at is not None and status < _OUR_FAULT:
        code = error.response["Error"]["Code"]
        told = f"the bucket {at.name} refuses {error.operation_name}: {code}"
        raise BucketRefused(told) from error


def _s3_of(at: FurtherBucket | None) -> "S3Client":
    return s3() if at is None else at.current_client()


def _name(at: FurtherBucket | None) -> str:
    return settings().media_bucket if at is None else at.name
