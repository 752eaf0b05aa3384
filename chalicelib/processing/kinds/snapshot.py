"""Taking still pictures: the covers of every upload, and those that are asked for."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from chalicelib.media.isolated import make_pictures
from chalicelib.mediaspec.snapshot import Picture, PictureSet, SnapshotSpec
from chalicelib.mediaspec.webvtt import thumbnail_index
from chalicelib.processing import announcements
from chalicelib.processing.file_pictures import take_pictures
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import index_key, snapshot_pattern
from chalicelib.processing.sources import open_source
from chalicelib.processing.subjects import Subject
from chalicelib.settings import settings
from chalicelib.store import media, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media
from chalicelib.store.outputs import SnapshotKind, SnapshotSet, numbered_key

# Below the time limit of the quick queue's function; there is uploading to do as well.
_QUICK_SECONDS = 90
_FOLDERS: dict[SnapshotKind, str] = {
    "cover": "covers",
    "normal": "snapshots",
    "sprite": "snapshots/sprite",
    "webvtt": "snapshots/webvtt",
}


class Taken(BaseModel):
    """The result of a snapshot job, with the fields of a SnapshotSet."""

    pattern: str
    count: int
    cell_pattern: str | None = None
    cell_count: int | None = None
    index_key: str | None = None


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Take the pictures by seeking in the source in place, and upload them."""
    seconds = _QUICK_SECONDS if job.queue == "quick" else settings().transcode_seconds
    source = open_source(subject, workspace, seconds=seconds + 600)
    folder = workspace / "pictures"
    folder.mkdir()
    if isinstance(subject, FileTask):
        return take_pictures(job, subject, source, folder, seconds, lease)
    spec = SnapshotSpec.model_validate_json(job.spec)
    made = make_pictures(source, spec, folder, timeout_seconds=seconds, cancelled=lease.lost)
    taken = _named(job, made, _kind(job))
    _upload(folder, made, taken, lease)
    if taken.index_key is not None:
        path = folder / "index.vtt"
        path.write_text(_index(made, taken.pattern), encoding="utf-8")
        objects.upload(path, taken.index_key)
    return taken.model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the pictures; of the covers the middle one becomes the cover of a media without."""
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
        cell_pattern=taken.cell_pattern,
        cell_count=taken.cell_count,
        index_key=taken.index_key,
    )
    outputs.put_snapshots(tx, made)
    cover_key = record.cover_key
    if made.kind == "cover":
        first = made.key((taken.count + 1) // 2)
        if media.set_first_cover(tx, job.media_id, job.generation, first):
            cover_key = first
    return Followup([announcements.snapshots_complete(tx, record, job, made, cover_key)])


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Pictures are extras: a media without them still plays."""
    del now
    submitted = _kind(job) != "cover"
    return Followup(
        [
            announcements.snapshots_failed(
                tx, record, job, submitted=submitted, code=code, message=message
            )
        ]
    )


def _kind(job: Job) -> SnapshotKind:
    if job.definition == "cover":
        return "cover"
    spec = SnapshotSpec.model_validate_json(job.spec)
    if spec.webvtt:
        return "webvtt"
    return "normal" if spec.sprite is None else "sprite"


def _named(job: Job, made: PictureSet, kind: SnapshotKind) -> Taken:
    """The object keys of what was made: sheets where there are any, with the single pictures
    beside them."""
    pattern = snapshot_pattern(job, _FOLDERS[kind])
    taken = Taken(
        pattern=pattern,
        count=len(made.sheets or made.pictures),
        index_key=index_key(pattern) if kind == "webvtt" else None,
    )
    if made.sheets and made.pictures:
        taken.cell_pattern = snapshot_pattern(job, f"{_FOLDERS[kind]}/origin")
        taken.cell_count = len(made.pictures)
    return taken


def _upload(folder: Path, made: PictureSet, taken: Taken, lease: Lease) -> None:
    work: list[tuple[Picture, str]] = []
    if made.sheets:
        work += [(sheet, taken.pattern) for sheet in made.sheets]
    single = taken.cell_pattern or taken.pattern
    work += [(picture, single) for picture in made.pictures]
    for done, (picture, pattern) in enumerate(work, start=1):
        objects.upload(folder / picture.file_name, numbered_key(pattern, picture.index))
        lease.report(done / len(work))


def _index(made: PictureSet, pattern: str) -> str:
    """The WebVTT index; pictures are named relative to it."""
    name = pattern.rsplit("/", 1)[1]
    if made.sheets:
        pictures = [
            f"{numbered_key(name, place.sheet)}"
            f"#xywh={place.x},{place.y},{place.width},{place.height}"
            for place in made.places
        ]
    else:
        pictures = [numbered_key(name, picture.index) for picture in made.pictures]
    return thumbnail_index(made.times_ms, pictures, made.duration_ms)
