"""Names of outputs (VOD developer guide 6.9): ``{media id}/{random}-{definition}``."""

import hashlib

from chalicelib.store.jobs import Job


def rendition_name(job: Job) -> str:
    """The object key of a rendition without its extension.

    The "random" part follows from the job's id: a job that runs twice writes the same objects.
    """
    return f"{job.media_id}/{_unique(job.job_id)}-{job.definition.lower()}"


def snapshot_pattern(job: Job, folder: str) -> str:
    """The key pattern of snapshots in a folder such as "covers", with a placeholder for the
    five-digit number."""
    return f"{job.media_id}/{folder}/{_unique(job.job_id)}-{{SnapshotCount}}.jpg"


def index_key(pattern: str) -> str:
    """The key of the WebVTT index beside the pictures of a pattern."""
    return pattern.replace("-{SnapshotCount}.jpg", ".vtt")


def animated_image_id(job: Job) -> str:
    """The id of the animated image that a job makes: the same however often it runs."""
    return hashlib.sha256(f"animated {job.job_id}".encode()).hexdigest()[:32]


def animated_key(job: Job, extension: str) -> str:
    """The object key of an animated image (VOD API manual 7.6.1)."""
    return f"{job.media_id}/image/dynamic/{animated_image_id(job)}.{extension}"


def _unique(job_id: str) -> str:
    digest = hashlib.sha256(job_id.encode()).hexdigest()
    return f"{digest[:24]}-{digest[24:44]}"
