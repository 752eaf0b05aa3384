"""Private encryption: one AES-128 key for each media, released to play sessions only.

The manifest names the key by ``PRIVATE_SCHEME``, which no player can open. When it is served, the
name becomes the address of the key service with the ticket of the play session in it. GetPlayInfo
issues tickets to callers with a play credential (PlayAuth) for this very media, and to nobody else.
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime

from chalicelib.identity.derived_keys import derived_keys
from chalicelib.playback import review
from chalicelib.playback.edge_requests import Forbidden
from chalicelib.store import database, stream_keys
from chalicelib.store.database import Transaction

PRIVATE_SCHEME = "openvod:private-key"

_REFUSED = "The key is for play sessions of this media only."


def issue_ticket(media_id: str, seconds: int) -> str:
    """A ticket with which one media's key is released for ``seconds``. A secret: never log it."""
    expires = int(time.time()) + seconds
    return f"{expires}.{_seal(derived_keys('play-ticket')[0], media_id, expires)}"


def released_key(media_id: str, ticket: str, address: str) -> bytes:
    """The 16 bytes for the holder of a ticket at this address. Raises Forbidden."""
    expires, _, seal = ticket.partition(".")
    if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
        raise Forbidden(_REFUSED)
    genuine = [_seal(key, media_id, int(expires)) for key in derived_keys("play-ticket")]
    given = seal.encode("utf-8", "replace")
    if not any(hmac.compare_digest(each.encode(), given) for each in genuine):
        raise Forbidden(_REFUSED)
    if int(expires) < time.time():
        raise Forbidden("The play session is over.")
    if review.is_withheld(media_id, address):
        raise Forbidden(review.WITHHELD)
    ciphertext = database.run(lambda tx: stream_keys.media_key(tx, media_id))
    if ciphertext is None:
        raise Forbidden(_REFUSED)
    return stream_keys.unwrap(ciphertext, _owner(media_id))


def media_key(media_id: str) -> bytes:
    """The 16 bytes of a media's key, made at first use; for the workers that encrypt."""

    def read(tx: Transaction) -> str | None:
        return stream_keys.media_key(tx, media_id)

    ciphertext = database.run(read)
    if ciphertext is None:
        made = stream_keys.new_wrapped(_owner(media_id))
        now = datetime.now(UTC)
        database.run(lambda tx: stream_keys.add_media_key(tx, media_id, made, now))
        ciphertext = database.run(read) or made
    return stream_keys.unwrap(ciphertext, _owner(media_id))


def _seal(key: bytes, media_id: str, expires: int) -> str:
    return hmac.new(key, f"{media_id}\n{expires}".encode(), hashlib.sha256).hexdigest()


def _owner(media_id: str) -> str:
    return f"media/{media_id}"
