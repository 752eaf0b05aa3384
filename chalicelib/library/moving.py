"""Moving media from one application to another (VOD API manual 15.4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from chalicelib.identity.app_access import Access
from chalicelib.store import database, media
from chalicelib.store.database import Transaction
from chalicelib.store.media import MediaType


@dataclass
class Moved:
    """What became of the ids that were to be moved; the others have been moved."""

    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def move_media(
    account_id: str,
    access: Access,
    media_ids: Sequence[str],
    types: Collection[MediaType],
    app_id: str,
) -> Moved:
    """Move media of these types into an application, each in a transaction of its own.

    Unknown are those that the caller cannot see or that are of another type, refused those that
    it may only read. That it may write into the target is for the caller of this to check.
    """
    moved = Moved()
    for media_id in dict.fromkeys(media_ids):
        outcome = database.run(
            partial(_move, account_id, access, media_id=media_id, types=types, app_id=app_id)
        )
        if outcome is not None:
            getattr(moved, outcome).append(media_id)
    return moved


def _move(
    account_id: str,
    access: Access,
    tx: Transaction,
    *,
    media_id: str,
    types: Collection[MediaType],
    app_id: str,
) -> str | None:
    record = media.get(tx, account_id, media_id)
    if record is None or record.media_type not in types:
        return "unknown"
    if not access.everywhere and record.app_id not in access.writable:
        return "refused" if record.app_id in access.readable else "unknown"
    if record.app_id != app_id:
        media.move(tx, record, app_id, datetime.now(UTC))
    return None
