"""Which streams of a media may be played (VOD API manual 6.1)."""

from dataclasses import dataclass

from chalicelib.library.errors import IllegalStatus
from chalicelib.library.media import facts_of, require
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.playback.errors import NoMatchingStream
from chalicelib.store import database, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.outputs import Stream


@dataclass(frozen=True)
class PlayWishes:
    """Filters; an empty set takes everything. ``every``: all streams, not the newest only."""

    formats: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    stream_types: frozenset[str] = frozenset()
    every: bool = False


@dataclass(frozen=True)
class PlayableStream:
    """A stream with the facts of its file. ``stream_type``: "video", or "audio" for sound alone."""

    stream: Stream
    facts: MediaFacts

    @property
    def stream_type(self) -> str:
        return "video" if self.facts.has_video else "audio"


@dataclass(frozen=True)
class PlayInfo:
    """A media and those of its streams that were asked for, best known first."""

    media: Media
    facts: MediaFacts | None
    streams: list[PlayableStream]


def play_info(account_id: str, media_id: str, wishes: PlayWishes) -> PlayInfo:
    """Raises MediaNotFound, IllegalStatus, NoMatchingStream.

    Playable are media in the status normal, and media still transcoding once a stream of theirs
    is done: its completion event tells subscribers that it plays (developer guide 9.1).
    """

    def read(tx: Transaction) -> PlayInfo:
        record = require(tx, account_id, media_id)
        streams = [
            PlayableStream(stream, MediaFacts.model_validate_json(stream.facts))
            for stream in outputs.streams_of(tx, media_id)
        ]
        current = any(item.stream.generation == record.generation for item in streams)
        if record.status != MediaStatus.NORMAL and not (
            record.status == MediaStatus.TRANSCODING and current
        ):
            raise IllegalStatus(record.status)
        chosen = _choose(streams, wishes)
        if not chosen:
            raise NoMatchingStream(media_id)
        return PlayInfo(record, facts_of(record), chosen)

    return database.run(read)


def _choose(streams: list[PlayableStream], wishes: PlayWishes) -> list[PlayableStream]:
    fitting = [item for item in streams if _fits(item, wishes)]
    if wishes.every:
        return fitting
    # Oldest first, so that the newest of each definition and format is the one that stays.
    newest = {(item.stream.definition, item.stream.format): item for item in fitting}
    return list(newest.values())


def _fits(item: PlayableStream, wishes: PlayWishes) -> bool:
    return (
        (not wishes.formats or item.stream.format in wishes.formats)
        and (not wishes.definitions or item.stream.definition in wishes.definitions)
        and (not wishes.stream_types or item.stream_type in wishes.stream_types)
    )
