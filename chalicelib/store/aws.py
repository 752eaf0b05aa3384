"""AWS clients, made on first use and kept: making one costs tens of milliseconds.

They are botocore's own, which are boto3's without its additions to them: those are a quarter of the
import, and uploading large files is the only one that is used (``store.objects`` imports it).
botocore itself is imported with the first client: most requests of the API need none.
"""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import botocore.session
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

# Clients may be used by many threads, but botocore must not make one in two threads at once.
_making_client = threading.Lock()


@lru_cache(maxsize=1)
def s3() -> "S3Client":
    """The S3 client; presigned URLs use signature version 4."""
    return cast("S3Client", _client("s3", signature_version="s3v4"))


def s3_with(key_id: str, secret: str, token: str) -> "S3Client":
    """A new S3 client with temporary credentials; the last two are secrets."""
    given = {
        "aws_access_key_id": key_id,
        "aws_secret_access_key": secret,
        "aws_session_token": token,
    }
    return cast("S3Client", _client("s3", given, signature_version="s3v4"))


@lru_cache(maxsize=1)
def sqs() -> "SQSClient":
    """The SQS client."""
    return cast("SQSClient", _client("sqs"))


@lru_cache(maxsize=1)
def sns() -> "SNSClient":
    """The SNS client."""
    return cast("SNSClient", _client("sns"))


@lru_cache(maxsize=1)
def sts() -> "STSClient":
    """The STS client."""
    return cast("STSClient", _client("sts"))


@lru_cache(maxsize=1)
def kms() -> "KMSClient":
    """The KMS client."""
    return cast("KMSClient", _client("kms"))


@lru_cache(maxsize=1)
def key_value_store() -> Any:
    """The client of CloudFront's KeyValueStores; it signs with SigV4A, which needs awscrt."""
    return _client("cloudfront-keyvaluestore")


@lru_cache(maxsize=1)
def _session() -> "botocore.session.Session":
    import botocore.session

    return botocore.session.get_session()


def _client(service: str, credentials: dict[str, Any] | None = None, **options: Any) -> Any:
    # Endpoint, region and credentials come from AWS's own environment variables, so that the same
    # code talks to AWS and to the emulator of the embedded stack.
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, **options)
    with _making_client:
        return _session().create_client(service, config=config, **(credentials or {}))
