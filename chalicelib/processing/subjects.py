"""What a job works on: a medium of the library, or a file of a bucket that is none."""

from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.files import FileRef
from chalicelib.store import file_tasks, media
from chalicelib.store.bucket_access import FurtherBucket, reach
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FilePlace, FileTask
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media

Subject = Media | FileTask

_OPEN = ("submitted", "running")
_SCHEME = "s3://"


def subject_of(tx: Transaction, job: Job) -> Subject | None:
    """The subject as it is now; None where it is gone, or is no longer what the job is about."""
    if job.file_task is not None:
        task = file_tasks.get(tx, job.file_task)
        return task if task is not None and task.state in _OPEN else None
    record = media.get_any(tx, job.media_id)
    return record if record is not None and record.generation == job.generation else None


def facts_of(subject: Subject) -> MediaFacts | None:
    """What is known of the source."""
    return MediaFacts.model_validate_json(subject.facts) if subject.facts else None


def media_id_of(subject: Subject) -> str:
    """The medium's id; empty where there is none."""
    return subject.media_id if isinstance(subject, Media) else ""


def is_playlist(subject: Subject) -> bool:
    """Whether the source is a playlist with its segments beside it."""
    if isinstance(subject, Media):
        return subject.extension == "m3u8"
    return subject.source_key.lower().endswith(".m3u8")


def output_bucket(subject: Subject) -> FurtherBucket | None:
    """The bucket that results go to; None is the deployment's own."""
    return reach(subject.target_bucket) if isinstance(subject, FileTask) else None


def name_of_file(place: FilePlace) -> FileRef:
    """How a spec of a file task names another file that its work needs."""
    return f"{_SCHEME}{place.bucket}/{place.key}"


def place_of_file(ref: FileRef) -> FilePlace:
    """What ``name_of_file`` named."""
    bucket, _, key = ref.removeprefix(_SCHEME).partition("/")
    return FilePlace(bucket=bucket, key=key)
