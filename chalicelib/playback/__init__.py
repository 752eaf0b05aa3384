"""Playing: which streams there are, who may open them, and serving what may be opened."""

from chalicelib.playback.credentials import PlayCredential, issue_play_credential
from chalicelib.playback.errors import NoMatchingStream
from chalicelib.playback.play_info import PlayInfo, PlayWishes, play_info
from chalicelib.playback.serving import Forbidden, Redirect, ServedManifest, serve
from chalicelib.playback.urls import plain_url, signed_url

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
