"""From the templates of a group to the jobs of a task: marks filled in, outputs named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing.encryption import encrypted
from chalicelib.processing.intake import new_job
from chalicelib.processing.output_names import (
    distinct_name,
    files_name,
    ruled_name,
    usual_name,
)
from chalicelib.processing.packages import package_job
from chalicelib.processing.template_groups import Template, TemplateConfig, TemplateGroup
from chalicelib.processing.watermarks import NO_REPLACEMENTS, Replacements, overlays
from chalicelib.store import jobs, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media


@dataclass(frozen=True)
class Overrides:
    """What one request changes in a group: whole configurations by template id, and watermarks."""

    templates: Mapping[str, TemplateConfig] = field(default_factory=dict)
    watermarks: Replacements = NO_REPLACEMENTS

    def applied(self, template: Template) -> Template:
        """The template as this request has it."""
        config = self.templates.get(template.template_id)
        return template.model_copy(update=dict(config)) if config else template


NO_OVERRIDES = Overrides()


def rendition_jobs(
    tx: Transaction,
    record: Media,
    group: TemplateGroup,
    now: datetime,
    overrides: Overrides = NO_OVERRIDES,
) -> list[Job]:
    """A job for each rendition of the group, in its order, then one that packages them, if wanted.

    They are not stored yet.
    Raises WatermarkNotFound.
    """
    made: list[tuple[Template, Job]] = []
    taken = _taken(tx, record) if any(t.output_name for t in group.templates) else set()
    templates = list(map(overrides.applied, group.templates))
    for template in templates:
        if template.spec is None:
            continue
        job = _job(tx, record, template, template.spec, overrides, now, len(made))
        name, spec = str(job.output_name), RenditionSpec.model_validate_json(job.spec)
        # Renditions of one task are made in one folder, whatever folders they go to.
        if not {files_name(name, spec), _last(files_name(name, spec))}.isdisjoint(taken):
            name = distinct_name(name, job.job_id)
            job = job.model_copy(update={"output_name": name})
        taken |= {files_name(name, spec), _last(files_name(name, spec))}
        made.append((template, job))
    package = package_job(record, made, [one for one in templates if one.spec is None], now)
    return [job for _, job in made] + ([package] if package else [])


def _taken(tx: Transaction, record: Media) -> set[str]:
    """What renditions of the media are called that are there, or are being made."""
    there = (made.object_key for made in outputs.streams_of(tx, record.media_id))
    coming = (
        files_name(str(job.output_name), RenditionSpec.model_validate_json(job.spec))
        for job in jobs.open_jobs(tx, record.media_id, "transcode")
        if job.output_name
    )
    names = {key.removesuffix(".m3u8").removesuffix(".mpd") for key in there}
    return names | set(coming)


def _last(name: str) -> str:
    return name.rsplit("/", 1)[1]


def _job(
    tx: Transaction,
    record: Media,
    template: Template,
    spec: RenditionSpec,
    overrides: Overrides,
    now: datetime,
    position: int,
) -> Job:
    marks = overlays(
        tx, record.account_id, record.app_id, template.watermark_ids, overrides.watermarks
    )
    if marks and spec.video is not None:
        laid = tuple(overlay for _, overlay in marks)
        video = spec.video.model_copy(update={"watermarks": laid})
        spec = spec.model_copy(update={"video": video})
    if template.encrypted:
        spec = encrypted(spec)
    # Jobs of one task keep the order of the group through their time of creation.
    created_at = now + timedelta(microseconds=position)
    job = new_job(record, created_at, kind="transcode", queue="heavy", spec=spec.model_dump_json())
    return job.model_copy(
        update={
            "template_id": template.template_id,
            "definition": template.definition,
            "watermark_ids": ",".join(watermark_id for watermark_id, _ in marks),
            "output_name": _name(template, job),
        }
    )


def _name(template: Template, job: Job) -> str:
    if template.output_name:
        return ruled_name(template.output_name, job.media_id, job.job_id, template.definition)
    return usual_name(job.media_id, job.job_id, template.definition, encrypted=template.encrypted)
