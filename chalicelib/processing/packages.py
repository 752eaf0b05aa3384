"""Adaptive streams: what is packaged once the renditions of a task have ended.

VOD developer guide 6.8. The job is written with the others and held back until they have.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.packaging import PackageKind
from chalicelib.mediaspec.rendition import Container
from chalicelib.mediaspec.subtitles import SubtitleTrack
from chalicelib.processing.intake import new_job
from chalicelib.processing.template_groups import Template
from chalicelib.store import jobs
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media

ADAPTIVE = "AUTO"
"""The definition of adaptive streams: the player chooses among what they hold."""


PACKAGED_AS: dict[PackageKind, Container] = {"hls": "m3u8", "dash": "mpd"}
"""The container of a package, and of the renditions that it is made of."""


class PackageMember(BaseModel):
    """A rendition of the package; ``bandwidth`` in bits per second is what players are told."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    bandwidth: int | None = None


class PackageSpec(BaseModel):
    """What is packaged together."""

    model_config = ConfigDict(frozen=True)

    kind: PackageKind = "hls"
    members: tuple[PackageMember, ...]
    subtitles: tuple[SubtitleTrack, ...] = ()


def package_job(
    record: Media, made: Sequence[tuple[Template, Job]], others: Sequence[Template], now: datetime
) -> Job | None:
    """The job that packages these renditions, if their templates say so; it is not stored yet.

    ``others`` are the templates that make no rendition: they bring the subtitles.
    """
    packaged = [(template, job) for template, job in made if template.package is not None]
    if not packaged:
        return None
    members = tuple(
        PackageMember(
            job_id=job.job_id,
            bandwidth=template.package.max_bandwidth if template.package else None,
        )
        for template, job in packaged
    )
    tracks = [track for one in others if one.package for track in one.package.subtitles]
    kinds = [template.package.kind for template, _ in packaged if template.package]
    spec = PackageSpec(kind=kinds[0], members=members, subtitles=tuple(tracks))
    job = new_job(
        record,
        now + timedelta(microseconds=len(made)),
        kind="package",
        queue="quick",
        spec=spec.model_dump_json(),
    )
    return job.model_copy(
        update={
            "template_id": packaged[0][0].template_id,
            "definition": ADAPTIVE,
            "not_before": jobs.HELD,
            "due_at": jobs.HELD,
        }
    )
