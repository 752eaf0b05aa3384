"""Plain SQL over the tables ``file_bucket`` and ``file_agency``: whose buckets tasks may touch."""

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one


class BucketHold(BaseModel):
    """A bucket and the account that has it; ``by_agency``: only while its agency lasts."""

    model_config = ConfigDict(frozen=True)

    bucket: str
    account_id: str
    by_agency: bool


# Of a hold by agency the agency itself has the say: it may have been cancelled at the same moment.
_IN_FORCE = """
    SELECT b.bucket, b.account_id, b.by_agency
      FROM file_bucket b LEFT JOIN file_agency a ON a.account_id = b.account_id
     WHERE (NOT b.by_agency OR a.account_id IS NOT NULL)
"""


def hold_of(tx: Transaction, bucket: str) -> BucketHold | None:
    """Who has the bucket, None if nobody has."""
    row = one(tx, f"{_IN_FORCE} AND b.bucket = %(bucket)s", bucket=bucket)
    return BucketHold.model_validate(row) if row else None


def holds_of(tx: Transaction, buckets: list[str]) -> dict[str, BucketHold]:
    """Who has which of the buckets; those that nobody has are left out."""
    rows = many(tx, f"{_IN_FORCE} AND b.bucket = ANY(%(buckets)s)", buckets=buckets)
    return {row["bucket"]: BucketHold.model_validate(row) for row in rows}


def put_hold(tx: Transaction, hold: BucketHold) -> None:
    """Give the bucket to the account; whoever calls has seen that no other account has it."""
    change(
        tx,
        """
        INSERT INTO file_bucket (bucket, account_id, by_agency, created_at)
        VALUES (%(bucket)s, %(account_id)s, %(by_agency)s, now())
        ON CONFLICT (bucket) DO UPDATE SET account_id = excluded.account_id,
               by_agency = excluded.by_agency, created_at = excluded.created_at
        """,
        **hold.model_dump(),
    )


def delete_hold(tx: Transaction, account_id: str, bucket: str) -> int:
    """Take the bucket from the account; returns 0 if it did not have it."""
    return change(
        tx,
        "DELETE FROM file_bucket WHERE bucket = %(bucket)s AND account_id = %(account_id)s",
        bucket=bucket,
        account_id=account_id,
    )


def has_agency(tx: Transaction, account_id: str) -> bool:
    """Whether the account has an agency."""
    found = one(
        tx, "SELECT 1 FROM file_agency WHERE account_id = %(account_id)s", account_id=account_id
    )
    return found is not None


def add_agency(tx: Transaction, account_id: str) -> int:
    """Make the account's agency; returns 0 if it had one."""
    return change(
        tx,
        "INSERT INTO file_agency (account_id, created_at) VALUES (%(account_id)s, now())"
        " ON CONFLICT (account_id) DO NOTHING",
        account_id=account_id,
    )


def delete_agency(tx: Transaction, account_id: str) -> int:
    """End the account's agency; returns 0 if it had none."""
    return change(
        tx, "DELETE FROM file_agency WHERE account_id = %(account_id)s", account_id=account_id
    )


def delete_holds_by_agency(tx: Transaction, account_id: str, limit: int) -> int:
    """Take away what the account has used under its agency, at most ``limit``; returns how many."""
    return change(
        tx,
        "DELETE FROM file_bucket WHERE bucket IN (SELECT bucket FROM file_bucket"
        " WHERE account_id = %(account_id)s AND by_agency LIMIT %(limit)s)",
        account_id=account_id,
        limit=limit,
    )
