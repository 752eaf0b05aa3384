"""Buckets of a customer's own on a stack, and what tasks of MPC leave in them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.sdk.mpc import MpcCustomer

LOCATION = "region01"
_ENDED = {"SUCCEED", "SUCCEEDED", "FAILED", "CANCELED"}


class MpcFiles:
    """An authorised bucket, the clips in it, and a folder for each test's results."""

    def __init__(self, mpc: MpcCustomer) -> None:
        self.mpc = mpc
        self.bucket = f"films-{secrets.token_hex(6)}"
        self._s3 = mpc.stack.aws("s3")
        self._s3.create_bucket(Bucket=self.bucket)
        mpc.call("update_bucket_authorized", bucket=self.bucket, operation="1")
        self._there: set[str] = set()

    def source(self, clip: Path) -> dict[str, str]:
        """The ``input`` of a task: the clip, uploaded when it is first asked for."""
        key = f"in/{clip.name}"
        if key not in self._there:
            self._s3.upload_file(str(clip), self.bucket, key)
            self._there.add(key)
        return self.place(key)

    def place(self, key: str, **more: str) -> dict[str, str]:
        """An object or a folder as the API has it."""
        return {"bucket": self.bucket, "location": LOCATION, "object": key, **more}

    def target(self, **more: str) -> dict[str, str]:
        """The ``output`` of a task: a folder that nobody else has."""
        return self.place(f"out/{secrets.token_hex(6)}", **more)

    def names(self, folder: str) -> list[str]:
        """What lies in a folder, and below it."""
        prefix = f"{folder}/"
        listed = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"].removeprefix(prefix) for item in listed.get("Contents", [])]

    def fetch(self, folder: str, into: Path) -> Path:
        """Copy all of it here."""
        for name in self.names(folder):
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._s3.download_file(self.bucket, f"{folder}/{name}", str(path))
        return into

    def ended(self, method: str, number: str) -> dict[str, Any]:
        """The task as it is listed when it has ended."""

        def look() -> dict[str, Any] | None:
            answer = self.mpc.call(method, task_id=[number])
            assert answer["total"] == 1
            (task,) = answer.get("tasks") or answer["task_array"]
            return task if task["status"] in _ENDED else None

        found: dict[str, Any] = self.mpc.stack.until(f"{number} ends", look, 90)
        return found

    @contextmanager
    def nobody_works(self) -> Iterator[None]:
        """What is asked for meanwhile waits."""
        names = ("jobs-quick", "jobs-heavy-1", "jobs-heavy-2")
        workers = [psutil.Process(self.mpc.stack.pid(name)) for name in names]
        for worker in workers:
            worker.suspend()
        try:
            yield
        finally:
            for worker in workers:
                worker.resume()
