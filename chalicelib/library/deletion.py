"""Deleting media, their sources and their streams: records at once, bytes for sure.

What is to go from the bucket is written down in the transaction that removes the records. Whoever
asked begins with it right away; what is left, or was interrupted, the timer finishes. The event
that tells of the end is recorded once, with the end.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from pydantic import BaseModel

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import MediaKind
from chalicelib.library import announcements
from chalicelib.library.errors import MediaNotFound, StreamNotFound
from chalicelib.library.media import VIDEOS, require
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import (
    database,
    deletions,
    job_groups,
    keys,
    media,
    object_deletion,
    outputs,
)
from chalicelib.store.database import Transaction
from chalicelib.store.deletions import Deletion
from chalicelib.store.media import Media, MediaType
from chalicelib.store.visibility import NotWritable

# How long a request deletes by itself before it leaves the rest to the timer.
_REQUEST_SECONDS = 5.0
_TIMER_SECONDS = 40.0
_BATCH = 20


@dataclass
class Outcome:
    """What became of the ids asked for; the others are deleted."""

    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class _Subject(BaseModel):
    """What the event of the end is about."""

    account_id: str
    app_id: str
    media_id: str
    callback_url: str
    extend: str
    kind: MediaKind


def delete_media(
    account_id: str, media_ids: Iterable[str], kinds: frozenset[MediaType] = VIDEOS
) -> Outcome:
    """Delete media with everything that was made of them and everything that was uploaded.

    Tells of each video: MediaBaseChangeComplete at once, DeleteMediaComplete when the bytes are
    gone (developer guide 12.4.17 and 12.4.18: of no other media).
    """
    outcome = Outcome()
    begun: list[Deletion] = []
    for media_id in dict.fromkeys(media_ids):
        try:
            deletion, event_ids = database.run(
                partial(_delete_media, account_id=account_id, media_id=media_id, kinds=kinds)
            )
        except MediaNotFound:
            outcome.unknown.append(media_id)
        except NotWritable:
            outcome.refused.append(media_id)
        else:
            begun.append(deletion)
            events.announce(event_ids)
    carry_out(begun)
    return outcome


def _delete_media(
    tx: Transaction, account_id: str, media_id: str, kinds: frozenset[MediaType]
) -> tuple[Deletion, list[str]]:
    record = require(tx, account_id, media_id, kinds)
    now = datetime.now(UTC)
    job_groups.cancel_open_jobs(tx, media_id, record.generation + 1, now)
    outputs.drop_all(tx, media_id)
    media.delete(tx, record)
    about = announcements.about(record)
    is_video = record.media_type in VIDEOS
    subject = _Subject(kind=MediaKind.VIDEO, **about.model_dump()) if is_video else None
    folders = {keys.folder(record.source_key), f"{media_id}/"}
    deletion = Deletion(
        deletion_id=deletions.new_id(),
        media_id=media_id,
        part="all",
        object_keys=(record.source_key,),
        # A source that was registered where it lay shares its folder with others.
        prefixes=tuple(sorted(folder for folder in folders if media_id in folder)),
        subject=subject.model_dump_json() if subject else "",
        created_at=now,
    )
    deletions.insert(tx, deletion)
    return deletion, [announcements.media_changed(tx, record, None)] if is_video else []


def delete_sources(account_id: str, media_ids: Iterable[str], *, force: bool) -> Outcome:
    """Delete the sources of media and keep their renditions.

    Refused where there is no source yet, and where the source is a stream of its own (a media that
    plays as it was uploaded) unless ``force``: then that stream goes with it.
    """
    outcome = Outcome()
    begun: list[Deletion] = []
    for media_id in dict.fromkeys(media_ids):
        try:
            deletion = database.run(
                partial(_delete_source, account_id=account_id, media_id=media_id, force=force)
            )
        except MediaNotFound:
            outcome.unknown.append(media_id)
        except NotWritable:
            outcome.refused.append(media_id)
        else:
            if deletion is None:
                outcome.refused.append(media_id)
            else:
                begun.append(deletion)
    carry_out(begun)
    return outcome


def _delete_source(
    tx: Transaction, account_id: str, media_id: str, *, force: bool
) -> Deletion | None:
    record = require(tx, account_id, media_id)
    plays = any(stream.original for stream in outputs.streams_of(tx, media_id))
    if not record.generation or (plays and not force):
        return None
    if plays:
        outputs.drop_originals(tx, media_id)
    now = datetime.now(UTC)
    if record.source_deleted_at is None:
        gone = {"source_deleted_at": now, "modified_at": now}
        media.update(tx, record, record.model_copy(update=gone))
    deletion = Deletion(
        deletion_id=deletions.new_id(),
        media_id=media_id,
        part="mezzanine",
        object_keys=(record.source_key,),
        # The segments of a playlist lie beside it.
        prefixes=_own_folder(record),
        created_at=now,
    )
    deletions.insert(tx, deletion)
    return deletion


def delete_streams(account_id: str, media_id: str, job_ids: Iterable[str]) -> None:
    """Delete renditions by the jobs that made them, all or none.

    A stream that is the source itself leaves the list of streams; its bytes are the source's.
    Raises MediaNotFound, StreamNotFound.
    """

    def write(tx: Transaction) -> Deletion:
        require(tx, account_id, media_id)
        streams = {stream.job_id: stream for stream in outputs.streams_of(tx, media_id)}
        wanted = list(dict.fromkeys(job_ids))
        for job_id in wanted:
            if job_id not in streams:
                raise StreamNotFound(job_id)
        gone = [streams[job_id] for job_id in wanted]
        outputs.drop_streams(tx, media_id, wanted)
        made = [stream.object_key for stream in gone if not stream.original]
        deletion = Deletion(
            deletion_id=deletions.new_id(),
            media_id=media_id,
            part="stream",
            # Segments are named after the manifest, whose name no other stream begins with.
            prefixes=tuple(key.rpartition(".")[0] for key in made),
            created_at=datetime.now(UTC),
        )
        deletions.insert(tx, deletion)
        return deletion

    carry_out([database.run(write)])


def carry_out(due: list[Deletion]) -> None:
    """Begin with deletions that are written down; what takes longer, the timer finishes."""
    _carry_out(due, _REQUEST_SECONDS)


def finish_deletions() -> int:
    """Carry out what was interrupted, and look again where bytes may have come back; for a timer.

    Returns how many deletions it looked at.
    """
    due = database.run(lambda tx: deletions.take_due(tx, _BATCH))
    _carry_out(due, _TIMER_SECONDS)
    return len(due)


def _carry_out(due: list[Deletion], seconds: float) -> None:
    until = time.monotonic() + seconds
    for deletion in due:
        try:
            if _is_void(deletion) or _delete_bytes(deletion, until):
                _finish(deletion)
        except Exception:
            # The timer tries again: the caller's deletion is written down and will come true.
            log.exception("a deletion broke off", extra={"media_id": deletion.media_id})


def _is_void(deletion: Deletion) -> bool:
    """Whether a new source lies where the one that was to go lay."""
    if deletion.part != "mezzanine":
        return False
    record = database.run(lambda tx: media.get_any(tx, deletion.media_id))
    return record is not None and record.source_deleted_at is None


def _delete_bytes(deletion: Deletion, until: float) -> bool:
    """Whether all of it is gone; False when the time was over first."""
    for prefix in (*deletion.object_keys, *deletion.prefixes):
        object_deletion.abort_uploads(prefix)
    object_deletion.delete_objects(deletion.object_keys)
    for prefix in deletion.prefixes:
        while not object_deletion.delete_below(prefix):
            if time.monotonic() > until:
                return False
    return True


def _finish(deletion: Deletion) -> None:
    def write(tx: Transaction) -> list[str]:
        pause = _next_sweep(deletion)
        if pause is None:
            done = deletions.remove(tx, deletion)
        else:
            done = deletions.again_in(tx, deletion, pause)
        if not done or deletion.sweeps or not deletion.subject:
            return []
        subject = _Subject.model_validate_json(deletion.subject)
        about = About.model_validate(subject.model_dump(exclude={"kind"}))
        return [announcements.media_deleted(tx, about, subject.kind)]

    events.announce(database.run(write))


def _next_sweep(deletion: Deletion) -> float | None:
    """Seconds until bytes may have come back that were under way; None: none can.

    A worker notices after its lease that its job was cancelled, and a client may upload for as long
    as its credential lives. What is deleted of a media that stays never comes back.
    """
    if deletion.part != "all":
        return None
    age = (datetime.now(UTC) - deletion.created_at).total_seconds()
    lives = (settings().job_lease_seconds * 2, settings().upload_credential_seconds + 60)
    return next((life - age for life in lives if life > age), None)


def _own_folder(record: Media) -> tuple[str, ...]:
    folder = keys.folder(record.source_key)
    return (folder,) if record.media_id in folder else ()
