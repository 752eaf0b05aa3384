"""A media with its streams and how each is encrypted: all that playing asks, in one statement.

Nothing is asked more often. So the rows have only the columns that playing needs, and become plain
tuples: they come out of tables whose types the database has checked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.store.database import Transaction, many, one
from chalicelib.store.media import MediaStatus, MediaType, kind_of
from chalicelib.store.stream_keys import EncryptionKind


class PlayedMedia(NamedTuple):
    """What playing needs of a media; the fields are those of store.media.Media."""

    media_id: str
    account_id: str
    title: str
    status: MediaStatus
    media_type: MediaType
    generation: int
    facts: str
    cover_key: str
    custom_cover_url: str
    created_at: datetime


class PlayedStream(NamedTuple):
    """What playing needs of a stream; the fields are those of store.outputs.Stream."""

    job_id: str
    media_id: str
    generation: int
    definition: str
    format: str
    object_key: str
    size: int
    facts: str
    original: bool
    created_at: datetime
    modified_at: datetime
    encryption: EncryptionKind | None


class Playable(NamedTuple):
    """The media, and its streams, oldest first."""

    media: PlayedMedia
    streams: list[PlayedStream]


# Beside the fields: what the net of ``visibility`` looks at, and what the type of old rows is in.
_MEDIA = ", ".join(f"m.{name}" for name in (*PlayedMedia._fields, "app_id", "extension"))
_STREAM = ", ".join(f"s.{name} AS s_{name}" for name in PlayedStream._fields[:-1])
_WHERE = " WHERE m.media_id = %(media_id)s AND m.account_id = %(account_id)s"
_SELECT_MEDIA = f"SELECT {_MEDIA} FROM media m{_WHERE}"  # noqa: S608 - names come from the types
_SELECT = (
    f"SELECT {_MEDIA}, {_STREAM}, k.kind AS s_encryption"  # noqa: S608 - names come from the types
    " FROM media m LEFT JOIN stream s ON s.media_id = m.media_id"
    " LEFT JOIN stream_key k ON k.job_id = s.job_id"
    f"{_WHERE} ORDER BY s.created_at, s.job_id"
)
_STREAM_COLUMNS = tuple(f"s_{name}" for name in PlayedStream._fields)


def media(tx: Transaction, account_id: str, media_id: str) -> PlayedMedia | None:
    """The media alone, if the account owns it."""
    row = one(tx, _SELECT_MEDIA, account_id=account_id, media_id=media_id)
    return _media(row) if row else None


def owner_and_status(tx: Transaction, media_id: str) -> tuple[str, MediaStatus] | None:
    """Whose a media is and where it stands, for viewers, who have no account."""
    statement = "SELECT account_id, status FROM media WHERE media_id = %(media_id)s"
    row = one(tx, statement, media_id=media_id)
    return (row["account_id"], MediaStatus(row["status"])) if row else None


def get(tx: Transaction, account_id: str, media_id: str) -> Playable | None:
    """The media with its streams, if the account owns it."""
    rows = many(tx, _SELECT, account_id=account_id, media_id=media_id)
    if not rows:
        return None
    streams = [
        PlayedStream._make(row[name] for name in _STREAM_COLUMNS)
        for row in rows
        if row["s_job_id"] is not None
    ]
    return Playable(_media(rows[0]), streams)


def _media(row: Mapping[str, Any]) -> PlayedMedia:
    kind = row["media_type"]
    return PlayedMedia(
        row["media_id"],
        row["account_id"],
        row["title"],
        MediaStatus(row["status"]),
        MediaType(kind) if kind else kind_of(row["extension"]),
        row["generation"],
        row["facts"],
        row["cover_key"],
        row["custom_cover_url"],
        row["created_at"],
    )
