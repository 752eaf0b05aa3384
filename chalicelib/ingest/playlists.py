"""Uploaded HLS playlists: whether all is there that they name.

Clients upload a playlist and its segments in any order. The upload is complete when the last of
them has arrived, whichever it is.
"""

from chalicelib.mediaspec.hls import (
    MAX_PLAYLIST_BYTES,
    PlaylistInvalid,
    playlist_uris,
    safe_relative,
)
from chalicelib.store import keys, objects
from chalicelib.store.objects import ObjectMissing

# A master playlist, its media playlists, and no further.
_MAX_DEPTH = 2
_MAX_PLAYLISTS = 64


def is_playlist(key: str) -> bool:
    """Whether an object is a playlist, by its name."""
    return key.endswith(".m3u8")


def is_whole(playlist_key: str) -> bool:
    """Whether everything that an uploaded playlist names has arrived, in its playlists too.

    True of a playlist that is none, or names what it must not: its analysis tells the owner.
    """
    folder = keys.folder(playlist_key)
    there = objects.sizes_under(folder).keys()
    waiting, seen = [(playlist_key, _MAX_DEPTH)], 0
    while waiting and seen < _MAX_PLAYLISTS:
        key, depth = waiting.pop()
        seen += 1
        try:
            text = objects.read_text(key, MAX_PLAYLIST_BYTES + 1)
            named = {safe_relative(key, uri) for uri in playlist_uris(text)}
        except PlaylistInvalid:
            continue
        except ObjectMissing:
            return False
        if any(name.startswith(folder) and name not in there for name in named):
            return False
        if depth > 1:
            waiting += [(name, depth - 1) for name in named & there if is_playlist(name)]
    return True
