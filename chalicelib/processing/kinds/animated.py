"""Making an animated image of a span of a video."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from chalicelib.media.encode import Output
from chalicelib.media.errors import EncoderFailed, NoVideoStream
from chalicelib.media.isolated import probe
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.animated import AnimatedImageFacts, AnimatedSpec
from chalicelib.mediaspec.animated_file import read_facts
from chalicelib.mediaspec.clip import Clip
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing import announcements
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import animated_image_id, animated_key
from chalicelib.processing.sources import open_source
from chalicelib.processing.subjects import Subject, facts_of, output_bucket
from chalicelib.settings import settings
from chalicelib.store import media, objects, pictures
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media
from chalicelib.store.pictures import AnimatedImage

_SHARE_OF_ENCODING = 0.95
# Viewers take shorter times than a fiftieth of a second between two pictures of a GIF for a
# mistake, and show it slowly.
_FASTEST_GIF = 50.0


class Made(BaseModel):
    """The result of a job: the object with the image, and its facts."""

    key: str
    facts: AnimatedImageFacts


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Encode the span from the source in place, and upload the image."""
    spec = AnimatedSpec.model_validate_json(job.spec)
    source = open_source(subject, workspace, seconds=settings().transcode_seconds + 600)
    facts = facts_of(subject) or probe(source)
    if not facts.has_video:
        raise NoVideoStream("the source has no video to make an animated image of")
    made = transcode_renditions(
        source,
        facts,
        [Output(_rendition(spec), "image")],
        workspace,
        on_progress=lambda fraction: lease.report(fraction * _SHARE_OF_ENCODING),
        cancelled=lease.lost,
        time_limit_seconds=settings().transcode_seconds,
        max_output_bytes=settings().max_output_bytes,
    )[0]
    try:
        image = read_facts(made.entry, spec.format, spec.span(facts.duration)[1])
    except ValueError as error:
        raise EncoderFailed(f"the image cannot be read back: {error}") from error
    bucket = output_bucket(subject)
    own = animated_key(job, spec.format) if bucket is None else None
    key = own or f"{job.output_name}.{spec.format}"
    objects.upload(made.entry, key, bucket)
    return Made(key=key, facts=image).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the image, as the media's cover too where the template says so."""
    made = Made.model_validate_json(result)
    image = AnimatedImage(
        image_id=animated_image_id(job),
        job_id=job.job_id,
        account_id=job.account_id,
        media_id=job.media_id,
        format=made.facts.format,
        object_key=made.key,
        size=made.facts.size,
        width=made.facts.width,
        height=made.facts.height,
        fps=f"{made.facts.fps:.3f}".rstrip("0").rstrip("."),
        duration_ms=round(made.facts.duration * 1000),
        created_at=now,
    )
    pictures.put_image(tx, image)
    if AnimatedSpec.model_validate_json(job.spec).becomes_cover:
        media.set_cover(tx, job.media_id, job.generation, image.object_key)
    return Followup([announcements.animated_image_complete(tx, record, job, image)])


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Tell of the failure; the media stays as it is."""
    del now
    return Followup([announcements.animated_image_failed(tx, record, job, code, message)])


def _rendition(spec: AnimatedSpec) -> RenditionSpec:
    fps = min(spec.fps, _FASTEST_GIF) if spec.format == "gif" else spec.fps
    size = PictureSize(width=spec.width, height=spec.height, enlarge=True)
    return RenditionSpec(
        container=spec.format,
        video=VideoEncoding(codec=spec.format, max_fps=fps, size=size),
        clip=Clip(start=spec.start, seconds=spec.duration or None, drop_end=spec.drop_tail),
    )
