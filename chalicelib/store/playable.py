"""A media with its streams and how each is encrypted: all that playing asks, in one statement."""

from dataclasses import dataclass

from chalicelib.store.database import Transaction, many
from chalicelib.store.media import Media
from chalicelib.store.outputs import Stream
from chalicelib.store.stream_keys import EncryptionKind

_STREAM = {f"s_{name}": name for name in Stream.model_fields}
_COLUMNS = ", ".join(f"s.{name} AS {alias}" for alias, name in _STREAM.items())
_SELECT = (
    f"SELECT m.*, {_COLUMNS}, k.kind AS s_encryption"  # noqa: S608 - names come from the model
    " FROM media m LEFT JOIN stream s ON s.media_id = m.media_id"
    " LEFT JOIN stream_key k ON k.job_id = s.job_id"
    " WHERE m.media_id = %(media_id)s AND m.account_id = %(account_id)s"
    " ORDER BY s.created_at, s.job_id"
)


@dataclass(frozen=True)
class Playable:
    """The media, and its streams, oldest first, each with its encryption if it has one."""

    media: Media
    streams: list[tuple[Stream, EncryptionKind | None]]


def get(tx: Transaction, account_id: str, media_id: str) -> Playable | None:
    """The media with its streams, if the account owns it."""
    rows = many(tx, _SELECT, account_id=account_id, media_id=media_id)
    if not rows:
        return None
    streams = [
        (
            Stream.model_validate({name: row[alias] for alias, name in _STREAM.items()}),
            row["s_encryption"],
        )
        for row in rows
        if row["s_job_id"] is not None
    ]
    return Playable(Media.model_validate(rows[0]), streams)
