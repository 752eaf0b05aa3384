"""An upload has arrived: move the media on, once, however often the bucket says so."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib import events
from chalicelib.ingest.announcements import attached_upload_complete
from chalicelib.ingest.playlists import is_playlist, is_whole
from chalicelib.library.announcements import about
from chalicelib.logs import log
from chalicelib.playback.urls import plain_url
from chalicelib.processing.announcements import upload_complete
from chalicelib.processing.intake import begin
from chalicelib.processing.kinds import Followup
from chalicelib.processing.submission import hint
from chalicelib.processing.template_groups import plays_as_uploaded
from chalicelib.settings import settings
from chalicelib.store import database, keys, media
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, MediaStatus, MediaType

# Segments follow each other quickly; the playlist is looked at when they seem to have ended.
_SOON = timedelta(seconds=5)


@dataclass(frozen=True)
class ArrivedObject:
    """An object that the bucket has received. ``sequencer`` orders events of one key ("" unknown:
    found by looking, not announced); ``source_ip`` is where it came from, if that is known."""

    key: str
    size: int
    etag: str
    sequencer: str
    source_ip: str = ""


def complete_upload(arrived: ArrivedObject, *, whole: bool = False) -> bool:
    """Record the upload and start its processing; False if there was nothing (new) to record.

    A playlist is recorded when everything that it names has arrived; ``whole``: it is not waited
    for any longer.

    The state, the jobs and the event to send are written in one transaction. A duplicate or late
    event finds the upload recorded and changes nothing.
    """
    media_id = keys.media_of_source(arrived.key)
    if media_id is None:
        return False
    is_source = arrived.key == keys.source_key(media_id, "m3u8")
    if is_source and not whole and not is_whole(arrived.key):
        _look_soon(media_id)
        return False

    def record(tx: Transaction) -> Followup | None:
        known = media.get_any(tx, media_id)
        if known is None:
            return None
        if known.source_key != arrived.key:
            # A segment, perhaps the last that the playlist waits for.
            if is_playlist(known.source_key) and known.generation == 0:
                media.look_soon(tx, media_id, datetime.now(UTC) + _SOON)
            return None
        return record_arrival(tx, media_id, arrived)

    done = database.run(record)
    if done is None:
        return False
    log.info("upload complete", extra={"media_id": media_id, "size": arrived.size})
    follow_up(done)
    return True


def _look_soon(media_id: str) -> None:
    """A playlist is there before its segments: the timer looks until they are."""
    then = datetime.now(UTC) + timedelta(seconds=settings().lost_upload_seconds)
    database.run(lambda tx: media.look_again(tx, media_id, then))


def record_arrival(tx: Transaction, media_id: str, arrived: ArrivedObject) -> Followup | None:
    """Record in this transaction that a media's source is there, and what follows from it.

    Returns None if that is recorded already; otherwise what `follow_up` does after the commit.
    """
    now = datetime.now(UTC)
    changed = media.record_upload(
        tx,
        media_id,
        size=arrived.size,
        etag=arrived.etag,
        sequencer=comparable_sequencer(arrived.sequencer),
        source_ip=arrived.source_ip,
        now=now,
    )
    if not changed:
        return None
    current = media.get_any(tx, media_id)
    assert current is not None
    if current.media_type is MediaType.ATTACHED:
        # Nothing is made of it: it can be used as it is.
        media.set_status(tx, media_id, MediaStatus.NORMAL, now)
        url = plain_url(current.source_key)
        told = attached_upload_complete(tx, about(current), arrived.size, url)
        return Followup(event_ids=[told])
    return Followup(event_ids=_announcement(tx, current), jobs=[begin(tx, current, now)])


def follow_up(done: Followup) -> None:
    """After the commit: tell the workers and the deliveries. What is lost here, the timer finds."""
    hint(done.jobs)
    events.announce(done.event_ids)


def comparable_sequencer(sequencer: str) -> str:
    """S3 orders events of one key by their sequencers as hexadecimal numbers of varying length.

    Padded to one length and in one case, they can be compared as text.
    """
    return sequencer.lower().zfill(32) if sequencer else ""


def _announcement(tx: Transaction, current: Media) -> list[str]:
    # An image is announced when its size is known, and a media that plays as it was uploaded when
    # it does play: receivers ask for it at once (developer guide 4.1). Their jobs record it then.
    if current.media_type is MediaType.IMAGE or plays_as_uploaded(
        current.template_group_id, current.extension
    ):
        return []
    return [upload_complete(tx, current)]
