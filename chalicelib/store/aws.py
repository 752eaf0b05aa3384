"""AWS clients, made on first use and kept: making one costs tens of milliseconds."""

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

# Endpoint, region and credentials come from AWS's own environment variables, so that the same
# code talks to AWS and to the emulator of the embedded stack.
_RETRIES = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5)


@lru_cache(maxsize=1)
def s3() -> "S3Client":
    """The S3 client; presigned URLs use signature version 4."""
    return boto3.client("s3", config=_RETRIES.merge(Config(signature_version="s3v4")))


@lru_cache(maxsize=1)
def sqs() -> "SQSClient":
    """The SQS client."""
    return boto3.client("sqs", config=_RETRIES)


@lru_cache(maxsize=1)
def sts() -> "STSClient":
    """The STS client."""
    return boto3.client("sts", config=_RETRIES)


@lru_cache(maxsize=1)
def kms() -> "KMSClient":
    """The KMS client."""
    return boto3.client("kms", config=_RETRIES)
