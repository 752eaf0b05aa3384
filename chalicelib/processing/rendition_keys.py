"""The key of an encrypted rendition, opened by KMS for the worker that makes it."""

from chalicelib.media.errors import MediaError
from chalicelib.playback import data_keys, private_keys
from chalicelib.store import database, stream_keys
from chalicelib.store.jobs import Job
from chalicelib.store.stream_keys import KeyUnusable


class KeyRefused(MediaError):
    """The ciphertext that came with the request is no data key of this account."""

    reason = "InvalidCipherText"


def key_of(job: Job) -> bytes | None:
    """The 16 bytes, or None if the rendition is not encrypted. Raises KeyRefused."""
    key = database.run(lambda tx: stream_keys.get(tx, job.job_id))
    if key is None:
        return None
    if key.kind == "given":
        return stream_keys.unwrap(key.ciphertext, job.job_id)
    if key.kind == "private":
        return private_keys.media_key(job.media_id)
    try:
        return data_keys.open_data_key(job.account_id, key.ciphertext)
    except KeyUnusable:
        raise KeyRefused("the CipherText is not a data key of this account") from None
