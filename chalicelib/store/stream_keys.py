"""Keys of encrypted streams: wrapped by KMS in the database, unwrapped where they are used."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.settings import settings
from chalicelib.store.aws import kms
from chalicelib.store.database import Transaction, change, one

_UNUSABLE = frozenset(
    {"InvalidCiphertextException", "IncorrectKeyException", "ValidationException"}
)

EncryptionKind = Literal["standard", "private", "given"]


class KeyUnusable(Exception):
    """A ciphertext that KMS does not open: made up, altered, or of another account."""


class StreamKey(BaseModel):
    """How the rendition of a job is encrypted. ``ciphertext`` is useless without KMS.

    ``given``: the request brought the key itself, opened for the job only.
    ``key_uri`` is what the manifest names: for standard encryption the customer's own address.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    media_id: str
    kind: EncryptionKind
    ciphertext: str = Field(repr=False)
    key_uri: str
    created_at: datetime


_COLUMNS = tuple(StreamKey.model_fields)
_INSERT = (
    f"INSERT INTO stream_key ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)}) ON CONFLICT (job_id) DO NOTHING"
)


def put(tx: Transaction, key: StreamKey) -> None:
    """Note how a job's rendition is to be encrypted; what is noted already stays."""
    change(tx, _INSERT, **key.model_dump())


def get(tx: Transaction, job_id: str) -> StreamKey | None:
    """How a job's rendition is encrypted; None if it is not."""
    row = one(tx, "SELECT * FROM stream_key WHERE job_id = %(job_id)s", job_id=job_id)
    return StreamKey.model_validate(row) if row else None


def is_of_media(tx: Transaction, media_id: str, ciphertext: str) -> bool:
    """Whether a stream of the media is encrypted with this key."""
    row = one(
        tx,
        "SELECT job_id FROM stream_key WHERE media_id = %(media_id)s"
        " AND kind = 'standard' AND ciphertext = %(ciphertext)s LIMIT 1",
        media_id=media_id,
        ciphertext=ciphertext,
    )
    return row is not None


def media_key(tx: Transaction, media_id: str) -> str | None:
    """The wrapped key of a media's private streams."""
    row = one(
        tx, "SELECT ciphertext FROM media_key WHERE media_id = %(media_id)s", media_id=media_id
    )
    return str(row["ciphertext"]) if row else None


def add_media_key(tx: Transaction, media_id: str, ciphertext: str, now: datetime) -> None:
    """Keep a media's key; of two that are made at once the first one stays."""
    change(
        tx,
        "INSERT INTO media_key (media_id, ciphertext, created_at)"
        " VALUES (%(media_id)s, %(ciphertext)s, %(now)s) ON CONFLICT (media_id) DO NOTHING",
        media_id=media_id,
        ciphertext=ciphertext,
        now=now,
    )


def new_wrapped(owner: str) -> str:
    """16 random bytes made and wrapped by KMS: hexadecimal text, opened for ``owner`` only."""
    answer = kms().generate_data_key_without_plaintext(
        KeyId=settings().kms_key_id, KeySpec="AES_128", EncryptionContext=_context(owner)
    )
    return answer["CiphertextBlob"].hex()


def wrap(key: bytes, owner: str) -> str:
    """A key that somebody brought, wrapped by KMS: hexadecimal text, opened for ``owner`` only."""
    answer = kms().encrypt(
        KeyId=settings().kms_key_id, Plaintext=key, EncryptionContext=_context(owner)
    )
    return answer["CiphertextBlob"].hex()


def unwrap(ciphertext: str, owner: str) -> bytes:
    """The 16 bytes, never to be stored or logged. Raises KeyUnusable."""
    # Imported here: most requests of the API need none of AWS's services.
    from botocore.exceptions import ClientError

    try:
        answer = kms().decrypt(
            KeyId=settings().kms_key_id,
            CiphertextBlob=bytes.fromhex(ciphertext),
            EncryptionContext=_context(owner),
        )
    except ValueError as error:
        raise KeyUnusable from error
    except ClientError as error:
        if error.response["Error"]["Code"] in _UNUSABLE:
            raise KeyUnusable from error
        raise
    return answer["Plaintext"]


def _context(owner: str) -> dict[str, str]:
    return {"openvod:stage": settings().stage, "openvod:stream-key-of": owner}
