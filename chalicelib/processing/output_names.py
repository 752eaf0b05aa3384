"""Names of outputs (VOD developer guide 6.9): ``{media id}/{random}-{definition}``."""

import hashlib

from chalicelib.store.jobs import Job


def rendition_name(job: Job) -> str:
    """The object key of a rendition without its extension.

    The "random" part follows from the job's id: a job that runs twice writes the same objects.
    """
    return f"{job.media_id}/{_unique(job.job_id)}-{job.definition.lower()}"


def snapshot_pattern(job: Job, folder: str) -> str:
    """The key pattern of snapshots, with a placeholder for the five-digit number."""
    return f"{job.media_id}/{folder}/{_unique(job.job_id)}-{{SnapshotCount}}.jpg"


def _unique(job_id: str) -> str:
    digest = hashlib.sha256(job_id.encode()).hexdigest()
    return f"{digest[:24]}-{digest[24:44]}"
