"""The library's events, written into the outbox in the transaction of what they tell."""

from collections.abc import Sequence

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import (
    Change,
    ChangeMode,
    DeletedPart,
    ManualAuditComplete,
    MediaChanged,
    MediaDeleted,
    MediaKind,
    Outcome,
)
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media


def about(media: Media) -> About:
    """What events about a video or audio begin with."""
    return About(
        account_id=media.account_id,
        app_id=media.app_id,
        media_id=media.media_id,
        callback_url=media.callback_url,
        extend=media.extend,
    )


def media_created(tx: Transaction, media: Media) -> str:
    """A record has been made. Each function here returns the id of its event."""
    return media_changed(tx, None, media)


def media_changed(tx: Transaction, before: Media | None, after: Media | None) -> str:
    """Basic information was set (`before` is None), changed, or removed (`after` is None)."""
    subject = after or before
    if subject is None:
        raise ValueError("a change has something before it or after it")
    mode = ChangeMode.UPDATE if before and after else ChangeMode.CREATE
    payload = MediaChanged(
        kind=MediaKind.VIDEO,
        mode=mode if after else ChangeMode.DELETE,
        title=_change(before, after, "title"),
        description=_change(before, after, "description"),
        cover_url=_change(before, after, "custom_cover_url"),
        category_id=_change(before, after, "category_id"),
        tags=_change(before, after, "tags"),
    )
    return events.emit(tx, about(subject), payload)


def media_deleted(
    tx: Transaction,
    media: About,
    kind: MediaKind = MediaKind.VIDEO,
    part: DeletedPart = DeletedPart.ALL,
    job_ids: Sequence[str] = (),
) -> str:
    """A medium, its source or the streams of some jobs were deleted."""
    payload = MediaDeleted(status=Outcome.SUCCESS, kind=kind, part=part, job_ids=tuple(job_ids))
    return events.emit(tx, media, payload)


def media_not_deleted(tx: Transaction, media: About, code: str, message: str) -> str:
    """A medium was to be deleted and could not be."""
    payload = MediaDeleted(
        status=Outcome.FAIL,
        kind=MediaKind.VIDEO,
        part=DeletedPart.ALL,
        error_code=code,
        error_message=message,
    )
    return events.emit(tx, media, payload)


def audited(tx: Transaction, media: About, decision: ManualAuditComplete) -> str:
    """A person has reviewed a video."""
    return events.emit(tx, media, decision)


def _change(before: Media | None, after: Media | None, field: str) -> Change | None:
    # An empty text is no value.
    old = (getattr(before, field) or None) if before else None
    new = (getattr(after, field) or None) if after else None
    return None if old == new else Change(old=old, new=new)
