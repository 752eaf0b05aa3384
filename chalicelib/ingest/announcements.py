"""The events of what comes in, written into the outbox in the transaction of what they tell.

Those of videos and of images belong to processing: a video is told of once it plays, an image once
its size is known.
"""

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import AttachedMediaUploadComplete, UrlUploadComplete
from chalicelib.store.database import Transaction


def attached_upload_complete(tx: Transaction, about: About, size: int, file_url: str) -> str:
    """An auxiliary file has arrived. Each function here returns the id of its event."""
    return events.emit(tx, about, AttachedMediaUploadComplete(size=size, file_url=file_url))


def url_upload_complete(tx: Transaction, about: About, outcome: UrlUploadComplete) -> str:
    """A pull from a URL has ended, well or badly; one that failed is about no medium."""
    return events.emit(tx, about, outcome)
