"""What an arrived upload sets off: first of all, its analysis."""

from datetime import datetime, timedelta

from chalicelib.store import job_groups, jobs, workflows
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media, MediaType

# A worker whose clock is behind must not take a fresh job for one that is to wait.
_CLOCK_SLACK = timedelta(minutes=1)


def begin(tx: Transaction, media: Media, now: datetime) -> Job:
    """Write the job that looks at this generation of the source; older work on it is cancelled."""
    job_groups.cancel_open_jobs(tx, media.media_id, media.generation, now)
    for task in jobs.open_tasks(tx, media.media_id):
        jobs.complete_task(tx, task.task_id, now, "Superseded", "the source was uploaded again")
    workflows.abandon_runs(tx, media.media_id, media.generation, now)
    kind: jobs.JobKind = "image" if media.media_type is MediaType.IMAGE else "probe"
    job = new_job(media, now, kind=kind, queue="quick")
    jobs.insert_job(tx, job)
    return job


def new_job(
    media: Media, now: datetime, *, kind: jobs.JobKind, queue: jobs.JobQueue, spec: str = "{}"
) -> Job:
    """A job on the media as it is now, with the callback settings that its upload asked for."""
    return Job(
        job_id=jobs.new_id(),
        kind=kind,
        queue=queue,
        account_id=media.account_id,
        app_id=media.app_id,
        media_id=media.media_id,
        generation=media.generation,
        spec=spec,
        callback_url=media.callback_url,
        extend=media.extend,
        due_at=now + jobs.HINT_PATIENCE,
        not_before=now - _CLOCK_SLACK,
        created_at=now,
    )
