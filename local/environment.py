"""The environment of each process: its settings, and its own role's credentials.

Every process has an AWS profile that assumes the role its function has on AWS, so a permission
that is missing there is missing here. botocore assumes the roles and renews them by itself.
"""

import configparser
import io
import os
from pathlib import Path

from local.files import write_private
from local.layout import AWS_REGION, STAGE, Layout

ROOT_PROFILE = "root"
_FONTS = Path(__file__).resolve().parent.parent / ".local" / "fonts"
_ROLE_SECONDS = 43_200  # play URLs live no longer than the credentials that signed them
# Left in place they would win over the profile, or send requests for this machine elsewhere.
_FOREIGN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")

# The template's outputs that are settings, and the settings they are.
_SETTINGS_FROM_OUTPUTS = {
    "MediaBucketName": "OPENVOD_MEDIA_BUCKET",
    "UploadRoleArn": "OPENVOD_UPLOAD_ROLE_ARN",
    "ProcessingFilesRoleArn": "OPENVOD_FILES_ROLE_ARN",
    "SecretsKeyId": "OPENVOD_KMS_KEY_ID",
    "QuickJobsQueueUrl": "OPENVOD_QUICK_JOBS_QUEUE_URL",
    "HeavyJobsQueueUrl": "OPENVOD_HEAVY_JOBS_QUEUE_URL",
    "DeliveriesQueueUrl": "OPENVOD_DELIVERIES_QUEUE_URL",
    "PullsQueueUrl": "OPENVOD_PULLS_QUEUE_URL",
}
_ROLES = {
    "api": "ApiRoleArn",
    "edge": "EdgeRoleArn",
    "storage-events": "StorageEventsRoleArn",
    "media-worker": "MediaWorkerRoleArn",
    "deliveries": "DeliveriesRoleArn",
    "puller": "PullerRoleArn",
    "timers": "TimersRoleArn",
}


def write_profiles(layout: Layout, root_key: tuple[str, str], outputs: dict[str, str]) -> None:
    """Write the AWS profiles of all processes; before the roles exist, only the root key's."""
    profiles = configparser.ConfigParser()
    profiles[f"profile {ROOT_PROFILE}"] = {
        "aws_access_key_id": root_key[0],
        "aws_secret_access_key": root_key[1],
        "region": AWS_REGION,
    }
    for role, output in _ROLES.items():
        if output in outputs:
            profiles[f"profile {role}"] = {
                "role_arn": outputs[output],
                "source_profile": ROOT_PROFILE,
                "role_session_name": role,
                "duration_seconds": str(_ROLE_SECONDS),
                "region": AWS_REGION,
            }
    text = io.StringIO()
    profiles.write(text)
    write_private(layout.aws_config, text.getvalue())


def base(layout: Layout, database_url: str) -> dict[str, str]:
    """What all processes share, even before the infrastructure is there."""
    inherited = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    endpoints = [name for name in inherited if name.startswith("AWS_ENDPOINT_URL")]
    for name in endpoints:
        del inherited[name]
    direct = [name for name in ("127.0.0.1", "localhost", os.environ.get("NO_PROXY", "")) if name]
    return {
        "OPENVOD_LOG_FORMAT": "text",
        "OPENVOD_ALLOW_PRIVATE_CALLBACKS": "true",
        "OPENVOD_PULL_PRIVATE_SOURCES": "127.0.0.0/8,::1/128",
        # A developer's loops and tests are not what the limits are for.
        "OPENVOD_RATE_LIMITS": "false",
        # The emulator's account is the developer's own.
        "OPENVOD_FILE_BUCKETS": "*",
        # Where `make fonts` puts them; without it texts are refused.
        "OPENVOD_FONTS": str(_FONTS),
        **inherited,
        "AWS_CONFIG_FILE": str(layout.aws_config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": layout.emulator_url,
        "AWS_REGION": AWS_REGION,
        "AWS_DEFAULT_REGION": AWS_REGION,
        "NO_PROXY": ",".join(direct),
        "no_proxy": ",".join(direct),
        "OPENVOD_STAGE": STAGE,
        "OPENVOD_DATABASE_URL": database_url,
        "OPENVOD_PUBLIC_URL": layout.api_url,
        "OPENVOD_PLAY_URL": layout.edge_url,
        "OPENVOD_STORAGE_ENDPOINT": layout.emulator_url,
        "OPENVOD_STORAGE_REGION": AWS_REGION,
    }


def from_outputs(outputs: dict[str, str]) -> dict[str, str]:
    """The settings that the template's outputs hold."""
    return {name: outputs[output] for output, name in _SETTINGS_FROM_OUTPUTS.items()}


def become(environment: dict[str, str], profile: str) -> None:
    """Take on an environment and a role in a freshly forked process."""
    os.environ.clear()
    os.environ.update(environment, AWS_PROFILE=profile, POWERTOOLS_SERVICE_NAME=profile)
