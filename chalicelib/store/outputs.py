"""What was made of a media: streams and snapshots (tables ``stream`` and ``snapshot_set``)."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

SnapshotKind = Literal["cover", "normal", "sprite", "webvtt"]


PREPROCESSED = "PREPROCESSED"
"""The mark of streams for live mixers: players are not offered them."""


class Stream(BaseModel):
    """One playable rendition. ``job_id`` names it for good; ``facts`` is JSON of MediaFacts.

    ``original``: the source itself, played as it was uploaded.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    account_id: str
    media_id: str
    generation: int
    template_id: str
    definition: str
    format: str
    object_key: str
    size: int
    facts: str
    original: bool
    created_at: datetime
    modified_at: datetime


class SnapshotSet(BaseModel):
    """The pictures of one snapshot job.

    ``key_pattern`` is an object key with ``{SnapshotCount}`` in it, which stands for the five-digit
    number of a picture: 00001 and up to ``snapshot_count``. Of a sprite these are its sheets;
    ``cell_pattern`` and ``cell_count`` are those of the single pictures that were kept.
    ``index_key`` is the object with the WebVTT index.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    account_id: str
    media_id: str
    kind: SnapshotKind
    key_pattern: str
    snapshot_count: int
    created_at: datetime
    finished_at: datetime
    cell_pattern: str | None = None
    cell_count: int | None = None
    index_key: str | None = None

    def key(self, number: int) -> str:
        """The object key of picture ``number``, counted from 1."""
        return numbered_key(self.key_pattern, number)


def numbered_key(pattern: str, number: int) -> str:
    """The object key that a pattern gives for picture ``number``."""
    return pattern.replace("{SnapshotCount}", f"{number:05d}")


# Every table whose rows belong to one media and go with it.
_TABLES = ("stream", "snapshot_set", "animated_image", "stream_key", "media_key")

_STREAM = tuple(Stream.model_fields)
_SNAPSHOTS = tuple(SnapshotSet.model_fields)


def _upsert(table: str, columns: tuple[str, ...]) -> str:
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - names come from the models
        f"VALUES ({', '.join(f'%({name})s' for name in columns)}) "
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {updates}"
    )


_PUT_STREAM = _upsert("stream", _STREAM)
_PUT_SNAPSHOTS = _upsert("snapshot_set", _SNAPSHOTS)


def put_stream(tx: Transaction, stream: Stream) -> None:
    """Record a rendition; once more with the same job id changes nothing but its facts."""
    change(tx, _PUT_STREAM, **stream.model_dump())


def drop_stream(tx: Transaction, job_id: str) -> None:
    """A rendition that was playable while it was made will not be finished."""
    change(tx, "DELETE FROM stream WHERE job_id = %(job_id)s", job_id=job_id)


def streams_of(tx: Transaction, media_id: str) -> list[Stream]:
    """All renditions of a media, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM stream WHERE media_id = %(media_id)s ORDER BY created_at, job_id",
        media_id=media_id,
    )
    return [Stream.model_validate(row) for row in rows]


def drop_originals(tx: Transaction, media_id: str) -> None:
    """The source was overwritten: the stream that was the old source is no more."""
    change(
        tx,
        "DELETE FROM stream WHERE media_id = %(media_id)s AND original",
        media_id=media_id,
    )


def drop_streams(tx: Transaction, media_id: str, job_ids: list[str]) -> None:
    """Forget streams of a media by the jobs that made them."""
    change(
        tx,
        "DELETE FROM stream WHERE media_id = %(media_id)s AND job_id = ANY(%(job_ids)s)",
        media_id=media_id,
        job_ids=job_ids,
    )


def drop_all(tx: Transaction, media_id: str) -> None:
    """The media is deleted: forget what was made of it."""
    for table in _TABLES:
        change(
            tx,
            f"DELETE FROM {table} WHERE media_id = %(media_id)s",  # noqa: S608 - names from here
            media_id=media_id,
        )


def put_snapshots(tx: Transaction, snapshots: SnapshotSet) -> None:
    """Record the pictures of one job."""
    change(tx, _PUT_SNAPSHOTS, **snapshots.model_dump())


def latest_snapshots(tx: Transaction, media_id: str, kind: SnapshotKind) -> SnapshotSet | None:
    """The newest finished set of this kind."""
    row = one(
        tx,
        "SELECT * FROM snapshot_set WHERE media_id = %(media_id)s AND kind = %(kind)s"
        " ORDER BY finished_at DESC LIMIT 1",
        media_id=media_id,
        kind=kind,
    )
    return SnapshotSet.model_validate(row) if row else None


def latest_pictures(
    tx: Transaction, media_ids: list[str]
) -> dict[tuple[str, SnapshotKind], SnapshotSet]:
    """The newest covers and sprites of several media, by media id and kind."""
    rows = many(
        tx,
        "SELECT * FROM snapshot_set WHERE media_id = ANY(%(media_ids)s)"
        " AND kind IN ('cover', 'sprite') ORDER BY finished_at",
        media_ids=media_ids,
    )
    found = [SnapshotSet.model_validate(row) for row in rows]
    return {(item.media_id, item.kind): item for item in found}


def snapshot_sets(tx: Transaction, media_id: str, kinds: list[SnapshotKind]) -> list[SnapshotSet]:
    """All sets of these kinds, also those that newer ones have taken the place of."""
    rows = many(
        tx,
        "SELECT * FROM snapshot_set WHERE media_id = %(media_id)s AND kind = ANY(%(kinds)s)"
        " ORDER BY kind, finished_at",
        media_id=media_id,
        kinds=kinds,
    )
    return [SnapshotSet.model_validate(row) for row in rows]


def drop_snapshots(tx: Transaction, job_ids: list[str]) -> None:
    """Forget these sets."""
    change(tx, "DELETE FROM snapshot_set WHERE job_id = ANY(%(job_ids)s)", job_ids=job_ids)


def drop_sheets(tx: Transaction, job_ids: list[str]) -> None:
    """Forget the sheets of sprites; their single pictures stay."""
    change(
        tx,
        "UPDATE snapshot_set SET snapshot_count = 0 WHERE job_id = ANY(%(job_ids)s)",
        job_ids=job_ids,
    )


def drop_cells(tx: Transaction, job_ids: list[str]) -> None:
    """Forget the single pictures of sprites; their sheets stay."""
    change(
        tx,
        "UPDATE snapshot_set SET cell_pattern = NULL, cell_count = NULL"
        " WHERE job_id = ANY(%(job_ids)s)",
        job_ids=job_ids,
    )
