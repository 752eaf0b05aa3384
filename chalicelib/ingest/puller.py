"""The puller: a source at a URL streamed into a multipart upload of the media bucket.

Nothing touches the disk, and at any moment a few parts at most are in memory. The puller may be
killed at any line: the parts that have arrived tell where the next one goes on, the validator
whether the source is still the same. At the end the object is an upload like any other, recorded
by the path that a storage event takes; the medium comes into being with it, not before.
"""

import time
import uuid
from datetime import UTC, datetime, timedelta

from chalicelib import metrics
from chalicelib.events import About
from chalicelib.events.payloads import Outcome, UrlUploadComplete
from chalicelib.ingest.announcements import url_upload_complete
from chalicelib.ingest.completion import ArrivedObject, follow_up, record_arrival
from chalicelib.ingest.pull_hints import hint_at_pull
from chalicelib.ingest.pull_playlist import transfer_playlist
from chalicelib.ingest.pull_source import SourceBroken
from chalicelib.ingest.pull_transfer import (
    HandOver,
    Held,
    LeaseLost,
    SourceTooLarge,
    TimeOver,
    transfer,
)
from chalicelib.ingest.pull_urls import SourceRefused
from chalicelib.logs import log
from chalicelib.processing.kinds import Followup
from chalicelib.settings import settings
from chalicelib.store import database, media, multipart, pulls
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media
from chalicelib.store.objects import StoredObject
from chalicelib.store.pulls import Pull, PullState

INTERNAL_FAILURE = "Internal"
_BACK_OFF_SECONDS = 5.0
_LONGEST_DELAY_SECONDS = 900

_FAILURES: dict[type[Exception], str] = {
    SourceRefused: "UrlInvalid",
    SourceBroken: "UrlInvalid",
    SourceTooLarge: "SourceTooLarge",
    TimeOver: "TimeLimitExceeded",
}


def run_pull(job_id: str) -> bool:
    """Go on with a pull until it ends, or its slice of time does; False if it is not to be had."""
    pull = _take(job_id)
    if pull is None:
        return False
    ids = {"job_id": job_id, "media_id": pull.media_id}
    log.info("pull started", extra=ids | {"attempt": pull.attempts, "pulled": pull.pulled_size})
    held = Held(pull)
    began = time.monotonic()
    try:
        if pull.attempts > settings().pull_max_attempts:
            raise SourceBroken("the pull was started too often without an end")
        stored = (transfer_playlist if held.record.extension == "m3u8" else transfer)(held)
    except LeaseLost:
        log.info("pull stopped: it is no longer wanted here", extra=ids)
    except HandOver:
        _give_back(held.pull, 0.0, attempts=0)
    except (SourceRefused, SourceTooLarge, TimeOver) as error:
        _fail(held.pull, _FAILURES[type(error)], str(error))
    except SourceBroken as error:
        log.info("pull broke off", extra=ids | {"reason": str(error)})
        _later(held, _FAILURES[SourceBroken], str(error))
    except Exception:
        log.exception("pull broke off", extra=ids)
        _later(held, INTERNAL_FAILURE, "the work broke off; see the logs")
    else:
        _succeed(held.pull, stored)
        metrics.seconds("PullDuration", time.monotonic() - began)
    return True


def _take(job_id: str) -> Pull | None:
    owner = uuid.uuid4().hex

    def take(tx: Transaction) -> Pull | None:
        now = datetime.now(UTC)
        until = now + timedelta(seconds=settings().job_lease_seconds)
        return pulls.get(tx, job_id) if pulls.take(tx, job_id, owner, now, until) else None

    return database.run(take)


def _succeed(pull: Pull, stored: StoredObject) -> None:
    """Make the medium, record its upload, and tell: all in one transaction."""

    def write(tx: Transaction) -> Followup | None:
        now = datetime.now(UTC)
        ended = pull.model_copy(update={"total_size": stored.size, "pulled_size": stored.size})
        if not pulls.finish(tx, ended, PullState.SUCCEEDED, now):
            return None
        record = Media.model_validate_json(pull.media)
        media.insert(tx, record.model_copy(update={"created_at": now, "modified_at": now}))
        arrived = ArrivedObject(stored.key, stored.size, stored.etag, sequencer="")
        done = record_arrival(tx, pull.media_id, arrived) or Followup()
        outcome = UrlUploadComplete(
            status=Outcome.SUCCESS,
            job_id=pull.job_id,
            source_url=pull.source_url,
            size=stored.size,
        )
        done.event_ids.append(url_upload_complete(tx, _about(pull, pull.media_id), outcome))
        return done

    done = database.run(write)
    if done is not None:
        log.info("pull done", extra={"job_id": pull.job_id, "media_id": pull.media_id})
        metrics.count("Pulls", outcome="succeeded")
        follow_up(done)


def _fail(pull: Pull, code: str, message: str) -> None:
    """The pull has failed for good: what has arrived is thrown away, and no medium is made."""
    if pull.multipart_id:
        multipart.abort(_key(pull), pull.multipart_id)
    storing = pull.state in (PullState.DOWNLOADED, PullState.STORING, PullState.STORED)
    state = PullState.STORE_FAILED if storing else PullState.DOWNLOAD_FAILED

    def write(tx: Transaction) -> Followup | None:
        if not pulls.finish(tx, pull, state, datetime.now(UTC), code, message):
            return None
        outcome = UrlUploadComplete(
            status=Outcome.FAIL,
            job_id=pull.job_id,
            source_url=pull.source_url,
            error_code=code,
            error_message=message,
        )
        return Followup(event_ids=[url_upload_complete(tx, _about(pull, ""), outcome)])

    done = database.run(write)
    if done is not None:
        log.info("pull failed", extra={"job_id": pull.job_id, "code": code, "reason": message})
        metrics.count("Pulls", outcome="failed")
        follow_up(done)


def _later(held: Held, code: str, message: str) -> None:
    """Try again after a pause, unless this was the last attempt in a row without progress."""
    attempts = 0 if held.progressed else held.pull.attempts
    if attempts >= settings().pull_max_attempts:
        _fail(held.pull, code, message)
        return
    _give_back(held.pull, _BACK_OFF_SECONDS * 2**attempts, attempts)


def _give_back(pull: Pull, pause: float, attempts: int) -> None:
    then = datetime.now(UTC) + timedelta(seconds=pause)
    freed = database.run(
        lambda tx: pulls.give_back(tx, pull.job_id, pull.lease_owner, then, attempts)
    )
    if freed:
        hint_at_pull(pull.job_id, min(_LONGEST_DELAY_SECONDS, pause))


def _about(pull: Pull, media_id: str) -> About:
    record = Media.model_validate_json(pull.media)
    return About(
        account_id=pull.account_id,
        app_id=pull.app_id,
        media_id=media_id,
        callback_url=record.callback_url,
        extend=record.extend,
    )


def _key(pull: Pull) -> str:
    return Media.model_validate_json(pull.media).source_key
