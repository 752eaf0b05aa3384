"""Workflows and their runs: plain SQL over ``workflow``, ``workflow_run`` and ``workflow_step``."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

StepState = Literal["running", "succeeded", "failed"]


class WorkflowRow(BaseModel):
    """One workflow; ``nodes`` is a JSON list of processing.workflows.Node."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    workflow_id: str
    account_id: str
    app_id: str
    name: str
    active: bool
    nodes: str
    created_at: datetime
    modified_at: datetime


class WorkflowRun(BaseModel):
    """One passing of one media through a workflow, with the nodes as they were when it began.

    ``open_steps`` counts the steps that have not ended; the run has when there are none.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    run_id: str
    workflow_id: str
    account_id: str
    media_id: str
    generation: int
    cause: str
    nodes: str
    open_steps: int
    created_at: datetime
    finished_at: datetime | None = None


class WorkflowStep(BaseModel):
    """A node of a run at work; ``work_id`` is the id of its task or job."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    work_id: str
    run_id: str
    node: str
    state: StepState = "running"
    created_at: datetime
    finished_at: datetime | None = None


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - names come from the models
        f"VALUES ({', '.join(f'%({name})s' for name in columns)})"
    )


_INSERT_WORKFLOW = _insert("workflow", tuple(WorkflowRow.model_fields))
_INSERT_RUN = _insert("workflow_run", tuple(WorkflowRun.model_fields))
_INSERT_STEP = _insert("workflow_step", tuple(WorkflowStep.model_fields))


def insert_workflow(tx: Transaction, workflow: WorkflowRow) -> None:
    """Add a workflow."""
    change(tx, _INSERT_WORKFLOW, **workflow.model_dump())


def get_workflow(tx: Transaction, account_id: str, workflow_id: str) -> WorkflowRow | None:
    """One workflow of the account."""
    row = one(
        tx,
        "SELECT * FROM workflow"
        " WHERE workflow_id = %(workflow_id)s AND account_id = %(account_id)s",
        workflow_id=workflow_id,
        account_id=account_id,
    )
    return WorkflowRow.model_validate(row) if row else None


def workflows_of(tx: Transaction, account_id: str) -> list[WorkflowRow]:
    """The workflows of an account, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM workflow WHERE account_id = %(account_id)s ORDER BY created_at, workflow_id",
        account_id=account_id,
    )
    return [WorkflowRow.model_validate(row) for row in rows]


def set_active(
    tx: Transaction, account_id: str, workflow_id: str, active: bool, now: datetime
) -> int:
    """Activate or deactivate; returns 0 if the account has no such workflow."""
    return change(
        tx,
        "UPDATE workflow SET active = %(active)s, modified_at = %(now)s"
        " WHERE workflow_id = %(workflow_id)s AND account_id = %(account_id)s",
        account_id=account_id,
        workflow_id=workflow_id,
        active=active,
        now=now,
    )


def delete_workflow(tx: Transaction, account_id: str, workflow_id: str) -> int:
    """Remove a workflow; returns 0 if the account has none with this id."""
    return change(
        tx,
        "DELETE FROM workflow WHERE workflow_id = %(workflow_id)s AND account_id = %(account_id)s",
        account_id=account_id,
        workflow_id=workflow_id,
    )


def insert_run(tx: Transaction, run: WorkflowRun) -> None:
    """Add a run."""
    change(tx, _INSERT_RUN, **run.model_dump())


def get_run(tx: Transaction, run_id: str) -> WorkflowRun | None:
    """One run."""
    row = one(tx, "SELECT * FROM workflow_run WHERE run_id = %(run_id)s", run_id=run_id)
    return WorkflowRun.model_validate(row) if row else None


def count_steps(tx: Transaction, run_id: str, delta: int, now: datetime) -> None:
    """Count steps that began, or ended; concurrent enders wait for each other here."""
    change(
        tx,
        "UPDATE workflow_run SET open_steps = open_steps + %(delta)s,"
        " finished_at = CASE WHEN open_steps + %(delta)s = 0 THEN %(now)s::timestamptz END"
        " WHERE run_id = %(run_id)s",
        run_id=run_id,
        delta=delta,
        now=now,
    )


def abandon_runs(tx: Transaction, media_id: str, generation: int, now: datetime) -> int:
    """End the runs over older uploads of the source: their work has been cancelled."""
    return change(
        tx,
        "UPDATE workflow_run SET finished_at = %(now)s WHERE media_id = %(media_id)s"
        " AND generation < %(generation)s AND finished_at IS NULL",
        media_id=media_id,
        generation=generation,
        now=now,
    )


def insert_step(tx: Transaction, step: WorkflowStep) -> None:
    """Add a step."""
    change(tx, _INSERT_STEP, **step.model_dump())


def end_step(tx: Transaction, work_id: str, state: StepState, now: datetime) -> WorkflowStep | None:
    """End the step that this task or job does; None if it does none, or none that is running."""
    row = one(
        tx,
        "UPDATE workflow_step SET state = %(state)s, finished_at = %(now)s"
        " WHERE work_id = %(work_id)s AND state = 'running' RETURNING *",
        work_id=work_id,
        state=state,
        now=now,
    )
    return WorkflowStep.model_validate(row) if row else None


def steps_of(tx: Transaction, run_id: str) -> list[WorkflowStep]:
    """The steps of a run that have begun, in their order."""
    rows = many(
        tx,
        "SELECT * FROM workflow_step WHERE run_id = %(run_id)s ORDER BY created_at, work_id",
        run_id=run_id,
    )
    return [WorkflowStep.model_validate(row) for row in rows]
