"""Asking for pictures of a video: snapshots and animated images."""

from collections.abc import Callable, Container
from datetime import UTC, datetime

from chalicelib.library.media import require, require_status
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing.errors import TooManyAnimatedImages
from chalicelib.processing.intake import new_job
from chalicelib.processing.picture_templates import require_template
from chalicelib.processing.submission import Wishes, hint, wished
from chalicelib.store import database, jobs, pictures
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, JobQueue
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.pictures import AnimatedImage

_MAY_SNAPSHOT = frozenset(
    {MediaStatus.UPLOADED, MediaStatus.NORMAL, MediaStatus.CHECKING, MediaStatus.BLOCKED}
)
_MAY_ANIMATE = _MAY_SNAPSHOT | {MediaStatus.TRANSCODING}
# More than the quick queue's function can be sure to take in its time.
_MANY_PICTURES = 200
# The most animated images that one request without ids removes (VOD API manual 7.6.2).
_MOST_DROPPED_AT_ONCE = 10


def submit_snapshots(account_id: str, media_id: str, spec: SnapshotSpec, wishes: Wishes) -> Job:
    """Take snapshots of a media.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, normal, checking, blocked).
    """
    return _submit(
        account_id, media_id, _MAY_SNAPSHOT, lambda _, media: snapshot_job(media, spec, wishes)
    )


def submit_snapshots_by_template(
    account_id: str, media_id: str, template_id: str, wishes: Wishes
) -> Job:
    """As submit_snapshots, as a template has it. Raises PictureTemplateNotFound as well."""

    def make(tx: Transaction, media: Media) -> Job:
        template = require_template(tx, account_id, template_id, "snapshot")
        spec = SnapshotSpec.model_validate_json(template.spec)
        job = snapshot_job(media, spec, wishes)
        return job.model_copy(update={"template_id": template_id})

    return _submit(account_id, media_id, _MAY_SNAPSHOT, make)


def submit_animated(
    account_id: str,
    media_id: str,
    template_id: str,
    override: Callable[[AnimatedSpec], AnimatedSpec],
    wishes: Wishes,
) -> Job:
    """Make an animated image of a video as a template has it, changed by ``override``.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, transcoding, normal, checking, blocked),
    PictureTemplateNotFound, and what ``override`` raises.
    """

    def make(tx: Transaction, media: Media) -> Job:
        template = require_template(tx, account_id, template_id, "animated")
        spec = override(AnimatedSpec.model_validate_json(template.spec))
        job = animated_job(media, spec, wishes)
        return job.model_copy(update={"template_id": template_id})

    return _submit(account_id, media_id, _MAY_ANIMATE, make)


def snapshot_job(media: Media, spec: SnapshotSpec, wishes: Wishes) -> Job:
    """The job that takes snapshots, not yet written."""
    many = spec.count is None or max(spec.count, len(spec.times_ms)) > _MANY_PICTURES
    return _new(media, "snapshot", "heavy" if many else "quick", spec.model_dump_json(), wishes)


def animated_job(media: Media, spec: AnimatedSpec, wishes: Wishes) -> Job:
    """The job that makes an animated image, not yet written."""
    return _new(media, "animated", "heavy", spec.model_dump_json(), wishes)


def animated_images(account_id: str, media_id: str) -> list[AnimatedImage]:
    """The animated images of a video, the newest first. Raises MediaNotFound."""

    def read(tx: Transaction) -> list[AnimatedImage]:
        require(tx, account_id, media_id)
        return pictures.images_of(tx, media_id)

    return database.run(read)


def drop_animated_images(account_id: str, media_id: str, image_ids: list[str]) -> None:
    """Forget animated images of a video, all of them without ids; their files stay.

    Ids that name none are passed over. Raises MediaNotFound, and TooManyAnimatedImages where all
    are more than ten.
    """

    def write(tx: Transaction) -> None:
        require(tx, account_id, media_id)
        found = [image.image_id for image in pictures.images_of(tx, media_id)]
        if not image_ids and len(found) > _MOST_DROPPED_AT_ONCE:
            raise TooManyAnimatedImages(len(found))
        pictures.drop_images(tx, media_id, image_ids or found)

    database.run(write)


def _submit(
    account_id: str,
    media_id: str,
    allowed: Container[MediaStatus],
    make: Callable[[Transaction, Media], Job],
) -> Job:
    def write(tx: Transaction) -> Job:
        media = require(tx, account_id, media_id)
        require_status(media, allowed)
        job = make(tx, media)
        jobs.insert_job(tx, job)
        return job

    job = database.run(write)
    hint([job])
    return job


def _new(media: Media, kind: jobs.JobKind, queue: JobQueue, spec: str, wishes: Wishes) -> Job:
    job = new_job(media, datetime.now(UTC), kind=kind, queue=queue, spec=spec)
    return job.model_copy(update=wished(wishes, media))
