"""How many calls an account has left, shared by all processes; counted by the database's clock."""

from chalicelib.store.database import Transaction, one

_SCALE = 1000  # the column holds thousandths of calls


def settle(
    tx: Transaction, account_id: str, action: str, used: int, per_second: float, burst: float
) -> float:
    """Take ``used`` calls off what is left, after what time has added; returns what is left.

    It grows by ``per_second`` up to ``burst``, and is never less than minus ``burst``, so that a
    flood is over a moment after it ends.
    """
    row = one(
        tx,
        """
        INSERT INTO call_allowance (account_id, action, level, at)
        VALUES (%(account_id)s, %(action)s, %(full)s - %(used)s, now())
        ON CONFLICT (account_id, action) DO UPDATE
           SET level = GREATEST(-%(full)s, LEAST(%(full)s, call_allowance.level
                       + CAST(EXTRACT(EPOCH FROM now() - call_allowance.at) * %(rate)s AS bigint))
                       - %(used)s),
               at = now()
        RETURNING level
        """,
        account_id=account_id,
        action=action,
        used=used * _SCALE,
        rate=per_second * _SCALE,
        full=round(burst * _SCALE),
    )
    assert row is not None, "an upsert returns its row"
    return float(row["level"]) / _SCALE
