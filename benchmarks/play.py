"""``make bench-play``: what playing costs the API and the edge.

One server process answers three kinds of requests in turns, so that all see the same machine:
GetPlayInfo, GetVideoPlayAuth, and a bare Chalice route that makes one indexed read of the same
database through the same driver. Measured are requests per second with several clients at once and
the server's CPU time for each request; the goal is twice the bare route's at most. Then a play
credential alone: CPU time to issue and to verify one; the goal is a millisecond. And the edge
function alone: decisions per second in the engine of the embedded edge, on one core.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests

from benchmarks.upload_to_playable import upload
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import TemporaryKey, issue_token
from chalicelib.playback.credentials import session_principal
from local.attachment import attach_to
from local.demo_clip import make_clip
from local.edge_function import FUNCTION, EdgeFunction
from local.layout import PROJECT
from local.testing import RunningStack, running_stack
from local.vod_client import VodClient

GOAL = 2.0
CREDENTIAL_GOAL_MS = 1.0
_CLIENTS = 4
_ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Measure and print; returns 0 when the ratios and the credential are within their goals."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.play", description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, help="of each kind, in each round")
    count = parser.parse_args(arguments).requests
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        clip = Path(place) / "clip.mp4"
        make_clip(clip)
        with running_stack(Path(place) / "data") as stack:
            media_id = _uploaded(stack, clip)
            good = _api(stack, media_id, count)
            good = _credentials(stack, media_id) and good
    _edge()
    return 0 if good else 1


def _api(stack: RunningStack, media_id: str, count: int) -> bool:
    info = stack.info
    with _server(stack) as (url, process):
        vod = VodClient(url, info["access_key_id"], info["access_key_secret"])
        kinds: dict[str, Callable[[], str]] = {
            "bare route": lambda: f"{url}/bare/{media_id}",
            "GetPlayInfo": lambda: vod.signed_url("GetPlayInfo", VideoId=media_id),
            "GetVideoPlayAuth": lambda: vod.signed_url("GetVideoPlayAuth", VideoId=media_id),
        }
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for name, make in kinds.items():  # warm up
            _send([make() for _ in range(50)])
            assert requests.get(make(), timeout=10).status_code == 200, name
        for _ in range(_ROUNDS):
            for name, make in kinds.items():
                urls = [make() for _ in range(count)]
                before, started = _cpu(process), time.perf_counter()
                _send(urls)
                seconds = time.perf_counter() - started
                measured[name].append((count / seconds, (_cpu(process) - before) / count))
    medians = {
        name: [statistics.median(values) for values in zip(*rounds, strict=True)]
        for name, rounds in measured.items()
    }
    bare = medians["bare route"][1]
    print(f"{'':18}{'requests/s':>12}{'CPU ms':>9}{'to bare':>9}")
    for name, (rate, cpu) in medians.items():
        print(f"{name:18}{rate:12.0f}{cpu * 1000:9.3f}{cpu / bare:9.2f}")
    worst = max(cpu / bare for _, cpu in medians.values())
    print(f"goal: {GOAL:.1f}; {'reached' if worst <= GOAL else 'missed'}")
    return worst <= GOAL


def _credentials(stack: RunningStack, media_id: str) -> bool:
    """What a play credential costs by itself: neither STS nor the database is asked."""
    account_id = stack.info["account_id"]
    policy = allow(["vod:GetPlayInfo"], [f"acs:vod:*:{account_id}:video/{media_id}"])

    def issue() -> TemporaryKey:
        return issue_token(account_id, session_principal(media_id), [policy], 3000)

    with _attached(stack):
        key = issue()  # loads the master keys
        costs = {
            "issued": _cpu_ms(issue),
            "verified": _cpu_ms(
                lambda: authenticate_key(key.access_key_id, key.security_token, "", secure=True)
            ),
        }
    print("\nPlayAuth: " + ", ".join(f"{what} in {ms:.3f} ms" for what, ms in costs.items()))
    return max(costs.values()) < CREDENTIAL_GOAL_MS


def _cpu_ms(work: Callable[[], object], rounds: int = 2000) -> float:
    started = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - started) / rounds * 1000


@contextmanager
def _attached(stack: RunningStack) -> Iterator[None]:
    before = dict(os.environ)
    attach_to(stack.info)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _server(stack: RunningStack) -> Iterator[tuple[str, psutil.Process]]:
    with _attached(stack):
        environment = os.environ | {
            "OPENVOD_MEDIA_BUCKET": stack.info["bucket"],
            "OPENVOD_LOG_FORMAT": "text",
        }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.play_server"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = json.loads(process.stdout.readline())["port"]
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _send(urls: Sequence[str]) -> None:
    def client(mine: Sequence[str]) -> None:
        with requests.Session() as session:
            for url in mine:
                assert session.get(url, timeout=30).status_code == 200, urlsplit(url).path

    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(client, [urls[number::_CLIENTS] for number in range(_CLIENTS)]))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _uploaded(stack: RunningStack, clip: Path) -> str:
    info = stack.info
    vod = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])
    media_id, _ = upload(vod, clip.read_bytes())
    return media_id


def _edge() -> None:
    """Decisions of the edge function on one core, each with an event as CloudFront gives it."""
    networks = [f"4{number:02x}000000/8" for number in range(1, 40)]
    document = {
        "v": 3600,
        "k": ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"],
        "s": "0" * 64,
        "r": {"a": 1, "p": ["example.com", "*.example.org"], "e": 1},
        "u": {"a": 0, "p": ["*curl*", "*wget*"]},
        "i": {"a": 0, "p": networks, "f": "c"},
    }
    plain = {name: document[name] for name in ("v", "k", "s")}
    stored = {"plain.test": _stored(plain), "limited.test": _stored(document)}
    lists = document | {"u": {"a": 0, "p": [f"*robot{number:03}*" for number in range(600)]}}
    stored["full.test"] = _stored(lists)
    decide = EdgeFunction(_flat(stored).get)
    print(f"\nedge function: {FUNCTION.stat().st_size} bytes")
    for host in stored:
        event = _event(host, str(document["k"][0]))  # type: ignore[index]
        assert "statusCode" not in decide(event)
        started = time.process_time()
        rounds = 5000
        for _ in range(rounds):
            decide(event)
        seconds = time.process_time() - started
        print(f"{host:18}{rounds / seconds:12.0f} decisions/s on one core")


def _stored(document: dict[str, object]) -> list[str]:
    text = json.dumps(document, separators=(",", ":"))
    return [text[at : at + 1000] for at in range(0, len(text), 1000)]


def _flat(stored: dict[str, list[str]]) -> dict[str, str]:
    found = {}
    for host, (first, *others) in stored.items():
        found[host] = f"{len(others) + 1}{first}"
        found |= {f"{host}/{number}": part for number, part in enumerate(others, start=1)}
    return found


def _event(host: str, key: str) -> dict[str, Any]:
    path = "/c4ca4238a0b923820dcc509a6f75849b/653ce9b57d50c3afa75c64af-ld-00001.ts"
    now = int(time.time())
    digest = hashlib.md5(f"{path}-{now}-0-0-{key}".encode(), usedforsecurity=False).hexdigest()
    headers = {
        "host": host,
        "referer": "https://www.example.com/",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0",
        "range": "bytes=0-",
    }
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "203.0.113.9"},
        "request": {
            "method": "GET",
            "uri": path,
            "querystring": {"auth_key": {"value": f"{now}-0-0-{digest}"}},
            "headers": {name: {"value": value} for name, value in headers.items()},
            "cookies": {},
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
