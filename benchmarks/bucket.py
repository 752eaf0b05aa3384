"""A bucket for measurements: the AWS emulator alone, with its objects in memory.

The stack's own emulator keeps objects on disk and reads a whole object for each range that is asked
of it, which S3 does not do; in memory a range costs what it does there, less the distance.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.relay import Relay, relaying
from local.ports import free_ports

_START_SECONDS = 60


@dataclass(frozen=True)
class Bucket:
    """A bucket behind a relay that counts what is read."""

    s3: Any
    name: str
    relay: Relay

    def url(self, key: str) -> str:
        """A presigned URL of an object."""
        url: str = self.s3.generate_presigned_url(
            "get_object", Params={"Bucket": self.name, "Key": key}, ExpiresIn=3600
        )
        return url


@contextlib.contextmanager
def bucket_in_memory() -> Iterator[Bucket]:
    """An empty bucket for the length of the block."""
    port = free_ports()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "0",
        "SERVICES": "s3",
        "IOT_MTLS_ENABLED": "0",
    }
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "ministack")],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with relaying("127.0.0.1", port) as relay:
            s3 = boto3.client(
                "s3",
                endpoint_url=f"http://127.0.0.1:{relay.port}",
                region_name="us-east-1",
                aws_access_key_id="benchmark",
                aws_secret_access_key="benchmark",
            )
            _make(s3, process)
            yield Bucket(s3, "benchmark", relay)
    finally:
        process.terminate()
        process.wait(10)


def _make(s3: Any, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            s3.create_bucket(Bucket="benchmark")
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
    raise RuntimeError("the emulator does not answer")
