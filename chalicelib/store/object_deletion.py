"""Deleting from buckets: objects, everything below a prefix, uploads that never ended."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chalicelib.settings import settings
from chalicelib.store.aws import s3
from chalicelib.store.bucket_access import FurtherBucket

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import DeleteTypeDef, ObjectIdentifierTypeDef

# The most that one request takes or gives.
_BATCH = 1_000


class ObjectsNotDeleted(Exception):
    """The bucket refused to delete some objects."""


def delete_objects(keys: Sequence[str], at: FurtherBucket | None = None) -> None:
    """Delete objects of the media bucket, or of one that the account lets be written.

    Those that are not there do no harm. Raises ObjectsNotDeleted.
    """
    for start in range(0, len(keys), _BATCH):
        _delete(keys[start : start + _BATCH], at)


def delete_below(prefix: str) -> bool:
    """Delete up to a thousand objects whose keys begin so; True if that was all of them."""
    if not prefix.strip("/"):
        raise ValueError("an empty prefix is the whole bucket")
    listed = s3().list_objects_v2(Bucket=settings().media_bucket, Prefix=prefix, MaxKeys=_BATCH)
    found = [item["Key"] for item in listed.get("Contents", [])]
    if found:
        _delete(found)
    return not listed["IsTruncated"]


def delete_under(
    prefix: str,
    keep: frozenset[str] = frozenset(),
    only: Callable[[str], bool] = lambda _: True,
) -> int:
    """Delete the objects whose keys begin with ``prefix`` except those to keep; returns how many.

    ``only`` says of a key whether it is meant: another object's name may begin in the same way.
    Raises ValueError for a prefix that would reach beyond one media or plan.
    """
    if "/" not in prefix.rstrip("/"):
        raise ValueError("a prefix names at least a folder and what is in it")
    gone = [key for key in _keys_under(prefix) if key not in keep and only(key)]
    delete_objects(gone)
    return len(gone)


def _keys_under(prefix: str) -> Iterator[str]:
    after = ""
    while True:
        page = s3().list_objects_v2(Bucket=settings().media_bucket, Prefix=prefix, StartAfter=after)
        for item in page.get("Contents", []):
            after = item["Key"]
            yield after
        if not page.get("IsTruncated"):
            return


def abort_uploads(prefix: str) -> None:
    """End multipart uploads that are under way to keys that begin so; their parts go, too."""
    bucket = settings().media_bucket
    listed = s3().list_multipart_uploads(Bucket=bucket, Prefix=prefix)
    for item in listed.get("Uploads", []):
        # Some stores of this API list all uploads whatever the prefix.
        if item["Key"].startswith(prefix):
            s3().abort_multipart_upload(Bucket=bucket, Key=item["Key"], UploadId=item["UploadId"])


def _delete(keys: Iterable[str], at: FurtherBucket | None = None) -> None:
    objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys]
    wanted: DeleteTypeDef = {"Objects": objects, "Quiet": True}
    if at is None:
        answer = s3().delete_objects(Bucket=settings().media_bucket, Delete=wanted)
    else:
        answer = at.current_client().delete_objects(Bucket=at.name, Delete=wanted)
    if answer.get("Errors"):
        codes = sorted({error.get("Code", "") for error in answer["Errors"]})
        raise ObjectsNotDeleted(f"{len(answer['Errors'])} objects: {', '.join(codes)}")
