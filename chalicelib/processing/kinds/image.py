"""Looking at an image that has arrived: its size, and whether it is one (VOD API manual 7.4.1)."""

from datetime import datetime
from pathlib import Path

from chalicelib.events.payloads import Outcome
from chalicelib.media.image import probe_image
from chalicelib.processing import announcements
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.sources import open_source
from chalicelib.processing.subjects import Subject
from chalicelib.store import media
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media, MediaStatus

_TIME_LIMIT_SECONDS = 60

# What is wrong with the image itself; any other failure leaves an image whose size is not known.
_NO_IMAGE = frozenset({"SourceBad", "NoStreams"})


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Read the image over a presigned URL; returns the JSON of its MediaFacts."""
    del job, lease
    source = open_source(subject, workspace, seconds=_TIME_LIMIT_SECONDS * 2)
    return probe_image(source, timeout_seconds=_TIME_LIMIT_SECONDS).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """The image can be used, and its owner learns so."""
    if not media.record_facts(tx, record.media_id, job.generation, result):
        return Followup()
    return _usable(tx, record, now)


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """What is no image ends as a failed upload; the file stays."""
    del job
    if code not in _NO_IMAGE:
        return _usable(tx, record, now)
    media.record_failure(tx, record.media_id, code, message, now)
    return Followup(event_ids=[announcements.image_upload_complete(tx, record, Outcome.FAIL)])


def _usable(tx: Transaction, record: Media, now: datetime) -> Followup:
    media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
    return Followup(event_ids=[announcements.image_upload_complete(tx, record, Outcome.SUCCESS)])
