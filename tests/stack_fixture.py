"""The embedded stack for tests that use OpenVOD from outside: started once for a whole session.

`shared_stack(config)` gives the one stack of the session; `stack_of_its_own` starts another for a
test that kills processes or needs other settings.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import boto3
import psutil
import psycopg
import pytest
from botocore.config import Config
from psycopg.rows import dict_row

from local.files import tail
from local.testing import RunningStack, start_stack

T = TypeVar("T")

# Two workers at least, whatever the machine: tests run several transcodes at once.
_ENVIRONMENT = {"OPENVOD_LOCAL_TIMER_SECONDS": "1", "OPENVOD_LOCAL_HEAVY_WORKERS": "2"}
_SHARED = pytest.StashKey["Stack"]()

# What must never be found in a log, and where the logs are: collected over the session.
known_secrets: set[str] = set()
log_folders: list[Path] = []


class Stack:
    """A running stack as seen by its customer and, for checking, by its operator."""

    def __init__(self, data: Path, environment: Mapping[str, str] | None = None) -> None:
        self._data = data
        self._environment = {**_ENVIRONMENT, **(environment or {})}
        self.process: RunningStack
        self.start()
        log_folders.append(self.logs)

    def start(self, port: int | None = None) -> None:
        """Start it (again) on the same data."""
        self.process = start_stack(self._data, port, self._environment)
        known_secrets.update(
            (self.info["access_key_secret"], self.info["aws"]["aws_secret_access_key"])
        )

    def stop(self) -> None:
        if self.process.process.poll() is None:
            self.process.stop()

    def kill_everything(self) -> None:
        """``kill -9`` of every process, down to the last ffmpeg, as a power cut would do it."""
        supervisor = psutil.Process(self.process.process.pid)
        supervisor.suspend()  # or it would start again what dies first
        everything = [*supervisor.children(recursive=True), supervisor]
        assert len(everything) > 8
        for process in everything:
            process.kill()
        self.process.process.wait()
        _, alive = psutil.wait_procs(everything, timeout=10)
        assert alive == []

    @property
    def info(self) -> dict[str, Any]:
        return self.process.info

    @property
    def data(self) -> Path:
        """The stack's directory."""
        return self._data

    @property
    def port(self) -> int:
        return int(self.info["api_url"].rsplit(":", 1)[1])

    @property
    def endpoint(self) -> str:
        """Host and port, as the SDKs want it."""
        return str(self.info["api_url"]).removeprefix("http://")

    @property
    def credentials(self) -> dict[str, str]:
        return {name: self.info[name] for name in ("access_key_id", "access_key_secret")}

    @property
    def bucket(self) -> str:
        return str(self.info["bucket"])

    @property
    def logs(self) -> Path:
        return Path(self.info["logs"])

    def pid(self, name: str) -> int:
        return self.process.pid(name)

    # ---- looking behind the API ---------------------------------------------------------------

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of the stack's database."""
        with psycopg.connect(self.info["database_url"], row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()

    def aws(self, service: str) -> Any:
        """A client with the emulator's root key."""
        root = {key: value for key, value in self.info["aws"].items() if key != "account_id"}
        return boto3.client(service, **root, config=Config(retries={"total_max_attempts": 2}))

    def objects(self, *prefixes: str) -> dict[str, tuple[int, str, Any]]:
        """Size, tag and time of every object under the prefixes, by key."""
        found = {}
        pages = self.aws("s3").get_paginator("list_objects_v2")
        for prefix in prefixes:
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    found[item["Key"]] = (item["Size"], item["ETag"], item["LastModified"])
        return found

    def object_bytes(self, key: str) -> bytes:
        body: bytes = self.aws("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    # ---- waiting ------------------------------------------------------------------------------

    def until(self, what: str, probe: Callable[[], T], seconds: float = 60) -> T:
        """The first true answer of the probe. Fails with the end of all logs after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            answer = probe()
            if answer:
                return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.logs_tail()}")
            time.sleep(0.1)

    def logs_tail(self, lines: int = 8) -> str:
        """The end of what the functions logged; the API's own log is one line for each poll."""
        names = ("storage-events", "jobs-quick", "jobs-heavy-1", "jobs-heavy-2", "deliveries")
        files = [self.logs / f"{name}.log" for name in (*names, "timers", "api")]
        return "\n".join(f"--- {file.name}\n{tail(file, lines)}" for file in files)


def shared_stack(config: pytest.Config, factory: pytest.TempPathFactory) -> Stack:
    """The session's stack: started when first asked for, stopped when pytest ends."""
    if _SHARED not in config.stash:
        stack = Stack(factory.mktemp("stack"))
        config.stash[_SHARED] = stack
        config.add_cleanup(stack.stop)
    return config.stash[_SHARED]


@contextlib.contextmanager
def stack_of_its_own(data: Path, **environment: str) -> Iterator[Stack]:
    """A stack that a test may harm; its settings are added to the environment."""
    stack = Stack(data, environment)
    try:
        yield stack
    finally:
        stack.stop()
