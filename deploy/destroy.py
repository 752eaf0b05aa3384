"""The way back: functions, layer, stack. Media and keys go only when that is said explicitly."""

import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy import chalice, edge, infrastructure, layer, steps
from deploy.errors import DeployError
from deploy.stages import Stage

FORCE_VARIABLE = "FORCE_DELETE_DATA"
_FORCE_VALUE = "yes"


def down(stage: Stage, say: Callable[[str], None] = print) -> None:
    """Remove a stage. A second run, or one after a failure half-way, removes what is left.

    Raises DeployError before anything is removed when the media bucket holds objects and
    ``FORCE_DELETE_DATA=yes`` is not set.
    """
    steps.check_operator()
    try:
        _down(stage, say)
    except (BotoCoreError, ClientError) as error:
        raise DeployError(str(error)) from error


def _down(stage: Stage, say: Callable[[str], None]) -> None:
    outputs = infrastructure.outputs(stage.stack_name)
    if outputs is None:
        say(f"there is no stack {stage.stack_name}; nothing is left to remove")
        return
    media, artifacts = outputs.get("MediaBucketName", ""), outputs.get("ArtifactsBucketName", "")
    forced = os.environ.get(FORCE_VARIABLE) == _FORCE_VALUE
    if media and not forced and not _is_empty(media):
        raise DeployError(
            f"the bucket {media} holds media; {FORCE_VARIABLE}={_FORCE_VALUE} deletes them for good"
        )
    infrastructure.delete(edge.stack_of(stage, media, ""))
    say("  nothing plays any more")
    if artifacts and _exists(artifacts):
        chalice.delete(stage, artifacts, steps.variables_of(stage))
        say("  functions, triggers and routes are removed")
    layer.delete(stage)
    if artifacts and _exists(artifacts):
        _empty(artifacts)
    if media and _exists(media):
        # The template retains the bucket; it goes here, where it is known to be meant.
        _empty(media)
        boto3.client("s3").delete_bucket(Bucket=media)
        say(f"  the bucket {media} is removed")
    infrastructure.delete(infrastructure.stack_of(stage))
    say(f"  the stack {stage.stack_name} is removed; the KMS key and a DSQL cluster stay")
    say(f"{stage.name} is removed")


def _exists(bucket: str) -> bool:
    try:
        boto3.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            return False
        raise
    return True


def _is_empty(bucket: str) -> bool:
    if not _exists(bucket):
        return True
    return "Contents" not in boto3.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=1)


def _empty(bucket: str) -> None:
    client: Any = boto3.client("s3")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
