"""Media records: plain SQL over the table ``media``."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from chalicelib.store import media_changes, media_counts, media_texts
from chalicelib.store.database import Transaction, change, many, one


class MediaStatus(StrEnum):
    """Where a video or audio stands; every vendor renders its own names for these."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    TRANSCODING = "transcoding"
    TRANSCODE_FAILED = "transcode_failed"
    CHECKING = "checking"
    BLOCKED = "blocked"
    NORMAL = "normal"
    PRODUCE_FAILED = "produce_failed"


class MediaType(StrEnum):
    """What a media is; the extension of its file decides between video and audio."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    ATTACHED = "attached"


_AUDIO = "aac ac3 acm amr ape caf flac m4a mp3 ra wav wma"
AUDIO_EXTENSIONS = frozenset(_AUDIO.split())


Preprocessing = Literal["", "running", "succeeded", "failed"]


def kind_of(extension: str) -> MediaType:
    """Audio or video, by the extension (lower case) of the source."""
    return MediaType.AUDIO if extension in AUDIO_EXTENSIONS else MediaType.VIDEO


class Media(BaseModel):
    """One video, audio, image or auxiliary ("attached") media with its source file.

    ``facts`` is the JSON of mediaspec.MediaFacts, empty until the source was analysed.
    ``generation`` counts the uploads of the source: 0 before the first, 2 after one overwrite.
    ``business_type``: what an image or an attached media is for, in the client's words.
    ``category_ids``: JSON list of the categories of an attached media, which may have several;
    the others have one, ``category_id``. ``icon_url``: the picture that stands for an attached
    media in lists. ``duration_ms``: of the source, once it was analysed. ``source_deleted_at``:
    when the source was deleted while its renditions stayed. ``preprocessing``: how the making of
    a copy for live mixers stands, empty if none was asked for. ``indexed``: whether searches and
    totals know the row; only rows that a former version wrote stay without it for a while.
    ``upload_source``: "url", "register", or "" or None: by an upload; ``upload_ip``: from where.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    media_id: str
    account_id: str
    app_id: str
    title: str
    description: str = ""
    tags: str = ""
    category_id: int | None = None
    custom_cover_url: str = ""
    cover_key: str = ""
    file_name: str
    extension: str
    source_key: str
    declared_size: int | None = None
    status: MediaStatus = MediaStatus.UPLOADING
    template_group_id: str
    workflow_id: str = ""
    callback_url: str = ""
    extend: str = ""
    generation: int = 0
    source_size: int | None = None
    source_etag: str = ""
    source_sequencer: str = ""
    uploaded_at: datetime | None = None
    facts: str = ""
    error_code: str = ""
    error_message: str = ""
    look_for_upload_at: datetime | None = None
    created_at: datetime
    modified_at: datetime
    media_type: MediaType = MediaType.VIDEO
    business_type: str = ""
    icon_url: str = ""
    category_ids: str = "[]"
    duration_ms: int | None = None
    source_deleted_at: datetime | None = None
    preprocessing: Preprocessing = ""
    indexed: bool = False
    upload_source: str | None = ""
    upload_ip: str | None = ""

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, row: dict[str, Any]) -> dict[str, Any]:
        """Read rows from before the last columns came, which the former version still writes."""
        if row.get("media_type"):
            return row
        filled = {name: value for name, value in row.items() if value is not None}
        return filled | {"media_type": kind_of(row["extension"])}


_COLUMNS = tuple(Media.model_fields)
_INSERT = (
    f"INSERT INTO media ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
)


def new_media_id() -> str:
    """32 lower-case hexadecimal characters, as clients expect."""
    return uuid.uuid4().hex


def insert(tx: Transaction, media: Media) -> None:
    """Add a record; searches and totals know it at once."""
    made = media.model_copy(update={"indexed": True})
    change(tx, _INSERT, **made.model_dump())
    media_texts.put(tx, None, made)
    _tell(tx, None, made)


def update(tx: Transaction, before: Media, after: Media) -> None:
    """Write what differs between two states of a record that this transaction has read."""
    old = before.model_dump()
    values = {name: value for name, value in after.model_dump().items() if value != old[name]}
    if not values:
        return
    assignments = ", ".join(f"{name} = %({name})s" for name in values)
    change(
        tx,
        f"UPDATE media SET {assignments} WHERE media_id = %(id)s",  # noqa: S608 - model's names
        id=before.media_id,
        **values,
    )
    if before.indexed:
        media_texts.put(tx, before, after)
        _tell(tx, before, after)


def delete(tx: Transaction, media: Media) -> int:
    """Remove a record that this transaction has read; returns 0 if it was gone already."""
    if not change(tx, "DELETE FROM media WHERE media_id = %(id)s", id=media.media_id):
        return 0
    if media.indexed:
        media_texts.put(tx, media, None)
        _tell(tx, media, None)
    return 1


def _tell(tx: Transaction, before: Media | None, after: Media | None) -> None:
    """Totals follow a change."""
    media_counts.moved(tx, before, after)
    media_changes.note(tx, before, after)


# Columns that rows of a former version have no values in, beside those that may be unknown.
_ADDED = {"media_type", "business_type", "icon_url", "category_ids", "preprocessing"}


def index_some(tx: Transaction, most_rows: int) -> int:
    """Make rows of a former version known to searches and totals; returns how many it took.

    It begins with as many as cost about ``most_rows`` rows altogether.
    """
    rows = many(tx, "SELECT * FROM media WHERE indexed IS NULL ORDER BY media_id LIMIT 100")
    taken = cost = 0
    for row in rows:
        media = Media.model_validate(row)
        change(
            tx,
            "UPDATE media SET media_type = %(media_type)s, business_type = %(business_type)s,"
            " icon_url = %(icon_url)s, category_ids = %(category_ids)s,"
            " preprocessing = %(preprocessing)s, indexed = true"
            " WHERE media_id = %(media_id)s",
            **media.model_dump(include=_ADDED | {"media_id"}),
        )
        cost += 3 + media_texts.put(tx, None, media)
        media_counts.moved(tx, None, media)
        # Whether a total that is remembered knew the row already depends on what it was counted in.
        media_changes.forget_totals(tx, media.account_id)
        taken += 1
        if cost >= most_rows:
            break
    return taken


def _counted(tx: Transaction, media_id: str, statement: str, **values: Any) -> int:
    """Run an UPDATE of one record that searches and totals may notice."""
    before = get_any(tx, media_id)
    changed = change(tx, statement, media_id=media_id, **values)
    if changed and before is not None and before.indexed:
        _tell(tx, before, get_any(tx, media_id))
    return changed


def get(tx: Transaction, account_id: str, media_id: str) -> Media | None:
    """The record, if the account owns it."""
    row = one(
        tx,
        "SELECT * FROM media WHERE media_id = %(media_id)s AND account_id = %(account_id)s",
        media_id=media_id,
        account_id=account_id,
    )
    return Media.model_validate(row) if row else None


def get_any(tx: Transaction, media_id: str) -> Media | None:
    """The record whoever owns it; for workers, never for requests."""
    row = one(tx, "SELECT * FROM media WHERE media_id = %(media_id)s", media_id=media_id)
    return Media.model_validate(row) if row else None


def get_by_source(tx: Transaction, source_key: str) -> Media | None:
    """The record whose source is this object, whoever owns it."""
    row = one(tx, "SELECT * FROM media WHERE source_key = %(source_key)s", source_key=source_key)
    return Media.model_validate(row) if row else None


def get_several(tx: Transaction, account_id: str, media_ids: list[str]) -> list[Media]:
    """Those of the records that exist and belong to the account, in no order."""
    rows = many(
        tx,
        "SELECT * FROM media WHERE media_id = ANY(%(media_ids)s) AND account_id = %(account_id)s",
        media_ids=media_ids,
        account_id=account_id,
    )
    return [Media.model_validate(row) for row in rows]


def set_status(tx: Transaction, media_id: str, status: MediaStatus, now: datetime) -> None:
    """Move the media on, whatever its state; the caller has checked."""
    _counted(
        tx,
        media_id,
        "UPDATE media SET status = %(status)s, modified_at = %(now)s WHERE media_id = %(media_id)s",
        status=status,
        now=now,
    )


def record_upload(
    tx: Transaction,
    media_id: str,
    *,
    size: int,
    etag: str,
    sequencer: str,
    source_ip: str = "",
    now: datetime,
) -> int:
    """A new source arrived: next generation, status uploaded, what was known of the old one gone.

    Returns 0 if this upload, or a later one, is recorded already. An upload that was found by
    looking (sequencer "") counts as the one whose event comes late with the same etag and size.
    """
    return _counted(
        tx,
        media_id,
        """
        UPDATE media SET status = 'uploaded', generation = generation + 1, source_size = %(size)s,
               source_etag = %(etag)s, source_sequencer = %(sequencer)s, uploaded_at = %(now)s,
               facts = '', cover_key = '', error_code = '', error_message = '',
               upload_ip = %(source_ip)s,
               duration_ms = NULL, source_deleted_at = NULL, preprocessing = '',
               look_for_upload_at = NULL,
               modified_at = %(now)s
         WHERE media_id = %(media_id)s
           AND CASE WHEN generation = 0 THEN true
                    WHEN %(sequencer)s = '' OR source_sequencer = ''
                         THEN source_etag <> %(etag)s OR source_size <> %(size)s
                    ELSE source_sequencer < %(sequencer)s END
        """,
        size=size,
        etag=etag,
        sequencer=sequencer,
        source_ip=source_ip,
        now=now,
    )


def set_preprocessing(tx: Transaction, media_id: str, state: Preprocessing) -> None:
    """How far the copy for live mixers is that was asked for last."""
    _counted(
        tx,
        media_id,
        "UPDATE media SET preprocessing = %(state)s WHERE media_id = %(media_id)s",
        state=state,
    )


def record_facts(tx: Transaction, media_id: str, generation: int, facts: str) -> int:
    """Store what the analysis found; returns 0 if the source was overwritten meanwhile."""
    return _counted(
        tx,
        media_id,
        "UPDATE media SET facts = %(facts)s::text,"
        " duration_ms = round((%(facts)s::text::json ->> 'duration')::numeric * 1000)"
        " WHERE media_id = %(media_id)s AND generation = %(generation)s",
        generation=generation,
        facts=facts,
    )


def record_failure(
    tx: Transaction, media_id: str, error_code: str, error_message: str, now: datetime
) -> None:
    """The source cannot be used: status transcode_failed, with the reason."""
    _counted(
        tx,
        media_id,
        "UPDATE media SET status = 'transcode_failed', error_code = %(error_code)s,"
        " error_message = %(error_message)s, modified_at = %(now)s WHERE media_id = %(media_id)s",
        error_code=error_code,
        error_message=error_message,
        now=now,
    )


def set_cover(tx: Transaction, media_id: str, generation: int, cover_key: str) -> int:
    """Make a picture the default cover of this generation of the source."""
    return change(
        tx,
        "UPDATE media SET cover_key = %(cover_key)s"
        " WHERE media_id = %(media_id)s AND generation = %(generation)s",
        media_id=media_id,
        generation=generation,
        cover_key=cover_key,
    )


def set_first_cover(tx: Transaction, media_id: str, generation: int, cover_key: str) -> int:
    """As ``set_cover``, unless there is a cover already; returns 0 then."""
    return change(
        tx,
        "UPDATE media SET cover_key = %(cover_key)s WHERE media_id = %(media_id)s"
        " AND generation = %(generation)s AND cover_key = ''",
        media_id=media_id,
        generation=generation,
        cover_key=cover_key,
    )


def look_again(tx: Transaction, media_id: str, at: datetime | None) -> None:
    """When to look in the bucket for this media's upload itself; None: not any more."""
    change(
        tx,
        "UPDATE media SET look_for_upload_at = %(at)s WHERE media_id = %(media_id)s",
        media_id=media_id,
        at=at,
    )


def look_soon(tx: Transaction, media_id: str, at: datetime) -> None:
    """Look for this media's upload at this time, unless that is not looked for any more."""
    change(
        tx,
        "UPDATE media SET look_for_upload_at = %(at)s WHERE media_id = %(media_id)s"
        " AND look_for_upload_at IS NOT NULL",
        media_id=media_id,
        at=at,
    )


def to_look_for(tx: Transaction, now: datetime, limit: int) -> list[Media]:
    """Media whose upload should have been announced by now."""
    rows = many(
        tx,
        "SELECT * FROM media WHERE look_for_upload_at < %(now)s"
        " ORDER BY look_for_upload_at LIMIT %(limit)s",
        now=now,
        limit=limit,
    )
    return [Media.model_validate(row) for row in rows]


def move(tx: Transaction, media: Media, app_id: str, now: datetime) -> None:
    """Put a media that this transaction has read into another application, with its work."""
    update(tx, media, media.model_copy(update={"app_id": app_id, "modified_at": now}))
    for table in ("task", "job"):
        change(
            tx,
            f"UPDATE {table} SET app_id = %(app_id)s"  # noqa: S608 - names above
            " WHERE media_id = %(media_id)s AND app_id <> %(app_id)s",
            media_id=media.media_id,
            app_id=app_id,
        )
