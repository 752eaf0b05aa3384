"""Playing: which streams there are, who may open them, and what the edge asks its origin for."""

from chalicelib.playback.credentials import PlayCredential, issue_play_credential
from chalicelib.playback.errors import NoMatchingStream, OnlyPrivateStreams
from chalicelib.playback.play_info import PlayInfo, PlayWishes, play_info
from chalicelib.playback.urls import plain_url, signed_url

__all__ = [
    "NoMatchingStream",
    "OnlyPrivateStreams",
    "PlayCredential",
    "PlayInfo",
    "PlayWishes",
    "issue_play_credential",
    "plain_url",
    "play_info",
    "signed_url",
]
