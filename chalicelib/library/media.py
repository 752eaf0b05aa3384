"""Reading the library: a media with its facts and pictures."""

import json
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.library.errors import IllegalStatus, MediaNotFound, SourceMissing
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.store import categories, database, media, objects, outputs
from chalicelib.store.categories import Category
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, MediaStatus, MediaType
from chalicelib.store.outputs import SnapshotKind, SnapshotSet
from chalicelib.store.playable import PlayedMedia

# What the vendors' words for "video" mean.
VIDEOS = frozenset({MediaType.VIDEO, MediaType.AUDIO})
IMAGES = frozenset({MediaType.IMAGE})
ATTACHED = frozenset({MediaType.ATTACHED})


@dataclass(frozen=True)
class MediaView:
    """A media as a client sees it: ``facts`` is None until the source was analysed.

    ``categories``: those of its categories that exist.
    """

    media: Media
    facts: MediaFacts | None
    covers: SnapshotSet | None
    sprites: SnapshotSet | None = None
    categories: tuple[Category, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds; 0 until known."""
        return self.facts.duration if self.facts else 0.0


def facts_of(record: Media | PlayedMedia) -> MediaFacts | None:
    """The analysed facts of the source."""
    return parsed_facts(record.facts) if record.facts else None


@lru_cache(maxsize=512)
def parsed_facts(text: str) -> MediaFacts:
    """Facts from their JSON. What is popular is asked for again and again, and never changes."""
    return MediaFacts.model_validate_json(text)


def require(
    tx: Transaction, account_id: str, media_id: str, kinds: Collection[MediaType] = VIDEOS
) -> Media:
    """The record inside a transaction. Raises MediaNotFound, also for media of other kinds."""
    record = media.get(tx, account_id, media_id)
    if record is None or record.media_type not in kinds:
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
    return database.run(lambda tx: views_of(tx, account_id, [require(tx, account_id, media_id)])[0])


def find_source(account_id: str, media_id: str) -> MediaView:
    """As ``view``, of a media whose source is to be told of.

    Raises also SourceMissing, where one that nobody has deleted through an API is gone from the
    bucket.
    """
    shown = view(account_id, media_id)
    record = shown.media
    expected = record.generation > 0 and record.source_deleted_at is None
    if expected and objects.describe(record.source_key) is None:
        raise SourceMissing(media_id)
    return shown


def find_several(
    account_id: str, media_ids: list[str], kinds: Collection[MediaType] = VIDEOS
) -> list[MediaView]:
    """Those of the media of these kinds that exist, in the order asked for, each once."""

    def read(tx: Transaction) -> list[MediaView]:
        records = {item.media_id: item for item in media.get_several(tx, account_id, media_ids)}
        asked = [records[name] for name in dict.fromkeys(media_ids) if name in records]
        return views_of(tx, account_id, [item for item in asked if item.media_type in kinds])

    return database.run(read)


def views_of(tx: Transaction, account_id: str, records: Iterable[Media]) -> list[MediaView]:
    """Records with what belongs to them, in the same order."""
    several = list(records)
    pictures = outputs.latest_pictures(tx, [item.media_id for item in several])
    wanted = {number for item in several for number in category_ids(item)}
    known = {
        item.category_id: item for item in categories.get_several(tx, account_id, sorted(wanted))
    }
    return [
        MediaView(
            item,
            facts_of(item),
            pictures.get((item.media_id, "cover")),
            pictures.get((item.media_id, "sprite")),
            tuple(known[number] for number in category_ids(item) if number in known),
        )
        for item in several
    ]


def category_ids(record: Media) -> list[int]:
    """The categories that a media is in, whether they exist or not."""
    several: list[int] = json.loads(record.category_ids)
    return several if record.category_id is None else [record.category_id, *several]


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
