"""What the edge asks its origin for: manifests, counted openings and keys."""

from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

blueprint = Blueprint(__name__)

_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "vtt": "text/vtt",
}
# Players on other sites read these; there are no cookies to protect.
_HEADERS = {"Cache-Control": "private, no-store", "Access-Control-Allow-Origin": "*"}


@blueprint.route("/manifest", methods=["GET", "HEAD"], name="manifest")
def manifest() -> Response:
    """An HLS or DASH manifest, or an index of thumbnails, with signed URIs."""
    # Imported here, as below: every function imports this module, and only viewers need these.
    from chalicelib.playback import edge_requests, manifests

    def serve(request: Request) -> Response:
        opened = edge_requests.opened(request.headers)
        text = manifests.manifest(opened, dict(request.query_params or {}))
        kind = opened.path.rpartition(".")[2]
        return _answer(200, text, {"Content-Type": _TYPES.get(kind, _TYPES["m3u8"])})

    return _served(serve)


@blueprint.route("/admit", methods=["GET", "HEAD"], name="admit")
def admit() -> Response:
    """Counts an opening of a URL, where the domain limits it, and sends the viewer on."""
    from chalicelib.playback import admission, edge_requests

    def serve(request: Request) -> Response:
        opened = edge_requests.opened(request.headers)
        return _answer(302, "", {"Location": admission.admit(opened, _parameter("auth_key"))})

    return _served(serve)


@blueprint.route("/keys/hls", methods=["GET"], name="hls_key")
def hls_key() -> Response:
    """A key of HLS standard encryption, for the holder of an MtsHlsUriToken (guide 13.5)."""
    from chalicelib.playback import key_tokens

    def serve(_: Request) -> Response:
        # As the table of the manual spells it, or as its samples of DecryptKeyUri do.
        ciphertext = _parameter("CipherText") or _parameter("Ciphertext")
        return _key(key_tokens.released_key(ciphertext, _parameter("MtsHlsUriToken")))

    return _served(serve)


@blueprint.route("/keys/private/{media_id}", methods=["GET"], name="private_key")
def private_key(media_id: str) -> Response:
    """The key of a media's private streams, for the holder of a play session's ticket."""
    from chalicelib.playback import edge_requests, private_keys

    def serve(request: Request) -> Response:
        edge_requests.opened(request.headers)  # the domain's limits hold for keys, too
        return _key(private_keys.released_key(media_id, _parameter("PlayTicket")))

    return _served(serve)


def _served(serve: Callable[[Request], Response]) -> Response:
    from chalicelib import tracing
    from chalicelib.mediaspec.hls import PlaylistInvalid
    from chalicelib.playback.edge_requests import Forbidden
    from chalicelib.store.objects import ObjectMissing

    request = blueprint.current_request
    assert request is not None
    text = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        with tracing.span("play"):
            return serve(request)
    except Forbidden as refusal:
        return _answer(403, str(refusal), text)
    except ObjectMissing:
        return _answer(404, "There is no such object.", text)
    except PlaylistInvalid as invalid:
        return _answer(422, f"The manifest cannot be served: {invalid}", text)


def _parameter(name: str) -> str:
    request = blueprint.current_request
    assert request is not None
    return str(dict(request.query_params or {}).get(name, ""))


def _key(key: bytes) -> Response:
    return _answer(200, key, {"Content-Type": "application/octet-stream"})


def _answer(status: int, body: str | bytes, headers: dict[str, str]) -> Response:
    return Response(body=body, status_code=status, headers={**headers, **_HEADERS})
