"""Watermarks of accounts: plain SQL over the table ``watermark``."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

WatermarkKind = Literal["image", "text"]


class WatermarkRow(BaseModel):
    """One watermark. ``object_key`` names the picture of an image watermark; texts have none.

    ``config`` is JSON of the overlay that it becomes, without its file; ``source`` is the document
    that it was made of, as the client gave it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    watermark_id: str
    account_id: str
    app_id: str
    name: str
    kind: WatermarkKind
    object_key: str = ""
    config: str
    source: str
    created_at: datetime
    modified_at: datetime


_COLUMNS = tuple(WatermarkRow.model_fields)
_INSERT = (
    f"INSERT INTO watermark ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
)


def insert_watermark(tx: Transaction, watermark: WatermarkRow) -> None:
    """Add a watermark."""
    change(tx, _INSERT, **watermark.model_dump())


def change_watermark(
    tx: Transaction, watermark_id: str, now: datetime, *, name: str, config: str, source: str
) -> None:
    """Put another name and configuration in the place of a watermark's."""
    change(
        tx,
        "UPDATE watermark SET name = %(name)s, config = %(config)s, source = %(source)s,"
        " modified_at = %(now)s WHERE watermark_id = %(watermark_id)s",
        watermark_id=watermark_id,
        name=name,
        config=config,
        source=source,
        now=now,
    )


def get_watermark(tx: Transaction, account_id: str, watermark_id: str) -> WatermarkRow | None:
    """One watermark of the account."""
    row = one(
        tx,
        "SELECT * FROM watermark"
        " WHERE watermark_id = %(watermark_id)s AND account_id = %(account_id)s",
        watermark_id=watermark_id,
        account_id=account_id,
    )
    return WatermarkRow.model_validate(row) if row else None


def watermarks_of(tx: Transaction, account_id: str, app_id: str) -> list[WatermarkRow]:
    """The watermarks of one application, newest first."""
    rows = many(
        tx,
        "SELECT * FROM watermark WHERE account_id = %(account_id)s AND app_id = %(app_id)s"
        " ORDER BY created_at DESC, watermark_id DESC",
        account_id=account_id,
        app_id=app_id,
    )
    return [WatermarkRow.model_validate(row) for row in rows]


def delete_watermark(tx: Transaction, watermark_id: str) -> None:
    """Remove a watermark."""
    change(
        tx,
        "DELETE FROM watermark WHERE watermark_id = %(watermark_id)s",
        watermark_id=watermark_id,
    )
