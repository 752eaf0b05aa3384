"""Buckets of the AWS account that are not the deployment's own, one credential for each.

They are only ever touched with temporary credentials of a role that can do nothing else
(``ProcessingFilesRole`` of the infrastructure), narrowed by a session policy to exactly the bucket
that is meant: whoever comes by such a credential, or by a mistake of ours, reaches no other one.
"""

import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.settings import settings
from chalicelib.store import aws
from chalicelib.store.aws import sts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The longest that AWS lends a role to somebody who was lent a role himself, as functions are.
_SESSION_SECONDS = 3600
# A credential is used no longer when it lives shorter than this: longer than a function may run, so
# that a URL signed at the start of a job outlives it.
_SPARE_SECONDS = 1200
# A client weighs a few megabytes.
_MOST_CLIENTS = 32
_NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?:[a-z0-9-]|\.(?![.-])){1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_SUFFIXES_OF_OTHERS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# Every deployment's own resources begin so; one must not reach into another either.
_OWN = "openvod-"


class BucketNameInvalid(ValueError):
    """The text cannot be the name of a bucket."""


class BucketReserved(Exception):
    """The bucket is a deployment's own."""


class FilesNotConfigured(Exception):
    """The deployment has no role for further buckets."""


@dataclass(frozen=True)
class FurtherBucket:
    """A bucket that is not the deployment's own.

    ``current_client()`` is to be asked for again for every call: credentials are renewed.
    """

    name: str
    current_client: "Callable[[], S3Client]"


@dataclass
class _Access:
    """The client of one bucket; whoever renews it holds the lock."""

    client: "S3Client | None" = None
    renew_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


_known: OrderedDict[str, _Access] = OrderedDict()
_guard = threading.Lock()


def require_foreign(bucket: str) -> None:
    """Refuse what is no bucket's name (S3 User Guide, "Bucket naming rules") or our own bucket's.

    The name becomes part of policies, so nothing but a plain name may pass. Raises
    BucketNameInvalid or BucketReserved.
    """
    plain = _NAME.fullmatch(bucket) and not _ADDRESS.fullmatch(bucket)
    if not plain or bucket.endswith(_SUFFIXES_OF_OTHERS) or ".-" in bucket or "-." in bucket:
        raise BucketNameInvalid("a bucket's name has 3 to 63 of a-z, 0-9, hyphen and period")
    if bucket.startswith(_OWN) or bucket == settings().media_bucket:
        raise BucketReserved(f"the bucket {bucket} belongs to OpenVOD itself")


def reach(bucket: str) -> FurtherBucket:
    """The bucket, once there is a credential for it. Raises what ``client`` raises."""
    client(bucket)
    return FurtherBucket(bucket, partial(client, bucket))


def client(bucket: str) -> "S3Client":
    """An S3 client that reaches this bucket alone, with at least 20 minutes of life left.

    It may be used by many threads, and is kept: ask again for every piece of work, do not hold it.
    Whether the bucket may be touched for somebody's sake is decided elsewhere
    (``processing.file_buckets``). Raises BucketNameInvalid, BucketReserved, FilesNotConfigured, and
    botocore's ClientError where the role cannot be assumed.
    """
    require_foreign(bucket)
    access = _access(bucket)
    with access.lock:
        if access.client is None or time.time() >= access.renew_at:
            access.client, access.renew_at = _assume(bucket)
        return access.client


def forget_clients() -> None:
    """Drop all credentials; the next use of a bucket asks for new ones."""
    with _guard:
        _known.clear()


def _access(bucket: str) -> _Access:
    with _guard:
        access = _known.setdefault(bucket, _Access())
        _known.move_to_end(bucket)
        while len(_known) > _MOST_CLIENTS:
            _known.popitem(last=False)
        return access


def _assume(bucket: str) -> tuple["S3Client", float]:
    role = settings().files_role_arn
    if not role:
        raise FilesNotConfigured("OPENVOD_FILES_ROLE_ARN is not set")
    lent = sts().assume_role(
        RoleArn=role,
        RoleSessionName=bucket,
        Policy=_policy(bucket, partition=role.split(":")[1]),
        DurationSeconds=_SESSION_SECONDS,
    )["Credentials"]
    made = aws.s3_with(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"])
    return made, lent["Expiration"].timestamp() - _SPARE_SECONDS


def _policy(bucket: str, partition: str) -> str:
    arn = f"arn:{partition}:s3:::{bucket}"
    statements = [
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetEncryptionConfiguration"],
            "Resource": arn,
        },
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
            ],
            "Resource": f"{arn}/*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
