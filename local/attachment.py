"""Working on a stack's data from a process of its own: for operators' commands.

A stack that runs says in its stack.json how to reach everything. Without one the database alone is
needed, and hints that cannot be sent are left to the timer of the next start.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.settings import settings
from chalicelib.store import aws
from local import postgres
from local.errors import StackError
from local.files import read_json
from local.layout import DEFAULT_PORT, Layout


def attach(data: Path) -> None:
    """Take on what is needed to work on a data directory. Raises StackError if it holds nothing."""
    layout = Layout(data.resolve(), DEFAULT_PORT)
    info = read_json(layout.stack_file)
    if info is not None:
        attach_to(info)
    elif not os.environ.get("OPENVOD_DATABASE_URL"):
        if not postgres.is_ready(layout.postgres):
            raise StackError(f"no database runs on {layout.data}: start the stack with `make up`")
        os.environ["OPENVOD_DATABASE_URL"] = postgres.database_url(layout.postgres)
    os.environ.setdefault("OPENVOD_LOG_FORMAT", "text")
    settings.cache_clear()


def attach_to(info: Mapping[str, Any]) -> None:
    """Take on a running stack's settings and the rights of its root, from its stack.json."""
    found = info["aws"]
    os.environ.update(
        {
            "OPENVOD_ACCOUNT_ID": info["account_id"],
            "OPENVOD_DATABASE_URL": info["database_url"],
            "OPENVOD_KMS_KEY_ID": info["kms_key_id"],
            "OPENVOD_PLAY_URL": info["play_url"],
            "OPENVOD_DELIVERIES_QUEUE_URL": info["queue_urls"]["DeliveriesQueueUrl"],
            "AWS_ENDPOINT_URL": found["endpoint_url"],
            "AWS_DEFAULT_REGION": found["region_name"],
            "AWS_ACCESS_KEY_ID": found["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": found["aws_secret_access_key"],
        }
    )
    settings.cache_clear()
    for client in (aws.sqs, aws.kms):
        client.cache_clear()
