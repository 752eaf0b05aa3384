"""``python -m local users``: users with access keys and passwords, roles, the master key.

What they may do are the vendors' names of policies (``AliyunVODFullAccess``) or policy documents;
which applications they may use is set through the API (docs/applications.md).
"""

import argparse
import getpass
import json
import sys
from pathlib import Path

from chalicelib import events
from chalicelib.apis.protocol.huawei_rest.projects import domain_id, project_id
from chalicelib.identity.accounts import create_role, create_user, deactivate_key
from chalicelib.identity.errors import IdentityError
from chalicelib.identity.passwords import remove_password, set_password
from chalicelib.identity.rotation import rotate_master_key
from chalicelib.playback import domains
from chalicelib.settings import settings
from chalicelib.store.database import DatabaseUnavailable
from local.attachment import attach
from local.errors import StackError
from local.layout import DEFAULT_DATA


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe the command line below ``python -m local users``."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the stack's directory")
    parser.add_argument("--account", help="whose; the default account unless it is given")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (
        ("add", "make a user and print its first access key"),
        ("add-role", "make a role that the account's users may assume, and print its ARN"),
    ):
        add = actions.add_parser(name, help=text)
        add.add_argument("name")
        add.add_argument(
            "--policy", action="append", required=True, help="a name or a document; repeatable"
        )
    actions.add_parser("ids", help="print what the APIs call the account and its project")
    actions.add_parser(
        "rotate-master-key", help="a new key for tokens and stored secrets; the last one stays good"
    )
    for name, text in (
        ("set-password", "let a user get tokens with a password; it is read from standard input"),
        ("remove-password", "take a user's password away, and the tokens that it was shown for"),
    ):
        actions.add_parser(name, help=text).add_argument("name")
    off = actions.add_parser("deactivate", help="switch an access key off")
    off.add_argument("access_key_id")


def run(options: argparse.Namespace) -> int:
    """Run one command; returns the exit code. Raises StackError with a message for the user."""
    attach(options.data)
    account = options.account or settings().account_id
    try:
        if options.action == "add":
            pair = create_user(account, options.name, options.policy)
            print(json.dumps(pair.model_dump(), indent=2))
        elif options.action == "add-role":
            print(create_role(account, options.name, options.policy))
        elif options.action == "ids":
            ids = {"domain_id": domain_id(account), "project_id": project_id(account)}
            print(json.dumps({"account": account, **ids}, indent=2))
        elif options.action == "set-password":
            set_password(account, options.name, _typed_password())
        elif options.action == "remove-password":
            remove_password(account, options.name)
        elif options.action == "rotate-master-key":
            rotate_master_key([events.reseal_auth_keys, domains.reseal_secrets])
        else:
            deactivate_key(options.access_key_id)
    except (IdentityError, DatabaseUnavailable) as error:
        raise StackError(f"{type(error).__name__}: {error}") from error
    return 0


def _typed_password() -> str:
    """One line, which is not shown; never an argument, which other users of the machine can see."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
