"""Asking for pulls from URLs, asking how they are, and cancelling those that wait (VOD API manual
5.5 to 5.7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from chalicelib.ingest.errors import SessionIdUsed, UnsupportedExtension, UrlUnusable
from chalicelib.ingest.file_names import extension_of
from chalicelib.ingest.pull_hints import hint_at_pull
from chalicelib.ingest.pull_urls import SourceRefused, check_url
from chalicelib.ingest.uploads import NewUpload, prepare_record
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import database, jobs, pulls
from chalicelib.store.database import Transaction
from chalicelib.store.pulls import Pull

# How long a session id stands for one request.
SESSION_TIME = timedelta(minutes=10)
CANCELLED = "Cancelled"
_MOST_RECORDS = 100
_BATCH = 100
# Aurora DSQL takes 3,000 rows in a transaction; a round of the timer waits for other chores, too.
_FORGOTTEN_AT_ONCE = 1_000
_FORGETTING_ROUNDS = 20
# A worker whose clock is behind must not take a fresh pull for one that is to wait.
_CLOCK_SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class WantedPull:
    """A URL, and what is said about what comes from it.

    ``extension`` wins over the URL's own; ``upload.file_name`` is taken from the URL.
    """

    url: str
    upload: NewUpload
    extension: str = ""


def submit_pulls(
    account_id: str,
    app_id: str,
    wanted: Sequence[WantedPull],
    *,
    user_data: str = "",
    session_id: str = "",
) -> list[Pull]:
    """Write down pulls of all of these URLs, or of none.

    Raises UrlUnusable, SessionIdUsed, TemplateGroupNotFound, StorageNotFound, WorkflowNotFound.
    """
    now = datetime.now(UTC)
    new = [_pull(account_id, app_id, one, user_data, now) for one in wanted]

    def write(tx: Transaction) -> None:
        if session_id and not pulls.claim_session(
            tx, account_id, session_id, now, now - SESSION_TIME
        ):
            raise SessionIdUsed(session_id)
        for one in new:
            pulls.insert(tx, one)

    database.run(write)
    for one in new:
        hint_at_pull(one.job_id)
    return new


def _pull(account_id: str, app_id: str, wanted: WantedPull, user_data: str, now: datetime) -> Pull:
    name = _file_name(wanted)
    try:
        check_url(wanted.url)
        record = prepare_record(account_id, app_id, replace(wanted.upload, file_name=name))
    except (SourceRefused, UnsupportedExtension) as error:
        raise UrlUnusable(str(error)) from None
    record = record.model_copy(update={"upload_source": "url"})
    return Pull(
        job_id=jobs.new_id(),
        account_id=account_id,
        app_id=app_id,
        source_url=wanted.url,
        url_digest=pulls.digest(wanted.url),
        media_id=record.media_id,
        media=record.model_dump_json(),
        user_data=user_data,
        due_at=now + pulls.HINT_PATIENCE,
        not_before=now - _CLOCK_SLACK,
        created_at=now,
    )


def _file_name(wanted: WantedPull) -> str:
    """The last part of the URL's path; with the extension that was given, if one was."""
    try:
        name = unquote(urlsplit(wanted.url).path.rpartition("/")[2])
    except ValueError:
        raise UrlUnusable("the URL is malformed") from None
    given = wanted.extension.lower().removeprefix(".")
    if not given or extension_of(name) == given:
        return name
    return f"{name.rpartition('.')[0] or name or 'file'}.{given}"


def find_pulls(
    account_id: str, *, job_ids: Sequence[str] = (), urls: Sequence[str] = ()
) -> tuple[list[Pull], list[str]]:
    """Pulls by job id, or else by URL (each URL's newest first), and which of these led to none."""

    def read(tx: Transaction) -> tuple[list[Pull], list[str]]:
        return _look_up(tx, account_id, job_ids, urls)

    return database.run(read)


def cancel_pulls(
    account_id: str, *, job_ids: Sequence[str] = (), urls: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Cancel pulls that nobody has begun; returns the ids of those, and what led to no pull."""

    def write(tx: Transaction) -> tuple[list[str], list[str]]:
        now = datetime.now(UTC)
        found, missing = _look_up(tx, account_id, job_ids, urls)
        cancelled = [one.job_id for one in found if pulls.cancel(tx, one.job_id, now, CANCELLED)]
        return cancelled, missing

    return database.run(write)


def _look_up(
    tx: Transaction, account_id: str, job_ids: Sequence[str], urls: Sequence[str]
) -> tuple[list[Pull], list[str]]:
    if job_ids:
        known = {one.job_id: one for one in pulls.by_ids(tx, account_id, list(job_ids))}
        return _sorted_out(job_ids, lambda name: [known[name]] if name in known else [])
    return _sorted_out(urls, lambda url: pulls.by_url(tx, account_id, url, _MOST_RECORDS))


def _sorted_out(
    names: Sequence[str], look_up: Callable[[str], list[Pull]]
) -> tuple[list[Pull], list[str]]:
    found: list[Pull] = []
    missing: list[str] = []
    for name in dict.fromkeys(names):
        ours = look_up(name)
        found += ours
        if not ours:
            missing.append(name)
    return found[:_MOST_RECORDS], missing


def revive_pulls(now: datetime | None = None) -> int:
    """Free the pulls of lost workers and hint again at all that wait; returns how many."""
    moment = now or datetime.now(UTC)

    def collect(tx: Transaction) -> list[Pull]:
        overdue = pulls.due(tx, moment, _BATCH)
        for one in overdue:
            if one.lease_owner:
                log.warning("a puller was lost", extra={"job_id": one.job_id})
                pulls.give_back(tx, one.job_id, one.lease_owner, moment, one.attempts)
        pulls.hinted(tx, [one.job_id for one in overdue], moment)
        return overdue

    overdue = database.run(collect)
    for one in overdue:
        hint_at_pull(one.job_id)
    database.run(lambda tx: pulls.forget_sessions(tx, moment - SESSION_TIME))
    return len(overdue)


def forget_pulls(now: datetime | None = None) -> int:
    """Forget pulls that ended longer ago than the setting says; returns how many. For a timer."""
    before = (now or datetime.now(UTC)) - timedelta(days=settings().pull_retention_days)
    gone = 0
    for _ in range(_FORGETTING_ROUNDS):
        found = database.run(lambda tx: pulls.forget_ended(tx, before, _FORGOTTEN_AT_ONCE))
        gone += found
        if found < _FORGOTTEN_AT_ONCE:
            break
    return gone
