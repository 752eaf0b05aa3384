"""Running workflows: each step is a task or a job, and its end starts what comes after it.

Steps begin and end in the transactions that write and end their work, so that a run is where its
work is, whatever happens to a worker.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.library.media import require, require_status
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing.errors import (
    PictureTemplateNotFound,
    TemplateGroupNotFound,
    WatermarkNotFound,
)
from chalicelib.processing.picture_jobs import animated_job, snapshot_job
from chalicelib.processing.picture_templates import require_template
from chalicelib.processing.submission import MAY_TRANSCODE, Wishes, create_task, hint
from chalicelib.processing.template_groups import group_in
from chalicelib.processing.workflows import Node, nodes_of, require_active
from chalicelib.store import database, jobs, media, workflows
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, TaskCause
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.workflows import StepState, WorkflowRow, WorkflowRun, WorkflowStep

# Why a node cannot begin; it counts as failed then, and what waits for that goes on.
_CANNOT_BEGIN = (TemplateGroupNotFound, WatermarkNotFound, PictureTemplateNotFound)

_WAITING = (MediaStatus.UPLOADED, MediaStatus.TRANSCODE_FAILED)


@dataclass
class _Started:
    """Where a run has got to in one transaction."""

    open_steps: int = 0
    jobs: list[Job] = field(default_factory=list)


def submit_workflow(account_id: str, media_id: str, workflow_id: str) -> str:
    """Send a media through a workflow; returns the run's id.

    Raises MediaNotFound, IllegalStatus (allowed: uploaded, normal, checking), WorkflowNotFound.
    """

    def write(tx: Transaction) -> tuple[str, list[Job]]:
        workflow = require_active(tx, account_id, workflow_id)
        record = require(tx, account_id, media_id)
        require_status(record, MAY_TRANSCODE)
        return start_run(tx, record, workflow, "request", datetime.now(UTC))

    run_id, work = database.run(write)
    hint(work)
    return run_id


def start_run(
    tx: Transaction, record: Media, workflow: WorkflowRow, cause: TaskCause, now: datetime
) -> tuple[str, list[Job]]:
    """Begin with the nodes that wait for nothing; returns the run's id and the jobs written."""
    run = WorkflowRun(
        run_id=jobs.new_id(),
        workflow_id=workflow.workflow_id,
        account_id=record.account_id,
        media_id=record.media_id,
        generation=record.generation,
        cause=cause,
        nodes=workflow.nodes,
        open_steps=0,
        created_at=now,
    )
    workflows.insert_run(tx, run)
    started = _Started()
    for node in nodes_of(run.nodes):
        if not node.after:
            _begin(tx, run, record, node, now, started)
    workflows.count_steps(tx, run.run_id, started.open_steps, now)
    return run.run_id, started.jobs


def work_ended(
    tx: Transaction, record: Media, work_id: str, now: datetime, *, succeeded: bool
) -> list[Job]:
    """A task or job has ended: if it was a step of a run, begin what follows.

    Returns the jobs written. A second end of the same work changes nothing.
    """
    state: StepState = "succeeded" if succeeded else "failed"
    step = workflows.end_step(tx, work_id, state, now)
    run = workflows.get_run(tx, step.run_id) if step else None
    if step is None or run is None:
        return []
    started = _Started(open_steps=-1)
    if run.generation == record.generation:
        _begin_children(tx, run, record, step.node, state, now, started)
    workflows.count_steps(tx, run.run_id, started.open_steps, now)
    return started.jobs


def _begin_children(
    tx: Transaction,
    run: WorkflowRun,
    record: Media,
    parent: str,
    state: StepState,
    now: datetime,
    started: _Started,
) -> None:
    for node in nodes_of(run.nodes):
        if node.after == parent and node.when in ("any", state):
            _begin(tx, run, record, node, now, started)


def _begin(
    tx: Transaction, run: WorkflowRun, record: Media, node: Node, now: datetime, started: _Started
) -> None:
    try:
        work_id, work = _work(tx, run, record, node, now)
    except _CANNOT_BEGIN:
        step = WorkflowStep(
            work_id=jobs.new_id(),
            run_id=run.run_id,
            node=node.name,
            state="failed",
            created_at=now,
            finished_at=now,
        )
        workflows.insert_step(tx, step)
        _begin_children(tx, run, record, node.name, "failed", now, started)
        return
    workflows.insert_step(
        tx, WorkflowStep(work_id=work_id, run_id=run.run_id, node=node.name, created_at=now)
    )
    started.open_steps += 1
    started.jobs += work


def _work(
    tx: Transaction, run: WorkflowRun, record: Media, node: Node, now: datetime
) -> tuple[str, list[Job]]:
    """Write the node's work; returns what ends with it and the jobs."""
    if node.kind == "transcode":
        return _transcode(tx, run, record, node, now)
    template = require_template(tx, record.account_id, node.template, node.kind)
    if node.kind == "snapshot":
        job = snapshot_job(record, SnapshotSpec.model_validate_json(template.spec), Wishes())
    else:
        job = animated_job(record, AnimatedSpec.model_validate_json(template.spec), Wishes())
    job = job.model_copy(update={"template_id": template.template_id})
    jobs.insert_job(tx, job)
    return job.job_id, [job]


def _transcode(
    tx: Transaction, run: WorkflowRun, record: Media, node: Node, now: datetime
) -> tuple[str, list[Job]]:
    group = group_in(tx, record.account_id, node.template, record.app_id)
    if not group.makes_something:
        raise TemplateGroupNotFound(node.template)
    cause: TaskCause = "upload" if run.cause == "upload" else "request"
    task, work = create_task(tx, record, group, cause, Wishes(), now)
    current = media.get_any(tx, record.media_id)
    # A transcode that follows on one that failed is another chance for the media.
    if current is not None and current.status in _WAITING:
        media.set_status(tx, record.media_id, MediaStatus.TRANSCODING, now)
    return task.task_id, work
