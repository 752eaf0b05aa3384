"""Still pictures of a file that is no medium, into a bucket of its owner's (MPC API manual 12)."""

import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chalicelib.logs import log
from chalicelib.media.errors import Cancelled
from chalicelib.media.isolated import make_pictures
from chalicelib.processing.file_specs import PicturesMade, PicturesSpec, folder_of
from chalicelib.processing.lease import Lease
from chalicelib.store import object_deletion, objects
from chalicelib.store.bucket_access import FurtherBucket, reach
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job


def take_pictures(
    job: Job, task: FileTask, source: str | Path, workspace: Path, seconds: float, lease: Lease
) -> str:
    """Take them and upload them, or the archive with them; returns the JSON of a PicturesMade."""
    spec = PicturesSpec.model_validate_json(job.spec)
    made = make_pictures(
        source, spec.pictures, workspace, timeout_seconds=seconds, cancelled=lease.lost
    )
    bucket = reach(spec.bucket or task.target_bucket)
    name = job.output_name or ""
    folder = folder_of(name)
    result = PicturesMade(
        folder=folder,
        prefix=name.removeprefix(folder),
        format=spec.pictures.format,
        places_ms=tuple(picture.place_ms for picture in made.pictures),
        numbered=spec.numbered,
        key=f"{folder}{spec.archive}" if spec.archive and made.pictures else None,
    )
    paths = [workspace / picture.file_name for picture in made.pictures]
    named = list(zip(result.names, paths, strict=True))
    if result.key is not None:
        packed = workspace / "pictures.tar"
        pack(named, packed)
        objects.upload(packed, result.key, bucket)
    elif spec.archive is None:
        _upload([(f"{folder}{name}", path) for name, path in named], bucket, lease)
    return result.model_dump_json()


def pack(files: Sequence[tuple[str, Path]], archive: Path) -> None:
    """Pack files under the names given: the same files always give the same bytes."""
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in files:
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o644
            with path.open("rb") as content:
                tar.addfile(entry, content)


def _upload(work: Sequence[tuple[str, Path]], bucket: FurtherBucket, lease: Lease) -> None:
    with _taken_back(bucket, lease) as written:
        for key, path in work:
            if lease.lost():
                raise Cancelled("the work is no longer wanted here")
            objects.upload(path, key, bucket)
            written.append(key)
            lease.report(len(written) / len(work))


@contextmanager
def _taken_back(bucket: FurtherBucket, lease: Lease) -> Iterator[list[str]]:
    """Nothing is left in a bucket that is not ours of work that failed.

    A worker that no longer holds the job leaves it alone: another one may be writing it now.
    """
    written: list[str] = []
    try:
        yield written
    except BaseException:
        if not lease.lost():
            _remove(written, bucket)
        raise


def _remove(keys: Sequence[str], bucket: FurtherBucket) -> None:
    try:
        object_deletion.delete_objects(keys, bucket)
    except Exception:  # why the work failed is the better thing to tell
        log.exception("what failed work had written could not be removed")
