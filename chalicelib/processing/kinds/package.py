"""Packaging the renditions of a task into one adaptive HLS stream (VOD developer guide 6.8)."""

from datetime import datetime
from pathlib import Path

from chalicelib.media.errors import MediaError
from chalicelib.media.subtitles import webvtt_track
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.master import master_playlist, subtitle_playlist, variant
from chalicelib.mediaspec.packaging import HlsMedia, HlsPackage
from chalicelib.processing import task_end
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import rendition_name
from chalicelib.processing.packages import PackageSpec
from chalicelib.processing.renditions import Made
from chalicelib.processing.subjects import Subject
from chalicelib.store import database, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media
from chalicelib.store.outputs import Stream

_URL_SECONDS = 600


class NothingToPackage(MediaError):
    """None of the renditions has been made."""

    reason = "NothingToPackage"


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Write the master playlist, after everything that it names; returns the JSON of Made."""
    del subject, workspace
    spec = PackageSpec.model_validate_json(job.spec)
    there = {
        made.job_id: made for made in database.run(lambda tx: outputs.streams_of(tx, job.media_id))
    }
    streams = [(one, there[one.job_id]) for one in spec.members if one.job_id in there]
    if not streams:
        raise NothingToPackage("no rendition of the package has been made")
    facts = [MediaFacts.model_validate_json(stream.facts) for _, stream in streams]
    variants = []
    for (member, stream), known in zip(streams, facts, strict=True):
        made = variant(stream.object_key.removeprefix(f"{job.media_id}/"), known)
        bandwidth = member.bandwidth or made.bandwidth
        # Told as the template has it, so an average cannot be above it.
        update = {"bandwidth": bandwidth, "average_bandwidth": None}
        variants.append(made.model_copy(update=update) if member.bandwidth else made)
    lease.report(0.2)
    name = rendition_name(job)
    best = max(facts, key=lambda known: known.bitrate_kbps or 0)
    package = HlsPackage(
        variants=tuple(variants), subtitles=tuple(_subtitles(spec, name, best.duration))
    )
    key = f"{name}.m3u8"
    objects.put_text(master_playlist(package), key)
    size = sum(stream.size for _, stream in streams)
    return Made(key=key, size=size, facts=best).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the adaptive stream, and end the task."""
    made = Made.model_validate_json(result)
    stream = Stream(
        job_id=job.job_id,
        account_id=job.account_id,
        media_id=job.media_id,
        generation=job.generation,
        template_id=job.template_id,
        definition=job.definition,
        format="m3u8",
        object_key=made.key,
        size=made.size,
        facts=made.facts.model_dump_json(),
        original=False,
        created_at=now,
        modified_at=now,
    )
    ending = task_end.rendition_made(tx, job, record, stream)
    return Followup(ending.event_ids, ending.jobs)


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Tell of the failure, and end the task."""
    ending = task_end.rendition_failed(tx, job, record, code, message, now)
    return Followup(ending.event_ids, ending.jobs)


def _subtitles(spec: PackageSpec, name: str, duration: float) -> list[HlsMedia]:
    """Write each track with a playlist of its own."""
    tracks = []
    for number, track in enumerate(spec.subtitles, start=1):
        place = objects.presigned_url(track.file, _URL_SECONDS)
        file_name = f"{name}-subtitles-{number}"
        text = webvtt_track(place, track.encoding, mpegts=True)
        objects.put_text(text, f"{file_name}.vtt")
        last = file_name.rsplit("/", 1)[1]
        objects.put_text(subtitle_playlist(f"{last}.vtt", duration), f"{file_name}.m3u8")
        tracks.append(
            HlsMedia(
                uri=f"{last}.m3u8",
                name=track.name,
                language=track.language,
                default=track.default,
            )
        )
    return tracks
