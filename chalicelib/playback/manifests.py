"""HLS manifests as viewers get them: every URI signed, keys with their tokens, previews cut.

DASH manifests and indexes of thumbnails (WebVTT) as well.

Segments and sub-manifests lie in the same private bucket, and relative URIs lose the query of the
manifest's own URL. So the origin writes into each URI a signature of its own. It has the timestamp
of the signature that opened the manifest: nothing in it opens longer than the manifest itself.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from chalicelib.mediaspec.dash_segments import with_named_segments
from chalicelib.mediaspec.hls import (
    MAX_PLAYLIST_BYTES,
    PlaylistInvalid,
    first_seconds,
    rewrite_uris,
    safe_relative,
)
from chalicelib.mediaspec.webvtt import MAX_INDEX_BYTES, rewrite_pictures
from chalicelib.playback import admission
from chalicelib.playback.edge_requests import EdgeRequest
from chalicelib.playback.private_keys import PRIVATE_SCHEME
from chalicelib.playback.urls import Signing, auth_key, parse_auth_key, path_of
from chalicelib.store import keys, objects

TOKEN = "MtsHlsUriToken"  # noqa: S105 - the name of a parameter
TICKET = "PlayTicket"

_PREVIEW = re.compile(r"/~preview=(\d{1,6})(/.*)")
_HAS_TOKEN = re.compile(rf"([?&]){TOKEN}=[^&#]*")
_WEB = re.compile(r"https?://[^\s\"]+", re.IGNORECASE)


def preview_prefix(seconds: int) -> str:
    """What stands before a path of which only the first seconds may be played."""
    return f"/~preview={seconds}"


def manifest(request: EdgeRequest, query: dict[str, str]) -> str:
    """The manifest of a URL that the edge let pass. It holds secrets: never log it.

    Raises Forbidden, store.objects.ObjectMissing, mediaspec.hls.PlaylistInvalid.
    """
    given = query.get("auth_key", "")
    if (parse_auth_key(given) or Signing(0, "")).rand.startswith(admission.PART_MARK):
        admission.require_grant(request, query.get("grant", ""))
    else:
        admission.count(request, given)
    cut = _PREVIEW.fullmatch(request.path)
    prefix = preview_prefix(int(cut[1])) if cut else ""
    key = unquote(cut[2] if cut else request.path).removeprefix("/")
    if key.endswith(".vtt"):
        return _index(key, _signer(request, given))
    text = objects.read_text(key, MAX_PLAYLIST_BYTES + 1)
    if key.endswith(".mpd"):
        if cut:
            raise PlaylistInvalid("a DASH manifest cannot be cut")
        sign = _signer(request, given)
        return with_named_segments(text, lambda uri: _part(key, uri, "", {}, sign))
    if cut:
        text = first_seconds(text, int(cut[1]))
    sign = _signer(request, given)
    return rewrite_uris(
        text,
        lambda uri: _part(key, uri, prefix, query, sign),
        lambda uri: _key_uri(key, uri, query),
    )


def _index(key: str, sign: Callable[[str], str]) -> str:
    """An index of thumbnails: the pictures lie beside it."""
    folder = key.rpartition("/")[0]
    text = objects.read_text(key, MAX_INDEX_BYTES)
    return rewrite_pictures(text, lambda name: sign(path_of(f"{folder}/{name}")))


def _part(
    manifest_key: str, uri: str, prefix: str, query: dict[str, str], sign: Callable[[str], str]
) -> str:
    target = safe_relative(manifest_key, uri)
    if not target.startswith(keys.folder(manifest_key)):
        raise PlaylistInvalid("the playlist names an object outside its media's folder")
    if not target.endswith(".m3u8"):
        return sign(path_of(target))
    # What the keys need travels on through the manifests of the renditions.
    carried = [f"{name}={quote(query[name], safe='')}" for name in (TOKEN, TICKET) if name in query]
    return _with(sign(prefix + path_of(target)), *carried)


def _signer(request: EdgeRequest, given: str) -> Callable[[str], str]:
    domain = request.domain
    signing = parse_auth_key(given)
    mark = admission.PART_MARK

    def sign(path: str) -> str:
        parameters = []
        if domain.keys and signing is not None:
            rand = signing.rand if signing.rand.startswith(mark) else mark + signing.rand
            derived = Signing(signing.timestamp, rand, signing.uid)
            parameters.append(f"auth_key={auth_key(path, derived, domain.keys[0])}")
        if domain.limits.count:
            parameters.append(f"grant={admission.grant(domain, path, request.address)}")
        return _with(path, *parameters)

    return sign


def _key_uri(manifest_key: str, uri: str, query: dict[str, str]) -> str:
    if uri == PRIVATE_SCHEME:
        media_id = keys.folder(manifest_key).strip("/")
        ticket = quote(query.get(TICKET, ""), safe="")
        return f"/keys/private/{media_id}?{TICKET}={ticket}"
    if not _WEB.fullmatch(uri):
        raise PlaylistInvalid("the playlist names a key that is not at an http(s) address")
    token = query.get(TOKEN)
    if token is None:
        return uri
    parameter = f"{TOKEN}={quote(token, safe='')}"
    if _HAS_TOKEN.search(uri):
        return _HAS_TOKEN.sub(lambda found: found[1] + parameter, uri, count=1)
    return _with(uri, parameter)


def _with(uri: str, *parameters: str) -> str:
    if not parameters:
        return uri
    return uri + ("&" if "?" in uri else "?") + "&".join(parameters)
