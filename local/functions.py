"""The application's functions as processes: which there are, and what runs in each."""

import importlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import settings
from local import environment, timers, web
from local.errors import StackError
from local.gateway import Gateway
from local.worker import Source, Worker

Start = Callable[[Callable[[], None]], None]

API = "api"
EDGE = "edge"


@dataclass(frozen=True)
class Function:
    """One process: its name, the role it has, and the function of ``app.py`` it runs.

    ``concurrency`` is how many batches of its queue it works on at once.
    """

    name: str
    profile: str
    function: str
    queue_output: str = ""
    batch_size: int = 1
    concurrency: int = 1


def all_functions() -> list[Function]:
    """The processes of a stack. Jobs are taken one at a time: more at once need more processes."""
    return [
        Function(API, "api", "app"),
        Function(EDGE, "edge", ""),
        Function("storage-events", "storage-events", "storage_events", "StorageEventsQueueUrl", 10),
        Function("jobs-quick", "media-worker", "quick_jobs", "QuickJobsQueueUrl"),
        *(
            Function(f"jobs-heavy-{number}", "media-worker", "heavy_jobs", "HeavyJobsQueueUrl")
            for number in range(1, _heavy_workers() + 1)
        ),
        # Several at once, so that receivers who keep one batch waiting do not delay the next.
        Function("deliveries", "deliveries", "deliveries", "DeliveriesQueueUrl", 10, 4),
        # A slow source must not hold up the others.
        Function("puller", "puller", "puller", "PullsQueueUrl", 1, 4),
        Function("timers", "timers", "timers"),
    ]


def _heavy_workers() -> int:
    """``OPENVOD_LOCAL_HEAVY_WORKERS``, or one for each core."""
    text = os.environ.get("OPENVOD_LOCAL_HEAVY_WORKERS") or str(os.cpu_count() or 1)
    if not text.isdecimal() or int(text) < 1:
        raise StackError(f"OPENVOD_LOCAL_HEAVY_WORKERS must be a number from 1 on, not {text!r}")
    return int(text)


def import_application() -> Any:
    """Import ``app.py`` once, before forking. Raises StackError when it cannot be imported."""
    os.environ["OPENVOD_LOG_FORMAT"] = os.environ.get("OPENVOD_LOG_FORMAT", "text")
    try:
        return importlib.import_module("app")
    except ModuleNotFoundError as error:
        raise StackError(f"app.py cannot be imported: {error}; try `make setup`") from error


def starter(
    function: Function,
    variables: dict[str, str],
    outputs: dict[str, str],
    listeners: dict[str, socket.socket],
) -> Start:
    """What runs in the function's process."""

    def run(ready: Callable[[], None]) -> None:
        take_on(variables, function.profile)
        application = import_application()
        if function.name == API:
            web.serve(Gateway(application.app), listeners[API], ready)
            return
        if function.name == EDGE:
            # Imported here: it brings an engine for JavaScript, which this process alone needs.
            from local.edge import Edge

            edge = Edge(settings().public_url, settings().media_bucket)
            web.serve(edge, listeners[EDGE], ready, keep_forwarded=True)
            return
        handler = application.app.handler_map[function.function]
        if function.queue_output:
            queue_url = outputs[function.queue_output]
            source = Source(function.name, queue_url, function.batch_size, function.concurrency)
            Worker(source, handler, ready).run()
        else:
            timers.run(handler, ready)

    return run


def take_on(variables: dict[str, str], profile: str) -> None:
    """In a fresh process: settings, role and logging."""
    environment.become(variables, profile)
    settings.cache_clear()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    )
    for name in ("local", "waitress"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
