"""Bringing an HLS playlist over with everything that it names.

Each object gets a name of its own in the media's folder, which follows from its address: what an
earlier run has brought is not fetched again. The playlist that names them so is written last; it is
the source of the media, and there is none before everything is there.
"""

import hashlib
import re
from urllib.parse import urlsplit

from chalicelib.ingest.pull_source import OpenSource, SourceBroken, fetched_from, open_source
from chalicelib.ingest.pull_transfer import PART_BYTES, Held, check_size, next_part
from chalicelib.ingest.pull_urls import SourceRefused
from chalicelib.mediaspec.hls import MAX_PLAYLIST_BYTES, PlaylistInvalid, rewrite_uris
from chalicelib.store import keys, multipart, objects
from chalicelib.store.multipart import StoredPart
from chalicelib.store.objects import StoredObject
from chalicelib.store.pulls import PullState

# A master playlist, its media playlists, and no further.
_MAX_DEPTH = 2
_MAX_PLAYLISTS = 64
_EXTENSION = re.compile(r"[a-z0-9]{1,5}")


def transfer_playlist(held: Held) -> StoredObject:
    """Bring the playlist over; returns the object that it has become. Raises as `transfer` does."""
    key = held.record.source_key
    stored = objects.describe(key)
    if stored is None:
        held.note(state=PullState.DOWNLOADING)
        text = _Copier(held).copy(held.pull.source_url, _MAX_DEPTH)
        held.note(state=PullState.STORING)
        objects.put_text(text, key)
        stored = objects.describe(key)
    if stored is None:
        raise SourceBroken("what had been stored of the source was lost")
    held.note(state=PullState.STORED)
    return stored


class _Copier:
    """Copies what playlists name, each object once; ``sizes`` are those that are there."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._folder = keys.folder(held.record.source_key)
        self._sizes = objects.sizes_under(self._folder)
        self._pulled = sum(self._sizes.values())
        self._playlists = 0

    def copy(self, url: str, depth: int) -> str:
        """Copy what the playlist at this address names; returns it with the new names."""
        self._playlists += 1
        if depth == 0 or self._playlists > _MAX_PLAYLISTS:
            raise SourceRefused("the playlist names too many playlists")
        base, text = self._text(url)
        try:
            return rewrite_uris(text, lambda uri: self._copied(fetched_from(base, uri), depth))
        except PlaylistInvalid as invalid:
            raise SourceRefused(str(invalid)) from None

    def _text(self, url: str) -> tuple[str, str]:
        """Where a playlist was found, and what it says."""
        body = bytearray()
        with open_source(url) as source:
            while block := source.read(64 * 1024):
                body += block
                if len(body) > MAX_PLAYLIST_BYTES:
                    raise SourceRefused(f"a playlist is larger than {MAX_PLAYLIST_BYTES} bytes")
                self._held.beat(self._pulled)
            return source.url, body.decode("utf-8", "replace")

    def _copied(self, url: str, depth: int) -> str:
        """The name of the object that has been made of what lies at this address."""
        extension = urlsplit(url).path.rpartition(".")[2].lower()
        extension = extension if _EXTENSION.fullmatch(extension) else "ts"
        name = f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.{extension}"
        key = self._folder + name
        if key in self._sizes:
            return name
        if extension == "m3u8":
            objects.put_text(self.copy(url, depth - 1), key)
            self._sizes[key] = 0
            return name
        with open_source(url) as source:
            check_size(self._pulled + (source.total_size or 0))
            self._sizes[key] = self._store(source, key)
        self._pulled += self._sizes[key]
        self._held.progressed = True
        return name

    def _store(self, source: OpenSource, key: str) -> int:
        """Store one object, in parts if it is large; it is there when it is whole."""
        size = 0
        body = next_part(self._held, source, self._pulled)
        if len(body) < PART_BYTES:
            objects.put_bytes(body, key)
            return len(body)
        upload_id = multipart.begin(key)
        parts: list[StoredPart] = []
        try:
            while body:
                size += len(body)
                parts.append(multipart.put_part(key, upload_id, len(parts) + 1, body))
                body = next_part(self._held, source, self._pulled + size)
            multipart.complete(key, upload_id, parts)
        except BaseException:
            multipart.abort(key, upload_id)
            raise
        return size
