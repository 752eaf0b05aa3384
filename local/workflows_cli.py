"""``python -m local workflows``: the workflows of an account, for operators.

No vendor's API makes workflows: their consoles do. Every command is one call into the room
processing, which is the same on AWS.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from chalicelib import processing
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.settings import settings
from chalicelib.store.database import DatabaseUnavailable
from chalicelib.store.workflows import WorkflowRow
from local.attachment import attach
from local.errors import StackError
from local.layout import DEFAULT_DATA

Options = argparse.Namespace

_NODES = """\
The nodes are a JSON list, each after the one that it follows on:
[{"name": "first", "kind": "transcode", "template": "TEMPLATE GROUP"},
 {"name": "preview", "kind": "animated", "template": "TEMPLATE", "after": "first",
  "when": "succeeded"},
 {"name": "pictures", "kind": "snapshot", "template": "TEMPLATE"}]
"when" is any, succeeded or failed. VOD_NO_TRANSCODE as a group makes the source a stream.
"""


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe the command line below ``python -m local workflows``."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the stack's directory")
    parser.add_argument("--account", help="whose; the default account unless it is given")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="all of the account")
    add = actions.add_parser(
        "add",
        help="make one; prints its id",
        epilog=_NODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add.add_argument("name")
    add.add_argument("nodes", help="a file with the nodes; - for the standard input")
    add.add_argument("--app", default=DEFAULT_APP_ID)
    add.add_argument("--active", action="store_true", help="let it be used at once")
    for name, text in (
        ("activate", "let uploads and requests use it"),
        ("deactivate", "use it no longer; what has begun goes on"),
        ("remove", "forget it; what has begun goes on"),
    ):
        actions.add_parser(name, help=text).add_argument("workflow_id")


def run(options: Options) -> int:
    """Run one command; returns the exit code. Raises StackError with a message for the user."""
    attach(options.data)
    account = options.account or settings().account_id
    try:
        return _ACTIONS[options.action](account, options)
    except DatabaseUnavailable as error:
        raise StackError(str(error)) from error
    except processing.WorkflowNotFound as error:
        raise StackError(f"there is no workflow {error}") from error
    except processing.WorkflowInvalid as error:
        raise StackError(f"the nodes cannot be used: {error}") from error


def _list(account: str, options: Options) -> int:
    del options
    for workflow in processing.list_workflows(account):
        print(_line(workflow))
    return 0


def _add(account: str, options: Options) -> int:
    text = sys.stdin.read() if options.nodes == "-" else _file(options.nodes)
    nodes = [
        node.model_copy(update={"template": domain_group_id(node.template)})
        for node in processing.read_nodes(text)
    ]
    print(processing.add_workflow(account, options.app, options.name, nodes, active=options.active))
    return 0


def _activate(account: str, options: Options) -> int:
    processing.set_workflow_active(account, options.workflow_id, options.action == "activate")
    return 0


def _remove(account: str, options: Options) -> int:
    processing.remove_workflow(account, options.workflow_id)
    return 0


def _file(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{path} cannot be read: {error}") from error


def _line(workflow: WorkflowRow) -> str:
    state = "active" if workflow.active else "inactive"
    name = "".join(char if char.isprintable() else "?" for char in workflow.name)
    return f"{workflow.workflow_id}  {state:<8}  {workflow.app_id}  {name}"


_ACTIONS: dict[str, Callable[[str, Options], int]] = {
    "list": _list,
    "add": _add,
    "activate": _activate,
    "deactivate": _activate,
    "remove": _remove,
}
