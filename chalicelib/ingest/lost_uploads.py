"""Uploads whose event was lost: the timer looks into the bucket itself."""

from datetime import UTC, datetime, timedelta

from chalicelib.ingest.completion import ArrivedObject, complete_upload
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import database, media, objects
from chalicelib.store.media import Media

_LONGEST_PAUSE = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(days=7)
_BATCH = 50


def find_lost_uploads(now: datetime | None = None) -> int:
    """Look for the objects of pending uploads; returns how many lost ones were found."""
    moment = now or datetime.now(UTC)
    pending = database.run(lambda tx: media.to_look_for(tx, moment, _BATCH))
    return sum(_look(record, moment) for record in pending)


def _look(record: Media, now: datetime) -> bool:
    # The next look is set first: should this one fail, the others are not held up by it.
    database.run(lambda tx: media.look_again(tx, record.media_id, _next_look(record, now)))
    found = objects.describe(record.source_key)
    if found is None:
        return False
    arrived = ArrivedObject(record.source_key, found.size, found.etag, sequencer="")
    # A playlist that waits for segments, which its credential can no longer bring, waits no more.
    waiting = (now - found.modified_at).total_seconds()
    completed = complete_upload(arrived, whole=waiting > settings().upload_credential_seconds)
    if completed:
        log.warning("found an upload whose event was lost", extra={"media_id": record.media_id})
    return completed


def _next_look(record: Media, now: datetime) -> datetime | None:
    age = now - record.created_at
    if age > _GIVE_UP_AFTER:
        return None
    shortest = timedelta(seconds=settings().lost_upload_seconds)
    return now + max(shortest, min(age / 2, _LONGEST_PAUSE))
