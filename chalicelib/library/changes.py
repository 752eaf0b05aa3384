"""Changing what is told about media: titles, descriptions, tags, covers, categories."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib import events
from chalicelib.library import announcements
from chalicelib.library.errors import MediaNotFound
from chalicelib.library.media import VIDEOS, require
from chalicelib.store import database, media
from chalicelib.store.database import Transaction
from chalicelib.store.media import MediaType
from chalicelib.store.visibility import NotWritable


@dataclass(frozen=True)
class Changes:
    """New values; None leaves what there is. ``category_ids``: a JSON list, for auxiliary media."""

    title: str | None = None
    description: str | None = None
    tags: str | None = None
    custom_cover_url: str | None = None
    category_id: int | None = None
    category_ids: str | None = None


@dataclass
class Changed:
    """Of several: the ids that name no media, and those that may not be changed."""

    unknown: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


def update_media(
    account_id: str,
    media_id: str,
    changes: Changes,
    kinds: frozenset[MediaType] = VIDEOS,
) -> None:
    """Change one media, and tell of it if it is a video or audio. Raises MediaNotFound.

    Changes of the same media at the same time follow each other: none is lost.
    """
    wanted = {name: value for name, value in vars(changes).items() if value is not None}

    def write(tx: Transaction) -> list[str]:
        before = require(tx, account_id, media_id, kinds)
        if before.model_copy(update=wanted) == before:
            return []
        after = before.model_copy(update={**wanted, "modified_at": datetime.now(UTC)})
        media.update(tx, before, after)
        if before.media_type not in VIDEOS:
            return []
        return [announcements.media_changed(tx, before, after)]

    events.announce(database.run(write))


def update_several(
    account_id: str,
    changes: Iterable[tuple[str, Changes]],
    kinds: frozenset[MediaType] = VIDEOS,
) -> Changed:
    """Change several media, each for itself."""
    outcome = Changed()
    for media_id, wanted in changes:
        try:
            update_media(account_id, media_id, wanted, kinds)
        except MediaNotFound:
            outcome.unknown.append(media_id)
        except NotWritable:
            outcome.forbidden.append(media_id)
    return Changed(list(dict.fromkeys(outcome.unknown)), list(dict.fromkeys(outcome.forbidden)))
