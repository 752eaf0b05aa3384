"""Which streams of a media may be played, and by whom (VOD API manual 6.1)."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.library.errors import IllegalStatus, MediaNotFound
from chalicelib.library.media import VIDEOS, facts_of, parsed_facts
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.playback.errors import NoMatchingStream, OnlyPrivateStreams
from chalicelib.playback.review import may_play_unreviewed
from chalicelib.store import database, outputs, playable
from chalicelib.store.media import MediaStatus
from chalicelib.store.playable import Playable, PlayedMedia, PlayedStream
from chalicelib.store.stream_keys import EncryptionKind

Encryption = Literal["none"] | EncryptionKind

# Of streams alike, a protected one is offered first (developer guide 9.1, 9.2).
_PREFERENCE: dict[Encryption, int] = {"none": 0, "standard": 1, "private": 2}
_MOST_STREAMS = 100


@dataclass(frozen=True)
class PlayWishes:
    """Filters; an empty set takes everything. ``every``: all streams, not the newest only.

    ``for_session``: the caller holds a play credential for this media. ``preview``: only streams
    of which the first seconds alone can be given. ``address`` is where the viewer is.
    """

    formats: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    stream_types: frozenset[str] = frozenset()
    encryption: Encryption | None = None
    every: bool = False
    for_session: bool = False
    preview: bool = False
    address: str = ""


@dataclass(frozen=True)
class PlayableStream:
    """A stream with the facts of its file. ``stream_type``: "video", or "audio" for sound alone."""

    stream: PlayedStream
    facts: MediaFacts
    encryption: Encryption = "none"

    @property
    def stream_type(self) -> str:
        return "video" if self.facts.has_video else "audio"


@dataclass(frozen=True)
class PlayInfo:
    """A media and those of its streams that were asked for, best known first."""

    media: PlayedMedia
    facts: MediaFacts | None
    streams: list[PlayableStream]


def play_info(account_id: str, media_id: str, wishes: PlayWishes) -> PlayInfo:
    """Raises MediaNotFound, IllegalStatus, NoMatchingStream, OnlyPrivateStreams.

    Playable are media in the status normal; media still transcoding once a stream of theirs is
    done, since its completion event tells subscribers that it plays (developer guide 9.1); and
    from security addresses those under review and blocked.
    """

    found = database.run_single(lambda tx: playable.get(tx, account_id, media_id))
    if found is None or found.media.media_type not in VIDEOS:
        raise MediaNotFound(media_id)
    record = found.media
    if not _plays(found, wishes):
        raise IllegalStatus(record.status)
    streams = [
        PlayableStream(stream, parsed_facts(stream.facts), stream.encryption or "none")
        for stream in found.streams
        if stream.definition != outputs.PREPROCESSED
    ]
    return PlayInfo(record, facts_of(record), _choose(streams, wishes))


def _plays(found: Playable, wishes: PlayWishes) -> bool:
    record = found.media
    if record.status == MediaStatus.TRANSCODING:
        return any(stream.generation == record.generation for stream in found.streams)
    return record.status == MediaStatus.NORMAL or may_play_unreviewed(
        record.account_id, record.status, wishes.address
    )


def _choose(streams: list[PlayableStream], wishes: PlayWishes) -> list[PlayableStream]:
    fitting = [item for item in streams if _fits(item, wishes)]
    shown = [
        item
        for item in fitting
        if item.encryption != "private" or wishes.every or wishes.for_session
    ]
    if not shown:
        if fitting:
            raise OnlyPrivateStreams
        raise NoMatchingStream
    if wishes.every:
        return shown[-_MOST_STREAMS:]
    best: dict[tuple[str, str], PlayableStream] = {}
    for item in shown:  # oldest first: of streams equally good the newest is the one that stays
        kind = (item.stream.definition, item.stream.format)
        if kind not in best or _rank(item) >= _rank(best[kind]):
            best[kind] = item
    return list(best.values())


def _rank(item: PlayableStream) -> int:
    return _PREFERENCE[item.encryption]


def _fits(item: PlayableStream, wishes: PlayWishes) -> bool:
    return (
        (not wishes.formats or item.stream.format in wishes.formats)
        and (not wishes.definitions or item.stream.definition in wishes.definitions)
        and (not wishes.stream_types or item.stream_type in wishes.stream_types)
        and (wishes.encryption is None or item.encryption == wishes.encryption)
        # Whoever may read a part of a file may read all of it: previews need a manifest.
        and (not wishes.preview or item.stream.format == "m3u8")
    )
