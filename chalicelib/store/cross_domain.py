"""The cross-domain policy files of accounts."""

from datetime import datetime

from chalicelib.store.database import Transaction, change, one


def save(tx: Transaction, account_id: str, content: str, now: datetime) -> None:
    """Put the account's file in place of what there was."""
    change(
        tx,
        """
        INSERT INTO cross_domain_policy (account_id, content, modified_at)
        VALUES (%(account_id)s, %(content)s, %(now)s)
        ON CONFLICT (account_id) DO UPDATE
           SET content = excluded.content, modified_at = excluded.modified_at
        """,
        account_id=account_id,
        content=content,
        now=now,
    )


def get(tx: Transaction, account_id: str) -> str | None:
    """The account's file; None if it never set one."""
    row = one(
        tx,
        "SELECT content FROM cross_domain_policy WHERE account_id = %(account_id)s",
        account_id=account_id,
    )
    return str(row["content"]) if row else None
