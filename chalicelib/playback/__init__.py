"""Playing: which streams there are, who may open them, and serving what may be opened."""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.playback.credentials import PlayCredential, issue_play_credential
    from chalicelib.playback.errors import NoMatchingStream
    from chalicelib.playback.play_info import PlayInfo, PlayWishes, play_info
    from chalicelib.playback.serving import Forbidden, Redirect, ServedManifest, serve
    from chalicelib.playback.urls import plain_url, signed_url

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "Forbidden": "chalicelib.playback.serving",
    "NoMatchingStream": "chalicelib.playback.errors",
    "PlayCredential": "chalicelib.playback.credentials",
    "PlayInfo": "chalicelib.playback.play_info",
    "PlayWishes": "chalicelib.playback.play_info",
    "Redirect": "chalicelib.playback.serving",
    "ServedManifest": "chalicelib.playback.serving",
    "issue_play_credential": "chalicelib.playback.credentials",
    "plain_url": "chalicelib.playback.urls",
    "play_info": "chalicelib.playback.play_info",
    "serve": "chalicelib.playback.serving",
    "signed_url": "chalicelib.playback.urls",
}

__all__ = [
    "Forbidden",
    "NoMatchingStream",
    "PlayCredential",
    "PlayInfo",
    "PlayWishes",
    "Redirect",
    "ServedManifest",
    "issue_play_credential",
    "plain_url",
    "play_info",
    "serve",
    "signed_url",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
