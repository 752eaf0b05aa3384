"""Taking still pictures: the covers of every upload, and those that are asked for."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from chalicelib.media.snapshot import take_snapshots
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing import announcements
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import snapshot_pattern
from chalicelib.processing.sources import open_source
from chalicelib.store import media, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media
from chalicelib.store.outputs import SnapshotKind, SnapshotSet

_URL_SECONDS = 1800


class Taken(BaseModel):
    """The result of a snapshot job."""

    pattern: str
    count: int


def run(job: Job, record: Media, workspace: Path, lease: Lease) -> str:
    """Take the pictures by seeking in the source in place, and upload them."""
    source = open_source(record, workspace, seconds=_URL_SECONDS)
    pattern = snapshot_pattern(job, "covers" if _kind(job) == "cover" else "snapshots")
    pictures = workspace / "pictures"
    pictures.mkdir()
    spec = SnapshotSpec.model_validate_json(job.spec)
    taken = take_snapshots(source, spec, pictures, name=lambda number: f"{number:05d}.jpg")
    for done, picture in enumerate(taken, start=1):
        objects.upload(picture.path, pattern.replace("{SnapshotCount}", f"{done:05d}"))
        lease.report(done / len(taken))
    return Taken(pattern=pattern, count=len(taken)).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the pictures; of the covers the middle one becomes the media's cover."""
    taken = Taken.model_validate_json(result)
    made = SnapshotSet(
        job_id=job.job_id,
        account_id=job.account_id,
        media_id=job.media_id,
        kind=_kind(job),
        key_pattern=taken.pattern,
        snapshot_count=taken.count,
        created_at=job.created_at,
        finished_at=now,
    )
    outputs.put_snapshots(tx, made)
    cover_key = record.cover_key
    if made.kind == "cover":
        cover_key = made.key((taken.count + 1) // 2)
        media.set_cover(tx, job.media_id, job.generation, cover_key)
    return Followup([announcements.snapshots_complete(tx, record, job, made, cover_key)])


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Pictures are extras: a media without them still plays."""
    del now
    submitted = _kind(job) == "normal"
    return Followup(
        [
            announcements.snapshots_failed(
                tx, record, job, submitted=submitted, code=code, message=message
            )
        ]
    )


def _kind(job: Job) -> SnapshotKind:
    return "cover" if job.definition == "cover" else "normal"
