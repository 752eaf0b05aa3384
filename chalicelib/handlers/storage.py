"""Storage events: the bucket tells the queue, the queue brings them here."""

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from chalice.app import Blueprint, SQSEvent
from pydantic import BaseModel, Field, ValidationError

from chalicelib.handlers.records import BatchResult, each_record
from chalicelib.logs import log
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.ingest.completion import ArrivedObject

blueprint = Blueprint(__name__)


class _Object(BaseModel):
    key: str
    size: int = 0
    etag: str = Field("", alias="eTag")
    sequencer: str = ""


class _Bucket(BaseModel):
    name: str


class _S3(BaseModel):
    bucket: _Bucket
    object: _Object


class _Request(BaseModel):
    source_ip: str = Field("", alias="sourceIPAddress")


class _StorageEvent(BaseModel):
    event_name: str = Field(alias="eventName")
    request: _Request = Field(default_factory=_Request, alias="requestParameters")
    s3: _S3


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-storage-events", batch_size=10, name="storage_events"
)
def storage_events(event: SQSEvent) -> BatchResult:
    """Objects that the bucket has received; each message holds one S3 notification."""
    return each_record(event.to_dict(), _take)


def _take(body: str) -> None:
    # Imported here: every function imports this module, and only this one needs it.
    from chalicelib import ingest

    for arrived in _arrivals(body):
        ingest.complete_upload(arrived)


def _arrivals(body: str) -> "list[ArrivedObject]":
    """The objects that a notification tells of; one that tells of none, or of other buckets, is
    dropped: sending it again would not make it better."""
    from chalicelib.ingest.completion import ArrivedObject

    try:
        records = json.loads(body).get("Records", [])
        told = [_StorageEvent.model_validate(record) for record in records]
    except (ValueError, AttributeError, ValidationError):
        log.error("a storage event could not be read")
        return []
    return [
        ArrivedObject(
            key=unquote_plus(event.s3.object.key),
            size=event.s3.object.size,
            etag=event.s3.object.etag.strip('"'),
            sequencer=event.s3.object.sequencer,
            source_ip=event.request.source_ip,
        )
        for event in told
        if event.event_name.startswith("ObjectCreated")
        and event.s3.bucket.name == settings().media_bucket
    ]
