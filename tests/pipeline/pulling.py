"""Submitting pulls, running them, and looking at what became of them."""

import json
from array import array
from typing import Any

import boto3

from chalicelib import ingest
from chalicelib.ingest import NewUpload, WantedPull
from chalicelib.settings import settings
from chalicelib.store import database, pulls
from chalicelib.store.pulls import Pull
from tests.pipeline.library import APP


def submit(account_id: str, *urls: str, **more: Any) -> list[Pull]:
    upload = NewUpload(title="pulled", file_name="", template_group_id="", extend="x")
    return ingest.submit_pulls(account_id, APP, [WantedPull(u, upload) for u in urls], **more)


def pulled(account_id: str, url: str) -> Pull:
    """Submit and run one pull once; returns how it stands."""
    (pull,) = submit(account_id, url)
    assert ingest.run_pull(pull.job_id) is True
    return state(pull)


def state(pull: Pull) -> Pull:
    found = database.run(lambda tx: pulls.get(tx, pull.job_id))
    assert found is not None
    return found


def due_now(pull: Pull) -> None:
    """As if its pause, or its worker's lease, had passed."""
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE url_pull SET not_before = created_at, due_at = created_at"
            " WHERE job_id = %(job_id)s",
            job_id=pull.job_id,
        )
    )


def failing(pull: Pull) -> Pull:
    """Run until nothing more is tried."""
    for _ in range(20):
        if state(pull).finished_at is not None:
            return state(pull)
        due_now(pull)
        ingest.run_pull(pull.job_id)
    raise AssertionError("the pull does not end")


def stored(pull: Pull) -> bytes:
    key = f"upload/{pull.media_id}/original.mp4"
    body: bytes = (
        boto3.client("s3").get_object(Bucket=settings().media_bucket, Key=key)["Body"].read()
    )
    return body


def payloads(account_id: str) -> list[dict[str, Any]]:
    found = database.run(
        lambda tx: database.many(
            tx,
            "SELECT * FROM event WHERE account_id = %(account_id)s"
            " AND event_type = 'url_upload_complete'",
            account_id=account_id,
        )
    )
    return [json.loads(row["payload"]) | {"media_id": row["media_id"]} for row in found]


def noise(size: int) -> bytes:
    """Bytes of which no stretch repeats another."""
    return array("I", range(size // 4)).tobytes()
