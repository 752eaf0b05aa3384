"""Opening a play URL: checks its signature and sends the player to the bytes.

Files are redirected to a short-lived address in the bucket. A manifest is served from here, with
the address of every segment filled in, because the segments lie in the same private bucket.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from chalicelib.mediaspec.hls import (
    MAX_PLAYLIST_BYTES,
    PlaylistInvalid,
    rewrite_uris,
    safe_relative,
)
from chalicelib.playback.urls import PATH_PREFIX, is_authorised, signed_url
from chalicelib.settings import settings
from chalicelib.store import keys, objects


class Forbidden(Exception):
    """The signature is missing, wrong or expired."""


@dataclass(frozen=True)
class Redirect:
    """Where the bytes are. A secret: never log it."""

    url: str


@dataclass(frozen=True)
class ServedManifest:
    """An HLS manifest whose URIs open without further signatures. Holds secrets."""

    text: str


def serve(path: str, auth_key: str) -> Redirect | ServedManifest:
    """What to answer to a play URL: its percent-encoded path and its ``auth_key``.

    Raises Forbidden, store.objects.ObjectMissing, mediaspec.hls.PlaylistInvalid.
    """
    if not path.startswith(PATH_PREFIX) or not is_authorised(path, auth_key):
        raise Forbidden
    key = unquote(path.removeprefix(PATH_PREFIX))
    if not key.endswith(".m3u8"):
        return Redirect(objects.presigned_url(key, settings().segment_url_seconds))
    text = objects.read_text(key, MAX_PLAYLIST_BYTES + 1)
    return ServedManifest(rewrite_uris(text, lambda uri: _open(key, uri)))


def _open(manifest_key: str, uri: str) -> str:
    target = safe_relative(manifest_key, uri)
    if not target.startswith(keys.folder(manifest_key)):
        raise PlaylistInvalid("the playlist names an object outside its media's folder")
    if target.endswith(".m3u8"):
        return signed_url(target)
    return objects.presigned_url(target, settings().segment_url_seconds)
