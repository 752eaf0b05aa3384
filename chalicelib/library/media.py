"""Reading the library: a media with its facts and pictures."""

from collections.abc import Container
from dataclasses import dataclass

from chalicelib.library.errors import IllegalStatus, MediaNotFound
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.store import database, media, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, MediaStatus, MediaType
from chalicelib.store.outputs import SnapshotKind, SnapshotSet

# What the vendors' words for "video" mean.
VIDEOS = frozenset({MediaType.VIDEO, MediaType.AUDIO})


@dataclass(frozen=True)
class MediaView:
    """A media as a client sees it: ``facts`` is None until the source was analysed."""

    media: Media
    facts: MediaFacts | None
    covers: SnapshotSet | None

    @property
    def duration(self) -> float:
        """Seconds; 0 until known."""
        return self.facts.duration if self.facts else 0.0


def facts_of(record: Media) -> MediaFacts | None:
    """The analysed facts of the source."""
    return MediaFacts.model_validate_json(record.facts) if record.facts else None


def require(tx: Transaction, account_id: str, media_id: str) -> Media:
    """The record inside a transaction. Raises MediaNotFound."""
    record = media.get(tx, account_id, media_id)
    if record is None:
        raise MediaNotFound(media_id)
    return record


def require_status(record: Media, allowed: Container[MediaStatus]) -> None:
    """Raises IllegalStatus unless the media stands where it may."""
    if record.status not in allowed:
        raise IllegalStatus(record.status)


def find(account_id: str, media_id: str) -> Media:
    """The record. Raises MediaNotFound."""
    return database.run(lambda tx: require(tx, account_id, media_id))


def view(account_id: str, media_id: str) -> MediaView:
    """The media with facts and cover snapshots. Raises MediaNotFound."""

    def read(tx: Transaction) -> MediaView:
        record = require(tx, account_id, media_id)
        return MediaView(record, facts_of(record), outputs.latest_snapshots(tx, media_id, "cover"))

    return database.run(read)


def find_several(account_id: str, media_ids: list[str]) -> list[MediaView]:
    """Those of the media that exist, in the order asked for, each once."""

    def read(tx: Transaction) -> list[MediaView]:
        records = {item.media_id: item for item in media.get_several(tx, account_id, media_ids)}
        covers = outputs.latest_covers(tx, list(records))
        return [
            MediaView(records[name], facts_of(records[name]), covers.get(name))
            for name in dict.fromkeys(media_ids)
            if name in records
        ]

    return database.run(read)


_WITH_SNAPSHOTS = frozenset(
    {MediaStatus.UPLOADED, MediaStatus.NORMAL, MediaStatus.CHECKING, MediaStatus.BLOCKED}
)


def snapshots_of(account_id: str, media_id: str, kind: SnapshotKind) -> SnapshotSet | None:
    """The newest pictures of this kind. Raises MediaNotFound, IllegalStatus."""

    def read(tx: Transaction) -> SnapshotSet | None:
        record = require(tx, account_id, media_id)
        require_status(record, _WITH_SNAPSHOTS)
        return outputs.latest_snapshots(tx, media_id, kind)

    return database.run(read)
