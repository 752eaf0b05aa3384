"""Pulls of media from URLs: plain SQL over the table ``url_pull``.

A pull is free when nobody's name is in ``lease_owner``, whatever its state: one that was broken off
goes on where it was. ``due_at`` tells the timer when to look at it again: of a free one when to
send its hint once more, of a taken one when its lease ends.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.store.database import Transaction, change, many, one

# How long a hint may be under way before it counts as lost, at first; then as long as the pull has
# been waiting already.
HINT_PATIENCE = timedelta(seconds=10)


class PullState(StrEnum):
    """How far a pull is (VOD API manual 17.1)."""

    PENDING = "pending"
    STARTED = "started"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    STORING = "storing"
    STORED = "stored"
    SUCCEEDED = "succeeded"
    DOWNLOAD_FAILED = "download_failed"
    STORE_FAILED = "store_failed"
    CANCELLED = "cancelled"


OPEN_STATES = [
    PullState.PENDING,
    PullState.STARTED,
    PullState.DOWNLOADING,
    PullState.DOWNLOADED,
    PullState.STORING,
    PullState.STORED,
]


class Pull(BaseModel):
    """One URL to be pulled. ``source_url`` may hold secrets: never log it.

    ``media`` is the JSON of the record that the pull makes under ``media_id`` when it ends well.
    ``user_data`` is what the request gave, word by word. ``validator`` tells one version of the
    source from another: an ETag or a date, as If-Range takes them; "" if there is none.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    account_id: str
    app_id: str
    source_url: str = Field(repr=False)
    url_digest: str
    media_id: str
    media: str
    user_data: str = ""
    state: PullState = PullState.PENDING
    attempts: int = 0
    lease_owner: str = ""
    due_at: datetime
    not_before: datetime
    multipart_id: str = ""
    validator: str = ""
    total_size: int | None = None
    pulled_size: int = 0
    error_code: str = ""
    error_message: str = ""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


_COLUMNS = tuple(Pull.model_fields)
_INSERT = (
    f"INSERT INTO url_pull ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
)


def digest(url: str) -> str:
    """By which pulls of the same URL are found."""
    return hashlib.sha256(url.encode()).hexdigest()


def insert(tx: Transaction, pull: Pull) -> None:
    """Add a pull."""
    change(tx, _INSERT, **pull.model_dump())


def get(tx: Transaction, job_id: str) -> Pull | None:
    """One pull, whoever owns it; for workers."""
    row = one(tx, "SELECT * FROM url_pull WHERE job_id = %(job_id)s", job_id=job_id)
    return Pull.model_validate(row) if row else None


def by_ids(tx: Transaction, account_id: str, job_ids: list[str]) -> list[Pull]:
    """Those of the account's pulls that exist, in no order."""
    rows = many(
        tx,
        "SELECT * FROM url_pull WHERE job_id = ANY(%(job_ids)s) AND account_id = %(account_id)s",
        job_ids=job_ids,
        account_id=account_id,
    )
    return [Pull.model_validate(row) for row in rows]


def by_url(tx: Transaction, account_id: str, url: str, limit: int) -> list[Pull]:
    """The account's pulls of a URL, the newest first."""
    rows = many(
        tx,
        "SELECT * FROM url_pull WHERE account_id = %(account_id)s AND url_digest = %(digest)s"
        " ORDER BY created_at DESC LIMIT %(limit)s",
        account_id=account_id,
        digest=digest(url),
        limit=limit,
    )
    return [Pull.model_validate(row) for row in rows]


def take(tx: Transaction, job_id: str, owner: str, now: datetime, lease_until: datetime) -> int:
    """Take a free pull whose time has come; returns 0 if there is none to take."""
    return change(
        tx,
        """
        UPDATE url_pull SET lease_owner = %(owner)s, due_at = %(lease_until)s,
               attempts = attempts + 1, started_at = coalesce(started_at, %(now)s),
               state = CASE WHEN state = 'pending' THEN 'started' ELSE state END
         WHERE job_id = %(job_id)s AND state = ANY(%(open)s) AND lease_owner = ''
           AND not_before <= %(now)s
        """,
        job_id=job_id,
        owner=owner,
        now=now,
        lease_until=lease_until,
        open=OPEN_STATES,
    )


def note(tx: Transaction, pull: Pull, lease_until: datetime) -> int:
    """Keep the lease, and how far the pull is; returns 0 if the lease was lost."""
    return change(
        tx,
        """
        UPDATE url_pull SET due_at = %(lease_until)s, state = %(state)s,
               multipart_id = %(multipart_id)s, validator = %(validator)s,
               total_size = %(total_size)s, pulled_size = %(pulled_size)s
         WHERE job_id = %(job_id)s AND lease_owner = %(lease_owner)s AND state = ANY(%(open)s)
        """,
        lease_until=lease_until,
        open=OPEN_STATES,
        **pull.model_dump(
            include={
                "job_id",
                "lease_owner",
                "state",
                "multipart_id",
                "validator",
                "total_size",
                "pulled_size",
            }
        ),
    )


def finish(
    tx: Transaction,
    pull: Pull,
    state: PullState,
    now: datetime,
    error_code: str = "",
    error_message: str = "",
) -> int:
    """End a pull; returns 0 if this worker no longer holds it."""
    return change(
        tx,
        """
        UPDATE url_pull SET state = %(state)s, lease_owner = '', finished_at = %(now)s,
               multipart_id = '', total_size = %(total_size)s, pulled_size = %(pulled_size)s,
               error_code = %(error_code)s, error_message = %(error_message)s
         WHERE job_id = %(job_id)s AND lease_owner = %(owner)s AND state = ANY(%(open)s)
        """,
        job_id=pull.job_id,
        owner=pull.lease_owner,
        state=state,
        now=now,
        total_size=pull.total_size,
        pulled_size=pull.pulled_size,
        error_code=error_code,
        error_message=error_message,
        open=OPEN_STATES,
    )


def give_back(tx: Transaction, job_id: str, owner: str, not_before: datetime, attempts: int) -> int:
    """Free a pull, to be gone on with from ``not_before`` on; returns 0 if the lease was lost."""
    return change(
        tx,
        "UPDATE url_pull SET lease_owner = '', due_at = %(not_before)s,"
        " not_before = %(not_before)s, attempts = %(attempts)s"
        " WHERE job_id = %(job_id)s AND lease_owner = %(owner)s AND state = ANY(%(open)s)",
        job_id=job_id,
        owner=owner,
        not_before=not_before,
        attempts=attempts,
        open=OPEN_STATES,
    )


def cancel(tx: Transaction, job_id: str, now: datetime, error_code: str) -> int:
    """Cancel a pull that nobody has begun; returns 0 if somebody has."""
    return change(
        tx,
        "UPDATE url_pull SET state = 'cancelled', finished_at = %(now)s,"
        " error_code = %(error_code)s WHERE job_id = %(job_id)s AND state = 'pending'",
        job_id=job_id,
        now=now,
        error_code=error_code,
    )


def due(tx: Transaction, now: datetime, limit: int) -> list[Pull]:
    """Open pulls whose ``due_at`` has passed, the longest overdue of each state first."""
    found: list[Pull] = []
    for state in OPEN_STATES:
        rows = many(
            tx,
            "SELECT * FROM url_pull WHERE state = %(state)s AND due_at < %(now)s"
            " ORDER BY due_at LIMIT %(limit)s",
            state=state,
            now=now,
            limit=limit,
        )
        found += [Pull.model_validate(row) for row in rows]
    return found


def hinted(tx: Transaction, job_ids: list[str], now: datetime) -> None:
    """Note that hints at these free pulls are being sent."""
    change(
        tx,
        "UPDATE url_pull SET due_at = %(now)s + greatest(%(patience)s, %(now)s - created_at)"
        " WHERE job_id = ANY(%(job_ids)s) AND lease_owner = ''",
        job_ids=job_ids,
        now=now,
        patience=HINT_PATIENCE,
    )


def claim_session(
    tx: Transaction, account_id: str, session_id: str, now: datetime, forgotten_before: datetime
) -> bool:
    """Remember a session id; False if it is remembered already from later than that."""
    change(
        tx,
        "DELETE FROM url_pull_session WHERE account_id = %(account_id)s"
        " AND session_id = %(session_id)s AND created_at < %(forgotten_before)s",
        account_id=account_id,
        session_id=session_id,
        forgotten_before=forgotten_before,
    )
    return bool(
        change(
            tx,
            "INSERT INTO url_pull_session (account_id, session_id, created_at)"
            " VALUES (%(account_id)s, %(session_id)s, %(now)s) ON CONFLICT DO NOTHING",
            account_id=account_id,
            session_id=session_id,
            now=now,
        )
    )


def forget_ended(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget pulls that ended before; returns how many."""
    rows = many(
        tx,
        "SELECT job_id FROM url_pull WHERE finished_at < %(before)s"
        " ORDER BY finished_at LIMIT %(limit)s",
        before=before,
        limit=limit,
    )
    return change(
        tx,
        "DELETE FROM url_pull WHERE job_id = ANY(%(job_ids)s)",
        job_ids=[row["job_id"] for row in rows],
    )


def forget_sessions(tx: Transaction, before: datetime) -> int:
    """Forget old session ids; returns how many."""
    return change(
        tx,
        "DELETE FROM url_pull_session WHERE created_at < %(before)s",
        before=before,
    )
