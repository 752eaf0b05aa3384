"""Upload credentials: STS tokens cut down to the objects of one upload."""

import json
from dataclasses import dataclass
from datetime import datetime

from chalicelib.settings import settings
from chalicelib.store.aws import sts


@dataclass(frozen=True)
class StorageCredential:
    """A temporary credential of the object store. The last two fields are secrets."""

    expires_at: datetime
    access_key_id: str
    access_key_secret: str
    security_token: str


def issue(session_name: str, key: str, *, with_siblings: bool) -> StorageCredential:
    """A credential that may write the object ``key`` and nothing else.

    ``with_siblings`` adds everything below the folder of ``key``: the segments of an HLS upload.
    """
    seconds = settings().upload_credential_seconds
    bucket = f"arn:aws:s3:::{settings().media_bucket}"
    target = f"{key.rsplit('/', 1)[0]}/*" if with_siblings else key
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": f"{bucket}/{target}",
            }
        ],
    }
    credentials = sts().assume_role(
        RoleArn=settings().upload_role_arn,
        RoleSessionName=session_name,
        Policy=json.dumps(policy, separators=(",", ":")),
        DurationSeconds=seconds,
    )["Credentials"]
    return StorageCredential(
        expires_at=credentials["Expiration"],
        access_key_id=credentials["AccessKeyId"],
        access_key_secret=credentials["SecretAccessKey"],
        security_token=credentials["SessionToken"],
    )
