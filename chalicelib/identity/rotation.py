"""Rotation of the master keys, and the housekeeping of what they protect."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag

from chalicelib.identity import master_keys
from chalicelib.identity.errors import MasterKeyRetired
from chalicelib.identity.sealing import Sealed, seal, unseal
from chalicelib.logs import log
from chalicelib.store import identities
from chalicelib.store import master_keys as store

_BATCH = 100


def rotate_master_key(also_reseal: Iterable[Callable[[], object]] = ()) -> int:
    """Make a new master key and return its number.

    It is used ten minutes later, when every process knows it; tokens of the key before it stay
    good. Stored secrets move to the key that is in use now (``also_reseal`` are the functions
    that move those of other rooms), then keys that nothing needs any more are retired. Broken off
    at any line, the next rotation finishes the work.
    """
    newest = master_keys.add_master_key()
    _reseal_secrets()
    for reseal in also_reseal:
        reseal()
    _retire_keys()
    log.info("master key rotated", extra={"master_key_id": newest.key_id})
    return newest.key_id


def _reseal_secrets() -> None:
    in_use = master_keys.issuing_key().key_id
    position = ""
    while batch := identities.access_keys_under_older(in_use, position, _BATCH):
        for row in batch:
            _reseal(row)
        position = batch[-1].access_key_id


def _reseal(row: identities.AccessKeyRow) -> None:
    before = Sealed(text=row.secret, master_key_id=row.master_key_id)
    try:
        sealed = seal(unseal(before, row.access_key_id), row.access_key_id)
    except (InvalidTag, MasterKeyRetired):
        log.error("secret cannot be read", extra={"access_key_id": row.access_key_id})
        return
    identities.replace_secret(row, sealed.text, sealed.master_key_id)


def _retire_keys() -> None:
    now = datetime.now(UTC)
    oldest = min(master_keys.accepted_keys(), key=lambda key: key.key_id)
    # Until then a process may still seal a secret under a key that this would retire.
    if oldest.created_at < now - timedelta(seconds=master_keys.PUBLISH_SECONDS):
        store.retire_unused(oldest.key_id, now)
        master_keys.forget()
