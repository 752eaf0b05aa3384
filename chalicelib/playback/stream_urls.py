"""The URL of a stream for one viewer: signed, with what its keys need, perhaps a preview only."""

from dataclasses import dataclass
from urllib.parse import quote

from chalicelib.playback import domains, manifests, private_keys
from chalicelib.playback.play_info import PlayableStream
from chalicelib.playback.urls import signed_url


@dataclass(frozen=True)
class PlayUrlWishes:
    """``seconds``: how long the URL is good (default: the domain's validity); ``uid`` and ``rand``
    go into its signature; ``key_token`` is the customer's MtsHlsUriToken."""

    domain: str | None = None
    seconds: int | None = None
    uid: str | None = None
    rand: str | None = None
    preview_seconds: int | None = None
    key_token: str | None = None
    for_session: bool = False


def play_url(item: PlayableStream, wishes: PlayUrlWishes) -> str:
    """The URL; a secret: never log it."""
    domain = domains.find(wishes.domain)
    preview = wishes.preview_seconds
    url = signed_url(
        item.stream.object_key,
        wishes.seconds,
        domain=domain,
        rand=wishes.rand,
        uid=wishes.uid,
        prefix=manifests.preview_prefix(preview) if preview is not None else "",
    )
    if item.stream.format != "m3u8":
        return url
    if item.encryption == "standard" and wishes.key_token:
        return _with(url, manifests.TOKEN, wishes.key_token)
    if item.encryption == "private" and wishes.for_session:
        seconds = wishes.seconds or domain.validity_seconds
        ticket = private_keys.issue_ticket(item.stream.media_id, seconds)
        return _with(url, manifests.TICKET, ticket)
    return url


def _with(url: str, name: str, value: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{name}={quote(value, safe='')}"
