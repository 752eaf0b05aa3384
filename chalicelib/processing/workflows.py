"""Workflows: what is made of a media, in which order and under which conditions.

VOD developer guide 6.6, VOD API manual 8.1.5. A workflow is a tree of nodes. Those without a parent
begin when the run does, the others when their parent has ended as their condition says. A run keeps
the nodes as they were when it began.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.processing.errors import (
    PictureTemplateNotFound,
    TemplateGroupNotFound,
    WorkflowInvalid,
    WorkflowNotFound,
)
from chalicelib.processing.picture_templates import require_template
from chalicelib.processing.template_groups import group_in
from chalicelib.store import database, workflows
from chalicelib.store.database import Transaction
from chalicelib.store.workflows import WorkflowRow

MOST_NODES = 20

NodeKind = Literal["transcode", "snapshot", "animated"]
Condition = Literal["any", "succeeded", "failed"]


class Node(BaseModel):
    """One piece of work of a workflow.

    ``template`` is what it is done with: a template group for "transcode", a picture template for
    the others. ``after`` names the parent node, "" stands for the beginning; ``when`` tells how the
    parent has to have ended. A transcode has succeeded as soon as one of its renditions has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    kind: NodeKind
    template: Annotated[str, Field(min_length=1, max_length=64)]
    after: str = ""
    when: Condition = "any"


_NODES = TypeAdapter(tuple[Node, ...])


def read_nodes(text: str) -> tuple[Node, ...]:
    """The nodes of a JSON list, each after its parent. Raises WorkflowInvalid."""
    try:
        nodes = _NODES.validate_json(text)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in detail["loc"])
        raise WorkflowInvalid(f"{path}: {detail['msg']}") from None
    if not nodes or len(nodes) > MOST_NODES:
        raise WorkflowInvalid(f"a workflow has 1 to {MOST_NODES} nodes")
    known: set[str] = set()
    for node in nodes:
        if node.name in known:
            raise WorkflowInvalid(f"there are two nodes {node.name}")
        if node.after and node.after not in known:
            raise WorkflowInvalid(f"no node {node.after} stands before {node.name}")
        if not node.after and node.when != "any":
            raise WorkflowInvalid(f"{node.name} has a condition but no node before it")
        known.add(node.name)
    return nodes


def add_workflow(
    account_id: str, app_id: str, name: str, nodes: Sequence[Node], *, active: bool
) -> str:
    """Store a workflow; returns its id. Raises WorkflowInvalid if it names what is not there."""
    now = datetime.now(UTC)
    row = WorkflowRow(
        workflow_id=uuid.uuid4().hex,
        account_id=account_id,
        app_id=app_id,
        name=name,
        active=active,
        nodes=_NODES.dump_json(tuple(nodes)).decode(),
        created_at=now,
        modified_at=now,
    )

    def write(tx: Transaction) -> None:
        for node in nodes:
            _check_template(tx, account_id, node)
        workflows.insert_workflow(tx, row)

    database.run(write)
    return row.workflow_id


def _check_template(tx: Transaction, account_id: str, node: Node) -> None:
    try:
        if node.kind == "transcode":
            group_in(tx, account_id, node.template)
        else:
            require_template(tx, account_id, node.template, node.kind)
    except (TemplateGroupNotFound, PictureTemplateNotFound) as gone:
        raise WorkflowInvalid(f"{node.name}: {gone}") from gone


def list_workflows(account_id: str) -> list[WorkflowRow]:
    """The workflows of an account, oldest first."""
    return database.run(lambda tx: workflows.workflows_of(tx, account_id))


def set_workflow_active(account_id: str, workflow_id: str, active: bool) -> None:
    """Let it be used, or no longer; runs that have begun go on. Raises WorkflowNotFound."""
    now = datetime.now(UTC)
    if not database.run(lambda tx: workflows.set_active(tx, account_id, workflow_id, active, now)):
        raise WorkflowNotFound(workflow_id)


def remove_workflow(account_id: str, workflow_id: str) -> None:
    """Forget a workflow; runs that have begun go on. Raises WorkflowNotFound."""
    if not database.run(lambda tx: workflows.delete_workflow(tx, account_id, workflow_id)):
        raise WorkflowNotFound(workflow_id)


def require_active(tx: Transaction, account_id: str, workflow_id: str) -> WorkflowRow:
    """The workflow, if it may be used. Raises WorkflowNotFound."""
    row = workflows.get_workflow(tx, account_id, workflow_id)
    if row is None or not row.active:
        raise WorkflowNotFound(workflow_id)
    return row


def check_usable(account_id: str, workflow_id: str) -> None:
    """Raises WorkflowNotFound unless the account has this workflow and it is active."""
    database.run(lambda tx: require_active(tx, account_id, workflow_id))


def nodes_of(text: str) -> tuple[Node, ...]:
    """The nodes as they were stored."""
    return _NODES.validate_json(text)
