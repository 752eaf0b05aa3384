"""Changing the container of a file that is no medium (MPC API manual 9)."""

import re
from datetime import datetime
from pathlib import Path

from chalicelib.media.encode import Output
from chalicelib.media.isolated import probe
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.processing.file_specs import RemuxSpec, folder_of
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.publishing import Publication, Publisher
from chalicelib.processing.renditions import Made
from chalicelib.processing.sources import open_source
from chalicelib.processing.subjects import Subject, output_bucket
from chalicelib.settings import settings
from chalicelib.store import database, file_tasks
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media

_SHARE_OF_REMUXING = 0.95
# What may stand in a playlist as it is, and begins no option.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Copy the streams from the source in place, and upload as it comes, the manifest last."""
    spec = RemuxSpec.model_validate_json(job.spec)
    seconds = settings().transcode_seconds
    source = open_source(subject, workspace, seconds=seconds + 600)
    facts = _analysed(job, source)
    folder, base = folder_of(job.output_name or ""), _base_name(job)
    publication = Publication(lease, f"{folder}{base}", entry=f"{folder}{spec.file_name}")
    with Publisher([publication], workspace, output_bucket(subject)) as publisher:
        (made,) = transcode_renditions(
            source,
            facts,
            [Output(spec.rendition, base)],
            workspace,
            on_progress=lambda fraction: lease.report(fraction * _SHARE_OF_REMUXING),
            cancelled=lease.lost,
            time_limit_seconds=seconds,
            max_output_bytes=settings().max_output_bytes,
            on_file=publisher.take,
            held=publisher.is_full,
        )
        key = publisher.finish(0, made)
    return Made(key=key, size=made.facts.size or 0, facts=made.facts).model_dump_json()


def _analysed(job: Job, source: str | Path) -> MediaFacts:
    """The source's facts, kept with the task: statistics count how long its file plays.

    Looked up each time: before a failed task is tried again its owner may have put another file.
    """
    facts = probe(source)
    if job.file_task is not None:
        number, text = job.file_task, facts.model_dump_json()
        database.run(lambda tx: file_tasks.record_facts(tx, number, text))
    return facts


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Nothing: media are transcoded, not remuxed."""
    del tx, job, record, result, now
    return Followup()


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """As ``succeeded``."""
    del tx, job, record, code, message, now
    return Followup()


def _base_name(job: Job) -> str:
    """What the files are called after: a playlist names them, so not everything will do."""
    name = (job.output_name or "").rpartition("/")[2]
    return name if _PLAIN.fullmatch(name) else f"{job.file_task}"
