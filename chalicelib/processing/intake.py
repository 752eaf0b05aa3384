"""What an arrived upload sets off: first of all, its analysis."""

from datetime import datetime, timedelta

from chalicelib.processing.subjects import Subject
from chalicelib.store import job_groups, jobs, workflows
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
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
    subject: Subject, now: datetime, *, kind: jobs.JobKind, queue: jobs.JobQueue, spec: str = "{}"
) -> Job:
    """A job on the medium as it is now, with the callback settings that its upload asked for; or a
    job of a file task, as urgent as that is."""
    if isinstance(subject, FileTask):
        about: dict[str, object] = {
            "file_task": subject.number,
            "app_id": "",
            "media_id": "",
            "generation": 0,
            "priority": subject.priority,
            "rank": 10 - subject.priority,
        }
    else:
        names = ("app_id", "media_id", "generation", "callback_url", "extend")
        about = {name: getattr(subject, name) for name in names}
    return Job.model_validate(
        {
            "job_id": jobs.new_id(),
            "kind": kind,
            "queue": queue,
            "account_id": subject.account_id,
            "spec": spec,
            "due_at": now + jobs.HINT_PATIENCE,
            "not_before": now - _CLOCK_SLACK,
            "created_at": now,
            **about,
        }
    )
