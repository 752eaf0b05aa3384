"""Plain SQL over the table ``file_notice``: the news of tasks on files that accounts want."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many
from chalicelib.store.subscriptions import Channel


class NoticeRow(BaseModel):
    """One kind of news; ``topic`` is what the account wrote, ``target`` what is meant by it."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    notice: str
    enabled: bool = False
    topic: str = ""
    message_type: int | None = None
    channel: Channel = "topic"
    target: str = ""


def notices_of(tx: Transaction, account_id: str) -> list[NoticeRow]:
    """What an account has set; there are only a few kinds of news."""
    rows = many(
        tx,
        "SELECT * FROM file_notice WHERE account_id = %(account_id)s ORDER BY notice",
        account_id=account_id,
    )
    return [NoticeRow.model_validate(row) for row in rows]


def put_notices(tx: Transaction, notices: Sequence[NoticeRow]) -> None:
    """Write settings, over those before."""
    for notice in notices:
        change(
            tx,
            """
            INSERT INTO file_notice (account_id, notice, enabled, topic, message_type, channel,
                                     target, modified_at)
            VALUES (%(account_id)s, %(notice)s, %(enabled)s, %(topic)s, %(message_type)s,
                    %(channel)s, %(target)s, now())
            ON CONFLICT (account_id, notice) DO UPDATE SET
                   enabled = excluded.enabled, topic = excluded.topic,
                   message_type = excluded.message_type, channel = excluded.channel,
                   target = excluded.target, modified_at = excluded.modified_at
            """,
            **notice.model_dump(),
        )
