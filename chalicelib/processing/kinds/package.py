"""Packaging the renditions of a task into one adaptive stream (VOD developer guide 6.8)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.media.errors import MediaError
from chalicelib.media.subtitles import webvtt_track
from chalicelib.mediaspec.dash import DashMember, DashSubtitles, combined_manifest
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.master import master_playlist, subtitle_playlist, variant
from chalicelib.mediaspec.packaging import HlsMedia, HlsPackage
from chalicelib.mediaspec.subtitles import SubtitleTrack
from chalicelib.processing import task_end
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import rendition_name
from chalicelib.processing.packages import PACKAGED_AS, PackageMember, PackageSpec
from chalicelib.processing.renditions import Made
from chalicelib.processing.subjects import Subject
from chalicelib.store import database, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media
from chalicelib.store.outputs import Stream

_URL_SECONDS = 600
# Of our own writing: a hundred bytes for each change of a segment's length.
_MANIFEST_BYTES = 4 * 1024 * 1024

_Streams = Sequence[tuple[PackageMember, Stream]]


class NothingToPackage(MediaError):
    """None of the renditions has been made."""

    reason = "NothingToPackage"


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Write the manifest, after everything that it names; returns the JSON of Made."""
    del subject, workspace
    spec = PackageSpec.model_validate_json(job.spec)
    there = {
        made.job_id: made for made in database.run(lambda tx: outputs.streams_of(tx, job.media_id))
    }
    streams = [(one, there[one.job_id]) for one in spec.members if one.job_id in there]
    if not streams:
        raise NothingToPackage("no rendition of the package has been made")
    facts = [MediaFacts.model_validate_json(stream.facts) for _, stream in streams]
    best = max(facts, key=lambda known: known.bitrate_kbps or 0)
    lease.report(0.2)
    name = rendition_name(job)
    if spec.kind == "hls":
        text = _master(job, spec, streams, facts, best.duration)
    else:
        text = _presentation(job, spec, streams)
    key = f"{name}.{PACKAGED_AS[spec.kind]}"
    objects.put_text(text, key)
    size = sum(stream.size for _, stream in streams)
    return Made(key=key, size=size, facts=best).model_dump_json()


def _master(
    job: Job, spec: PackageSpec, streams: _Streams, facts: Sequence[MediaFacts], seconds: float
) -> str:
    variants = []
    for (member, stream), known in zip(streams, facts, strict=True):
        made = variant(_relative(job, stream.object_key), known)
        bandwidth = member.bandwidth or made.bandwidth
        # Told as the template has it, so an average cannot be above it.
        update = {"bandwidth": bandwidth, "average_bandwidth": None}
        variants.append(made.model_copy(update=update) if member.bandwidth else made)
    tracks = [_in_playlist(*one, seconds) for one in _stored_tracks(job, spec, mpegts=True)]
    return master_playlist(HlsPackage(variants=tuple(variants), subtitles=tuple(tracks)))


def _presentation(job: Job, spec: PackageSpec, streams: _Streams) -> str:
    members = []
    for member, stream in streams:
        text = objects.read_text(stream.object_key, _MANIFEST_BYTES)
        folder = _relative(job, stream.object_key).rpartition("/")
        members.append(DashMember(text, "".join(folder[:2]), member.bandwidth))
    tracks = [
        DashSubtitles(f"{_file_name(name)}.vtt", track.name, track.language)
        for name, track in _stored_tracks(job, spec, mpegts=False)
    ]
    return combined_manifest(members, tracks)


def _relative(job: Job, key: str) -> str:
    return key.removeprefix(f"{job.media_id}/")


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
        format=task_end.container_of(job),
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


def _stored_tracks(job: Job, spec: PackageSpec, *, mpegts: bool) -> list[tuple[str, SubtitleTrack]]:
    """Write each track as WebVTT; their names without what follows the base name."""
    stored = []
    for number, track in enumerate(spec.subtitles, start=1):
        place = objects.presigned_url(track.file, _URL_SECONDS)
        name = f"{rendition_name(job)}-subtitles-{number}"
        objects.put_text(webvtt_track(place, track.encoding, mpegts=mpegts), f"{name}.vtt")
        stored.append((name, track))
    return stored


def _in_playlist(name: str, track: SubtitleTrack, seconds: float) -> HlsMedia:
    """Write the playlist of a track."""
    last = _file_name(name)
    objects.put_text(subtitle_playlist(f"{last}.vtt", seconds), f"{name}.m3u8")
    return HlsMedia(
        uri=f"{last}.m3u8", name=track.name, language=track.language, default=track.default
    )


def _file_name(name: str) -> str:
    return name.rsplit("/", 1)[1]
