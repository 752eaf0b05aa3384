"""An upload has arrived: move the media on, once, however often the bucket says so."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib import events
from chalicelib.logs import log
from chalicelib.processing.announcements import upload_complete
from chalicelib.processing.intake import begin
from chalicelib.processing.submission import hint
from chalicelib.processing.template_groups import plays_as_uploaded
from chalicelib.store import database, keys, media
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media


@dataclass(frozen=True)
class ArrivedObject:
    """An object that the bucket has received. ``sequencer`` orders events of one key ("" unknown:
    found by looking, not announced)."""

    key: str
    size: int
    etag: str
    sequencer: str


def complete_upload(arrived: ArrivedObject) -> bool:
    """Record the upload and start its processing; False if there was nothing (new) to record.

    The state, the jobs and the event to send are written in one transaction. A duplicate or late
    event finds the upload recorded and changes nothing.
    """
    media_id = keys.media_of_source(arrived.key)
    if media_id is None:
        return False

    def record(tx: Transaction) -> tuple[Job, list[str]] | None:
        known = media.get_any(tx, media_id)
        # Segments beside an uploaded playlist arrive here too; only the source itself counts.
        if known is None or known.source_key != arrived.key:
            return None
        now = datetime.now(UTC)
        changed = media.record_upload(
            tx,
            media_id,
            size=arrived.size,
            etag=arrived.etag,
            sequencer=comparable_sequencer(arrived.sequencer),
            now=now,
        )
        if not changed:
            return None
        current = media.get_any(tx, media_id)
        assert current is not None
        return begin(tx, current, now), _announcement(tx, current)

    done = database.run(record)
    if done is None:
        return False
    job, event_ids = done
    log.info("upload complete", extra={"media_id": media_id, "size": arrived.size})
    hint([job])
    events.announce(event_ids)
    return True


def comparable_sequencer(sequencer: str) -> str:
    """S3 orders events of one key by their sequencers as hexadecimal numbers of varying length.

    Padded to one length and in one case, they can be compared as text.
    """
    return sequencer.lower().zfill(32) if sequencer else ""


def _announcement(tx: Transaction, current: Media) -> list[str]:
    # A media that plays as it was uploaded is announced when it does play: receivers ask for its
    # play URL at once (developer guide 4.1). The analysis records the event then.
    if plays_as_uploaded(current.template_group_id, current.extension):
        return []
    return [upload_complete(tx, current)]
