"""Tokens for keys of HLS standard encryption, and the service that checks them (guide 13.5).

The vendor leaves token issuer and decryption service to the customer; these are ready to use. A
token (``MtsHlsUriToken``) is for one media, until a time, for a number of uses. It consists of
letters and digits: ``{id}{media id}{expiry}{uses}{seal}``. Issuing one stores nothing.
"""

import hashlib
import hmac
import re
import secrets
import time
from datetime import UTC, datetime

from chalicelib.identity.derived_keys import derived_keys
from chalicelib.playback import data_keys
from chalicelib.playback.edge_requests import Forbidden
from chalicelib.store import database, media, play_counters, stream_keys
from chalicelib.store.database import Transaction
from chalicelib.store.stream_keys import KeyUnusable

MAX_SECONDS = 86_400
MAX_USES = 99_999

_TOKEN = re.compile(
    r"(?P<body>(?P<id>[0-9a-f]{16})(?P<media>[0-9a-f]{32})(?P<ends>\d{10})(?P<uses>\d{5}))"
    r"(?P<seal>[0-9a-f]{32})"
)


def issue_key_token(media_id: str, seconds: int, uses: int) -> str:
    """A token for the keys of one media: 1 to 86400 seconds, 1 to 99999 uses. A secret."""
    if not (0 < seconds <= MAX_SECONDS and 0 < uses <= MAX_USES):
        raise ValueError("seconds or uses are out of range")
    ends = int(time.time()) + seconds
    body = f"{secrets.token_hex(8)}{media_id}{ends:010d}{uses:05d}"
    return body + _seal(derived_keys("key-token")[0], body)


def released_key(ciphertext: str, token: str) -> bytes:
    """The 16 bytes of a ciphertext for the holder of a token; counts one use. Raises Forbidden.

    The ciphertext must be that of a stream of the token's media.
    """
    found = _TOKEN.fullmatch(token)
    if found is None or not any(
        hmac.compare_digest(_seal(key, found["body"]), found["seal"])
        for key in derived_keys("key-token")
    ):
        raise Forbidden("MtsHlsUriToken is missing or wrong.")
    ends = datetime.fromtimestamp(int(found["ends"]), UTC)
    if ends < datetime.now(UTC):
        raise Forbidden("MtsHlsUriToken has expired.")

    def use(tx: Transaction) -> str | None:
        record = media.get_any(tx, found["media"])
        known = stream_keys.is_of_media(tx, found["media"], ciphertext)
        if record is None or not known:
            return None
        if play_counters.use_token(tx, found["id"], ends) > int(found["uses"]):
            raise Forbidden("MtsHlsUriToken is used up.")
        return record.account_id

    account_id = database.run(use)
    if account_id is None:
        raise Forbidden("MtsHlsUriToken is not for this key.")
    try:
        return data_keys.open_data_key(account_id, ciphertext)
    except KeyUnusable as error:
        raise Forbidden("CipherText cannot be opened.") from error


def _seal(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:32]
