"""Deleting the snapshots of videos: records at once, bytes for sure (VOD API manual 7.4.3)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from chalicelib.library.deletion import carry_out
from chalicelib.library.media import require
from chalicelib.store import database, deletions, media, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.deletions import Deletion
from chalicelib.store.outputs import SnapshotKind, SnapshotSet

PictureKind = Literal["cover", "normal", "sprite", "sprite_cell", "webvtt"]

_NUMBER = "{SnapshotCount}"


@dataclass
class _Gone:
    """What is to go from the bucket."""

    prefixes: list[str] = field(default_factory=list)
    object_keys: list[str] = field(default_factory=list)


def delete_pictures(account_id: str, media_id: str, kinds: Collection[PictureKind]) -> bool:
    """Delete all snapshots of these kinds; False if there were none. Raises MediaNotFound.

    Nothing else of the video changes, but that it has no cover any more if that was one of them.
    """

    def write(tx: Transaction) -> Deletion | None:
        record = require(tx, account_id, media_id)
        stored: list[SnapshotKind] = [kind for kind in kinds if kind != "sprite_cell"]
        if "sprite_cell" in kinds and "sprite" not in kinds:
            stored.append("sprite")
        gone = _Gone()
        for pictures in outputs.snapshot_sets(tx, media_id, stored):
            _forget(tx, pictures, kinds, gone)
            if pictures.kind == "cover":
                _uncover(tx, pictures, media_id, record.cover_key)
        if not gone.prefixes and not gone.object_keys:
            return None
        deletion = Deletion(
            deletion_id=deletions.new_id(),
            media_id=media_id,
            part="pictures",
            object_keys=tuple(gone.object_keys),
            prefixes=tuple(gone.prefixes),
            created_at=datetime.now(UTC),
        )
        deletions.insert(tx, deletion)
        return deletion

    deletion = database.run(write)
    if deletion is None:
        return False
    carry_out([deletion])
    return True


def _forget(
    tx: Transaction, pictures: SnapshotSet, kinds: Collection[PictureKind], gone: _Gone
) -> None:
    sheets = pictures.kind in kinds and pictures.snapshot_count > 0
    cells = bool(pictures.cell_pattern) and "sprite_cell" in kinds
    cells_stay = bool(pictures.cell_pattern) and not cells
    if sheets:
        gone.prefixes.append(pictures.key_pattern.partition(_NUMBER)[0])
        if pictures.index_key:
            gone.object_keys.append(pictures.index_key)
    if cells and pictures.cell_pattern:
        gone.prefixes.append(pictures.cell_pattern.partition(_NUMBER)[0])
    if sheets and cells_stay:
        outputs.drop_sheets(tx, [pictures.job_id])
    elif cells and pictures.kind not in kinds:
        outputs.drop_cells(tx, [pictures.job_id])
    elif sheets or cells:
        outputs.drop_snapshots(tx, [pictures.job_id])


def _uncover(tx: Transaction, pictures: SnapshotSet, media_id: str, cover_key: str) -> None:
    if cover_key and cover_key.startswith(pictures.key_pattern.partition(_NUMBER)[0]):
        before = media.get_any(tx, media_id)
        if before is not None:
            media.update(tx, before, before.model_copy(update={"cover_key": ""}))
