"""Playing what is under review or blocked: from security addresses only (developer guide 9.1)."""

import base64
import binascii
import ipaddress

from chalicelib.settings import settings
from chalicelib.store import database, play_domains, playable
from chalicelib.store.media import MediaStatus

_REVIEWED = frozenset({MediaStatus.CHECKING, MediaStatus.BLOCKED})


WITHHELD = "The video is under review, or blocked."


class AddressUnreadable(ValueError):
    """An encrypted address that the configured key does not open."""


def is_withheld(media_id: str | None, address: str) -> bool:
    """Whether a media came under review, or was blocked, since its URLs were issued.

    The guide (7.4) lets such URLs play on. Here streams end as soon as something of theirs is asked
    of the API: manifests and private keys.
    """
    if media_id is None:
        return False
    found = database.run_single(lambda tx: playable.owner_and_status(tx, media_id))
    return (
        found is not None
        and found[1] in _REVIEWED
        and not may_play_unreviewed(*found, address=address)
    )


def may_play_unreviewed(account_id: str, status: MediaStatus, address: str) -> bool:
    """Whether a media under review, or blocked, plays from this address."""
    if status not in _REVIEWED:
        return False
    try:
        viewer = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(
        viewer in network
        for group in database.run_single(lambda tx: play_domains.security_addresses(tx, account_id))
        for network in _networks(group)
    )


def forwarded_address(encrypted: str) -> str | None:
    """The viewer's address that a customer's proxy encrypted (``PlayConfig.XForwardedFor``).

    AES in ECB mode with PKCS #5 padding under the key of the setting ``forwarded_address_key``, as
    the manual has it (17.2); None while that is not set. Raises AddressUnreadable.
    """
    # Imported here: hardly any request carries one.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    key = settings().forwarded_address_key.encode()
    if not key:
        return None
    try:
        raw = base64.b64decode(encrypted, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305 - the manual's
        padded = decryptor.update(raw) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        text = (unpadder.update(padded) + unpadder.finalize()).decode()
        return str(ipaddress.ip_address(text.split(",")[0].strip()))
    except (ValueError, binascii.Error) as error:
        raise AddressUnreadable from error


def _networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part]
