"""``make bench-uploads``: a thousand uploads in five minutes, and what has become of each.

Starts a stack of its own, spreads the uploads evenly over the time, waits until nothing is under
way any more, and looks into the database: every video must be Normal, and the outbox must hold one
FileUploadComplete for each, none twice.
"""

import argparse
import base64
import json
import queue
import statistics
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.demo_clip import make_clip
from local.testing import RunningStack, running_stack
from local.vod_client import VodClient

_STATES = "SELECT status, count(*) FROM media WHERE media_id = ANY(%s) GROUP BY status"
_EVENTS = """
    SELECT media_id, count(*) FROM event
    WHERE event_type = 'file_upload_complete' AND media_id = ANY(%s) GROUP BY media_id
"""


@dataclass
class Outcome:
    """What was counted; ``problems`` is empty when all is well. Times are seconds."""

    uploads: int
    videos: list[str] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    puts: list[float] = field(default_factory=list)
    upload_seconds: float = 0
    seconds: float = 0
    states: dict[str, int] = field(default_factory=dict)
    events: int = 0
    problems: list[str] = field(default_factory=list)


def main() -> int:
    """Run it and print; returns 0 when every upload ended as it should."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads", description=__doc__)
    parser.add_argument("--uploads", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=300, help="over which they are spread")
    parser.add_argument("--patience", type=float, default=900, help="seconds to wait for the rest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        clip = Path(place) / "clip.mp4"
        make_clip(clip)
        with running_stack(Path(place) / "data") as stack:
            outcome = measure(
                stack, clip.read_bytes(), options.uploads, options.seconds, options.patience
            )
    _print(outcome)
    return 1 if outcome.problems else 0


def measure(
    stack: RunningStack, clip: bytes, uploads: int, seconds: float, patience: float
) -> Outcome:
    """Upload at an even pace, wait, and look at what is in the database."""
    outcome = Outcome(uploads)
    started = time.monotonic()
    _upload_all(stack.info, clip, seconds, outcome)
    outcome.upload_seconds = time.monotonic() - started
    with psycopg.connect(stack.info["database_url"], autocommit=True) as database:
        deadline = time.monotonic() + patience
        while not _is_settled(database, outcome) and time.monotonic() < deadline:
            time.sleep(0.5)
        outcome.seconds = time.monotonic() - started
        _look(database, outcome)
    return outcome


def _upload_all(info: dict[str, Any], clip: bytes, seconds: float, outcome: Outcome) -> None:
    due: queue.SimpleQueue[float] = queue.SimpleQueue()
    for number in range(outcome.uploads):
        due.put(time.monotonic() + number * seconds / outcome.uploads)

    def work() -> None:
        client = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])
        session = requests.Session()
        while True:
            try:
                moment = due.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, moment - time.monotonic()))
            try:
                _upload(client, session, clip, outcome)
            except Exception as error:  # one that fails must not keep the others from their turn
                outcome.problems.append(f"an upload failed: {error!r}")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _upload(client: VodClient, session: requests.Session, clip: bytes, outcome: Outcome) -> None:
    started = time.perf_counter()
    granted = client.call(
        "CreateUploadVideo",
        Title="benchmark",
        FileName="clip.mp4",
        TemplateGroupId="VOD_NO_TRANSCODE",
    )
    called = time.perf_counter()
    address = json.loads(base64.b64decode(granted["UploadAddress"]))
    auth = json.loads(base64.b64decode(granted["UploadAuth"]))
    # Signed by hand: a client of boto3's for each credential would be most of the work.
    request = AWSRequest(
        "PUT", f"{address['Endpoint']}/{address['Bucket']}/{address['FileName']}", data=clip
    )
    keys = Credentials(auth["AccessKeyId"], auth["AccessKeySecret"], auth["SecurityToken"])
    S3SigV4Auth(keys, "s3", auth["Region"]).add_auth(request)
    session.put(
        request.url, data=clip, headers=dict(request.headers), timeout=60
    ).raise_for_status()
    outcome.videos.append(str(granted["VideoId"]))
    outcome.calls.append(called - started)
    outcome.puts.append(time.perf_counter() - called)


def _is_settled(database: psycopg.Connection, outcome: Outcome) -> bool:
    states = dict(database.execute(_STATES, [outcome.videos]).fetchall())
    events = sum(count for _, count in database.execute(_EVENTS, [outcome.videos]).fetchall())
    ended = states.get("normal", 0) + states.get("transcode_failed", 0)
    return ended >= len(outcome.videos) and events >= len(outcome.videos)


def _look(database: psycopg.Connection, outcome: Outcome) -> None:
    outcome.states = dict(database.execute(_STATES, [outcome.videos]).fetchall())
    told = Counter(dict(database.execute(_EVENTS, [outcome.videos]).fetchall()))
    outcome.events = sum(told.values())
    if outcome.states != {"normal": outcome.uploads}:
        outcome.problems.append(f"not all are Normal: {outcome.states}")
    twice = [media_id for media_id, count in told.items() if count > 1]
    if twice:
        outcome.problems.append(f"{len(twice)} videos have more than one event, e.g. {twice[0]}")
    if len(told) != outcome.uploads:
        outcome.problems.append(f"{len(told)} videos have an event")


def _print(outcome: Outcome) -> None:
    print(
        f"{outcome.uploads} uploads within {outcome.upload_seconds:.0f} s, all settled after"
        f" {outcome.seconds:.0f} s\nstates: {outcome.states}, FileUploadComplete in the outbox:"
        f" {outcome.events}"
    )
    for what, taken in (("CreateUploadVideo", outcome.calls), ("PUT", outcome.puts)):
        if taken:
            ordered = sorted(taken)
            print(
                f"{what}: median {statistics.median(taken) * 1000:.0f} ms,"
                f" 99% {ordered[int(len(ordered) * 0.99)] * 1000:.0f} ms,"
                f" max {ordered[-1] * 1000:.0f} ms"
            )
    for problem in outcome.problems:
        print(problem)
    print("all is well" if not outcome.problems else "NOT as it should be")


if __name__ == "__main__":
    raise SystemExit(main())
