"""The events of what comes in, written into the outbox in the transaction of what they tell.

A video's own FileUploadComplete belongs to processing: it is told once the video plays.
"""

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import (
    AttachedMediaUploadComplete,
    ImageUploadComplete,
    UrlUploadComplete,
)
from chalicelib.store.database import Transaction


def image_upload_complete(tx: Transaction, about: About, size: int, file_url: str) -> str:
    """An image has arrived. Each function here returns the id of its event."""
    return events.emit(tx, about, ImageUploadComplete(size=size, file_url=file_url))


def attached_upload_complete(tx: Transaction, about: About, size: int, file_url: str) -> str:
    """An auxiliary file has arrived."""
    return events.emit(tx, about, AttachedMediaUploadComplete(size=size, file_url=file_url))


def url_upload_complete(tx: Transaction, about: About, outcome: UrlUploadComplete) -> str:
    """A pull from a URL has ended, well or badly; one that failed is about no medium."""
    return events.emit(tx, about, outcome)
