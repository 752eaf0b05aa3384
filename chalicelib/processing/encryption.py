"""Encrypted renditions: which key the output of a job gets.

A spec with ``encryption`` asks for an encrypted rendition. With a standard key (VOD developer guide
13.5) the manifest names the customer's key service; without one the rendition gets the media's own
key, which only play sessions get (13.4). What is stored is wrapped by KMS; see ``rendition_keys``.
"""

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.mediaspec.packaging import HlsEncryption, KeyUri
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.playback.private_keys import PRIVATE_SCHEME
from chalicelib.store import stream_keys
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.stream_keys import StreamKey


class StandardKey(BaseModel):
    """A customer's data key as KMS wrapped it, and the address that gives it to players."""

    model_config = ConfigDict(frozen=True)

    ciphertext: str = Field(repr=False)
    key_uri: KeyUri


def encrypted(spec: RenditionSpec) -> RenditionSpec:
    """The rendition with encryption switched on; only m3u8 can be.

    Its segments are of one length: the encoder encrypts no others, and protection comes first.
    """
    segments = spec.segments.model_copy(update={"at": (), "first_count": 0})
    changes = {"encryption": HlsEncryption(key_uri=PRIVATE_SCHEME), "segments": segments}
    return RenditionSpec.model_validate(spec.model_dump() | changes)


def with_keys(tx: Transaction, work: list[Job], standard: StandardKey | None) -> list[Job]:
    """The jobs of a request, each encrypted rendition with its key noted."""
    return [_with_key(tx, job, standard) if job.kind == "transcode" else job for job in work]


def is_encrypted(job: Job) -> bool:
    """Whether a transcode job makes an encrypted rendition."""
    return RenditionSpec.model_validate_json(job.spec).encryption is not None


def _with_key(tx: Transaction, job: Job, standard: StandardKey | None) -> Job:
    spec = RenditionSpec.model_validate_json(job.spec)
    if spec.encryption is None:
        return job
    uri = standard.key_uri if standard else PRIVATE_SCHEME
    key = StreamKey(
        job_id=job.job_id,
        media_id=job.media_id,
        kind="standard" if standard else "private",
        ciphertext=standard.ciphertext if standard else "",
        key_uri=uri,
        created_at=job.created_at,
    )
    stream_keys.put(tx, key)
    encryption = spec.encryption.model_copy(update={"key_uri": uri})
    named = spec.model_copy(update={"encryption": encryption})
    return job.model_copy(update={"spec": named.model_dump_json()})
