"""Reading what the pipeline has written, straight from the tables."""

from typing import Any

import boto3

from chalicelib import ingest
from chalicelib.ingest.completion import ArrivedObject
from chalicelib.ingest.uploads import NewUpload, UploadGrant
from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.runner import run_next
from chalicelib.settings import settings
from chalicelib.store import database

APP = "app-1000000"


def new_upload(
    account_id: str, group: str = NO_TRANSCODE_GROUP_ID, file_name: str = "clip.mp4"
) -> UploadGrant:
    """A media record that waits for its file."""
    wish = NewUpload(title="clip", file_name=file_name, template_group_id=group)
    return ingest.create_upload(account_id, APP, wish)


def put(grant: UploadGrant, body: bytes) -> ArrivedObject:
    """Upload with the deployment's own rights; returns what the bucket would tell."""
    answer = boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=grant.key, Body=body)
    return ArrivedObject(grant.key, len(body), answer["ETag"].strip('"'), "0055AED6DCD90281E5")


def work_off() -> int:
    """Run every job there is; returns how many."""
    count = 0
    while run_next("quick") or run_next("heavy"):
        count += 1
    return count


def rows(table: str, media_id: str, order: str = "media_id") -> list[dict[str, Any]]:
    """The rows of a table that belong to a media."""
    return database.run(
        lambda tx: database.many(
            tx,
            f"SELECT * FROM {table} WHERE media_id = %(media_id)s ORDER BY {order}",
            media_id=media_id,
        )
    )


def media_row(media_id: str) -> dict[str, Any]:
    """The media's record."""
    return rows("media", media_id)[0]


def event_types(media_id: str) -> list[str]:
    """The types of the events recorded for a media, in the order of their recording."""
    return [row["event_type"] for row in rows("event", media_id, "occurred_at, event_id")]


def object_keys(prefix: str) -> list[str]:
    """The objects under a prefix."""
    listed = boto3.client("s3").list_objects_v2(Bucket=settings().media_bucket, Prefix=prefix)
    return sorted(item["Key"] for item in listed.get("Contents", []))
