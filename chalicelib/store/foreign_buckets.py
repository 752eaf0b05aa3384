"""What is asked of buckets that are not the deployment's own, beside reading and writing files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.settings import settings
from chalicelib.store.aws import s3
from chalicelib.store.bucket_access import client as foreign
from chalicelib.store.objects import StoredObject

_MISSING = frozenset({"404", "NoSuchBucket", "NotFound"})
# Redirections: the bucket is in another region, and not every one can be followed.
_ELSEWHERE = frozenset({"301", "307", "PermanentRedirect", "AuthorizationHeaderMalformed"})
_REFUSED = frozenset({"403", "AccessDenied", "AllAccessDisabled"})
_NO_ENCRYPTION = frozenset({"ServerSideEncryptionConfigurationNotFoundError"})
_PAGE = 1000


class BucketMissing(Exception):
    """There is no such bucket."""


class BucketElsewhere(Exception):
    """The bucket is in another region than the deployment."""


class BucketRefused(Exception):
    """AWS lets nobody of OpenVOD's into the bucket."""


class StorageUnavailable(Exception):
    """AWS did not answer as it should; later it may."""


@dataclass(frozen=True)
class ForeignBucket:
    """A bucket of the AWS account."""

    name: str
    created_at: datetime


def list_all() -> list[ForeignBucket]:
    """All buckets of the AWS account in the deployment's region, its own ones too, by name."""
    region = settings().storage_region
    found: list[ForeignBucket] = []
    try:
        page = s3().list_buckets(BucketRegion=region, MaxBuckets=_PAGE)
        while True:
            found += [
                ForeignBucket(one["Name"], one["CreationDate"]) for one in page.get("Buckets", [])
            ]
            token = page.get("ContinuationToken")
            if not token:
                return found
            page = s3().list_buckets(BucketRegion=region, MaxBuckets=_PAGE, ContinuationToken=token)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error) from error


def check(bucket: str) -> str:
    """See that the bucket can be reached; returns how it encrypts: "AES256", "aws:kms", ...

    Where a bucket does not say how, and where it lets nobody ask, "". Raises BucketMissing,
    BucketElsewhere, BucketRefused, StorageUnavailable, and what ``bucket_access.client`` raises.
    """
    try:
        head = foreign(bucket).head_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error) from error
    region = head.get("BucketRegion")
    if region and region != settings().storage_region:
        raise BucketElsewhere(f"the bucket {bucket} is in the region {region}")
    return _encryption(bucket)


def _encryption(bucket: str) -> str:
    try:
        answer = foreign(bucket).get_bucket_encryption(Bucket=bucket)
    except (BotoCoreError, ClientError) as error:
        if _code(error) in _REFUSED or _code(error) in _NO_ENCRYPTION:
            return ""
        raise _translated(error) from error
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = [rule.get("ApplyServerSideEncryptionByDefault") for rule in rules]
    return next((str(one["SSEAlgorithm"]) for one in defaults if one), "")


def objects(bucket: str, prefix: str, most: int) -> Iterator[StoredObject]:
    """The bucket's objects whose keys begin with ``prefix``, by key, at most so many.

    Raises as ``check`` does.
    """
    after = ""
    while most > 0:
        try:
            page = foreign(bucket).list_objects_v2(
                Bucket=bucket, Prefix=prefix, StartAfter=after, MaxKeys=min(most, _PAGE)
            )
        except (BotoCoreError, ClientError) as error:
            raise _translated(error) from error
        found = page.get("Contents", [])
        for item in found:
            yield StoredObject(
                item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"]
            )
        if not found or not page.get("IsTruncated"):
            return
        after = found[-1]["Key"]
        most -= len(found)


def _code(error: BotoCoreError | ClientError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""


def _translated(error: BotoCoreError | ClientError) -> Exception:
    code = _code(error)
    if code in _MISSING:
        return BucketMissing("there is no such bucket")
    if code in _ELSEWHERE:
        return BucketElsewhere("the bucket is in another region")
    if code in _REFUSED:
        return BucketRefused("access is denied")
    return StorageUnavailable(code or type(error).__name__)
