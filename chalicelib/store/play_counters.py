"""Counters of playback: openings of signed URLs and uses of key tokens."""

from datetime import datetime

from chalicelib.store.database import Transaction, change, one


def count_opening(
    tx: Transaction, url_id: str, addresses: str, now: datetime, ends_at: datetime
) -> int:
    """Count one opening; a period that is over begins anew. Returns the number of openings.

    ``addresses`` are those that opened the URL in this period, as the caller keeps them.
    """
    row = one(
        tx,
        """
        INSERT INTO play_opening (url_id, openings, addresses, ends_at)
        VALUES (%(url_id)s, 1, %(addresses)s, %(ends_at)s)
        ON CONFLICT (url_id) DO UPDATE SET
               openings = CASE WHEN play_opening.ends_at > %(now)s
                               THEN play_opening.openings + 1 ELSE 1 END,
               ends_at = CASE WHEN play_opening.ends_at > %(now)s
                              THEN play_opening.ends_at ELSE excluded.ends_at END,
               addresses = excluded.addresses
        RETURNING openings
        """,
        url_id=url_id,
        addresses=addresses,
        now=now,
        ends_at=ends_at,
    )
    assert row is not None
    return int(row["openings"])


def openings_of(tx: Transaction, url_id: str, now: datetime) -> tuple[int, str]:
    """Openings and addresses of the period that is running, or 0 and nothing."""
    row = one(
        tx,
        "SELECT openings, addresses FROM play_opening"
        " WHERE url_id = %(url_id)s AND ends_at > %(now)s",
        url_id=url_id,
        now=now,
    )
    return (int(row["openings"]), row["addresses"]) if row else (0, "")


def use_token(tx: Transaction, token_id: str, expires_at: datetime) -> int:
    """Count one use of a token; returns how often it has been used now."""
    row = one(
        tx,
        """
        INSERT INTO key_token_use (token_id, uses, expires_at)
        VALUES (%(token_id)s, 1, %(expires_at)s)
        ON CONFLICT (token_id) DO UPDATE SET uses = key_token_use.uses + 1
        RETURNING uses
        """,
        token_id=token_id,
        expires_at=expires_at,
    )
    assert row is not None
    return int(row["uses"])


def forget_openings(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete counters whose period is over; returns how many."""
    return change(
        tx,
        "DELETE FROM play_opening WHERE url_id IN (SELECT url_id FROM play_opening"
        " WHERE ends_at < %(now)s ORDER BY ends_at LIMIT %(limit)s)",
        now=now,
        limit=limit,
    )


def forget_tokens(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete uses of tokens that have expired; returns how many."""
    return change(
        tx,
        "DELETE FROM key_token_use WHERE token_id IN (SELECT token_id FROM key_token_use"
        " WHERE expires_at < %(now)s ORDER BY expires_at LIMIT %(limit)s)",
        now=now,
        limit=limit,
    )
