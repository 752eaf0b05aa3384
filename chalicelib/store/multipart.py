"""Multipart uploads in the media bucket: an object in parts that appears only when it is whole."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from botocore.exceptions import ClientError

from chalicelib.settings import settings
from chalicelib.store.aws import s3
from chalicelib.store.objects import CONTENT_TYPES

_GONE = {"404", "NoSuchUpload"}


class MultipartMissing(Exception):
    """There is no such multipart upload: it was completed, or aborted."""


class BucketMissing(Exception):
    """There is no such bucket."""


class BucketForbidden(Exception):
    """The bucket does not let this function look at its uploads."""


_OF_BUCKETS = {"NoSuchBucket": BucketMissing, "AccessDenied": BucketForbidden}


@dataclass(frozen=True)
class StoredPart:
    """A part that has arrived. Numbers begin with 1."""

    number: int
    etag: str
    size: int


@dataclass(frozen=True)
class OpenMultipart:
    """A multipart upload that was begun and not ended."""

    key: str
    upload_id: str
    begun_at: datetime


def begin(key: str) -> str:
    """Begin an object; returns the upload's id.

    The object store takes parts of 5 MiB at least, but for the last, and 10,000 of them at most.
    """
    content_type = CONTENT_TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")
    begun = s3().create_multipart_upload(
        Bucket=settings().media_bucket, Key=key, ContentType=content_type
    )
    return begun["UploadId"]


def put_part(key: str, upload_id: str, number: int, body: bytes) -> StoredPart:
    """Store a part; one of the same number is replaced. Raises MultipartMissing."""
    try:
        stored = s3().upload_part(
            Bucket=settings().media_bucket,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            Body=body,
        )
    except ClientError as error:
        raise _translated(error) from error
    return StoredPart(number, stored["ETag"], len(body))


def stored_parts(key: str, upload_id: str) -> list[StoredPart]:
    """The parts that have arrived, by number. Raises MultipartMissing."""
    parts: list[StoredPart] = []
    marker = 0
    while True:
        try:
            page = s3().list_parts(
                Bucket=settings().media_bucket,
                Key=key,
                UploadId=upload_id,
                PartNumberMarker=marker,
            )
        except ClientError as error:
            raise _translated(error) from error
        parts += [
            StoredPart(part["PartNumber"], part["ETag"], part["Size"])
            for part in page.get("Parts", [])
        ]
        if not page.get("IsTruncated"):
            return sorted(parts, key=lambda part: part.number)
        marker = int(page["NextPartNumberMarker"])


def complete(key: str, upload_id: str, parts: list[StoredPart]) -> None:
    """Make the parts one object. Raises MultipartMissing."""
    try:
        s3().complete_multipart_upload(
            Bucket=settings().media_bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={
                "Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
            },
        )
    except ClientError as error:
        raise _translated(error) from error


def abort(key: str, upload_id: str) -> None:
    """Throw away what has arrived; no harm if that was done already."""
    try:
        s3().abort_multipart_upload(Bucket=settings().media_bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if not isinstance(_translated(error), MultipartMissing):
            raise


def open_uploads(prefix: str) -> list[OpenMultipart]:
    """Multipart uploads of keys with this prefix that were begun and not ended, oldest first.

    Raises BucketMissing, BucketForbidden.
    """
    try:
        page = s3().list_multipart_uploads(Bucket=settings().media_bucket, Prefix=prefix)
    except ClientError as error:
        known = _OF_BUCKETS.get(error.response["Error"]["Code"])
        if known is None:
            raise
        raise known from error
    found = [
        OpenMultipart(upload["Key"], upload["UploadId"], upload["Initiated"])
        for upload in page.get("Uploads", [])
        if upload["Key"].startswith(prefix)
    ]
    return sorted(found, key=lambda upload: upload.begun_at)


def _translated(error: ClientError) -> Exception:
    gone = error.response["Error"]["Code"] in _GONE
    return MultipartMissing() if gone else error
