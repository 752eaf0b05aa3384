"""Master keys: wrapped by KMS in the database, unwrapped by KMS on the way to memory."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import key_service
from chalicelib.store.aws import kms
from chalicelib.store.database import change, many, one, run


class KeyServiceUnavailable(Exception):
    """KMS cannot be reached or refuses; the log of the cause says which."""


class WrappedKey(BaseModel):
    """A row: ``wrapped`` is base64 of what KMS returned, useless without KMS."""

    model_config = ConfigDict(frozen=True)

    key_id: int
    wrapped: str = Field(repr=False)
    created_at: datetime
    retired_at: datetime | None


def latest(count: int) -> list[WrappedKey]:
    """The newest keys, newest first."""
    statement = """
        SELECT key_id, wrapped, created_at, retired_at FROM master_key
        WHERE retired_at IS NULL ORDER BY key_id DESC LIMIT %(count)s
    """
    return run(lambda tx: [WrappedKey(**row) for row in many(tx, statement, count=count)])


def get(key_id: int) -> WrappedKey | None:
    """One key."""
    statement = """
        SELECT key_id, wrapped, created_at, retired_at FROM master_key WHERE key_id = %(key_id)s
    """
    row = run(lambda tx: one(tx, statement, key_id=key_id))
    return WrappedKey(**row) if row else None


def add(key_id: int, wrapped: str, created_at: datetime) -> bool:
    """Keep a new key; False when another process has made this one already."""
    statement = """
        INSERT INTO master_key (key_id, wrapped, created_at)
        VALUES (%(key_id)s, %(wrapped)s, %(created_at)s) ON CONFLICT DO NOTHING
    """
    return bool(
        run(lambda tx: change(tx, statement, key_id=key_id, wrapped=wrapped, created_at=created_at))
    )


def retire_unused(below_key_id: int, retired_at: datetime) -> int:
    """Retire every older key that no stored secret needs; returns how many."""
    statement = """
        UPDATE master_key SET retired_at = %(retired_at)s
        WHERE key_id < %(below)s AND retired_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM access_key WHERE master_key_id = master_key.key_id)
        AND NOT EXISTS (SELECT 1 FROM event_subscription WHERE master_key_id = master_key.key_id)
        AND NOT EXISTS (SELECT 1 FROM event_subscriber WHERE master_key_id = master_key.key_id)
        AND NOT EXISTS (SELECT 1 FROM play_domain WHERE master_key_id = master_key.key_id)
    """
    return run(lambda tx: change(tx, statement, retired_at=retired_at, below=below_key_id))


def new_wrapped_key(key_id: int) -> str:
    """32 random bytes, made and wrapped by KMS; raises KeyServiceUnavailable."""
    with _kms_errors():
        answer = kms().generate_data_key_without_plaintext(
            KeyId=settings().kms_key_id, KeySpec="AES_256", EncryptionContext=_context(key_id)
        )
    return base64.b64encode(answer["CiphertextBlob"]).decode()


def unwrap(key: WrappedKey) -> bytes:
    """The 32 bytes in the clear; raises KeyServiceUnavailable."""
    wrapped, context = base64.b64decode(key.wrapped), _context(key.key_id)
    credentials = key_service.environment_credentials()
    if credentials is None:
        # Not in a function: at a command line a profile or the machine's role may hold them.
        with _kms_errors():
            answer = kms().decrypt(
                KeyId=settings().kms_key_id, CiphertextBlob=wrapped, EncryptionContext=context
            )
        return answer["Plaintext"]
    try:
        return key_service.decrypt(credentials, settings().kms_key_id, wrapped, context)
    except key_service.KeyServiceFailed as error:
        log.exception("KMS call failed")
        raise KeyServiceUnavailable from error


@contextmanager
def _kms_errors() -> Iterator[None]:
    # Imported here, as in store.aws: a cold start does without botocore.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        log.exception("KMS call failed")
        raise KeyServiceUnavailable from error


def _context(key_id: int) -> dict[str, str]:
    # KMS unwraps only under the same context, so that a row cannot be passed off as another one.
    return {"openvod:stage": settings().stage, "openvod:master-key": str(key_id)}
