"""``make bench-library``: lists and searches in a library of 100,000 media beside one of 1,000.

A stack of its own holds both libraries, each of an account of its own. Every request goes through
the whole handler: signature, parsing, the query with its total, the answer with its signed URLs;
the libraries take turns. Searches for words are compared in two ways: words that the same number of
media of both libraries contain, and words that the same share of them contains, which are a hundred
times as many in the large one. Both fill the first page in both, so that the same is rendered.
"first" is the large library's very first request of a kind, when no total is remembered. Goals: the
first page in under 50 ms, and in under twice the time of the small library. Ends with 1 when one is
missed.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.media_generator import CATEGORIES, fill
from benchmarks.requests import event, signed
from chalicelib import identity
from local.attachment import attach_to
from local.testing import running_stack

GOAL_MILLISECONDS = 50.0
GOAL_RATIO = 2.0
_WARMING = 3
_REQUESTS: dict[str, dict[str, str]] = {
    "GetVideoList": {"Action": "GetVideoList"},
    "GetVideoList by status": {"Action": "GetVideoList", "Status": "Normal,Transcoding"},
    "SearchMedia": {"Action": "SearchMedia"},
    "SearchMedia by status and category": {
        "Action": "SearchMedia",
        "Match": f"Status in ('Normal') and CateId = {CATEGORIES[3]}",
    },
    "SearchMedia by time and status": {
        "Action": "SearchMedia",
        "Match": "CreationTime = ['2024-06-10T00:00:00Z',) and Status = 'Normal'",
    },
    "SearchMedia by size": {"Action": "SearchMedia", "Match": "Size = [1000000, 50000000]"},
    "title, same hits": {"Action": "SearchMedia", "Match": "Title = 'nebula'"},
    "title, more of the same hits": {"Action": "SearchMedia", "Match": "Title = 'comet'"},
    "title and category, same hits": {
        "Action": "SearchMedia",
        "Match": f"Title = 'comet' and CateId in {CATEGORIES[:4]}",
    },
    "title or tag, same hits": {
        "Action": "SearchMedia",
        "Match": "(Title = 'nebula' or Tags = 'nebula')",
    },
    "description, same hits": {"Action": "SearchMedia", "Match": "Description = 'nebula'"},
    "one of two words, same hits": {
        "Action": "SearchMedia",
        "Match": "Title in ('nebula', 'comet')",
    },
    "title, same share": {"Action": "SearchMedia", "Match": "Title = '音乐'"},
    "letter of the title, same share": {"Action": "SearchMedia", "Match": "Title = 'r'"},
    "title and category, same share": {
        "Action": "SearchMedia",
        "Match": f"Title = 'r' and CateId = {CATEGORIES[5]}",
    },
    "title and status, same share": {
        "Action": "SearchMedia",
        "Match": "Title = 'guitar' and Status = 'Normal'",
    },
    "title or tag, same share": {
        "Action": "SearchMedia",
        "Match": "(Title = 'robot' or Tags = 'robot')",
    },
    "description, same share": {"Action": "SearchMedia", "Match": "Description = 'castle'"},
}


def main(arguments: list[str]) -> int:
    """Measure and print; returns 0 when both goals are met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--media", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=30)
    given = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="openvod-bench-") as place,
        running_stack(Path(place) / "data") as stack,
    ):
        # The limit of SearchMedia is 50 calls a second.
        os.environ["OPENVOD_RATE_LIMITS"] = "false"
        attach_to(stack.info)
        keys = {}
        with psycopg.connect(stack.info["database_url"], autocommit=True) as connection:
            for account, count in (
                ("1000000000000100", given.small),
                ("1000000000000200", given.media),
            ):
                pair = identity.bootstrap(account)
                keys[count] = {"id": pair.access_key_id, "secret": pair.access_key_secret}
                began = time.perf_counter()
                fill(connection, account, count)
                print(f"{count} media in {time.perf_counter() - began:.0f} s")
            # What autovacuum does within a minute.
            connection.execute("VACUUM ANALYZE")
        return _compare(keys, given.small, given.media, given.runs)


def _compare(keys: dict[int, dict[str, str]], small: int, large: int, runs: int) -> int:
    # Logs and metrics go where they go on AWS: to the standard output, which is the table's here.
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere):
        from app import app

    missed = 0
    print(f"medians of {runs} requests in milliseconds")
    print(f"{'':36}{'hits':>6}{'':>9}{'first':>9}{small:>9}{large:>9}{'ratio':>7}")
    for name, parameters in _REQUESTS.items():
        times: dict[int, list[float]] = {small: [], large: []}
        hits = dict.fromkeys(keys, 0)
        for _ in range(_WARMING + runs):
            for size, key in keys.items():
                with contextlib.redirect_stdout(nowhere):
                    seconds, answer = _timed(app, signed(key, **parameters))
                hits[size] = answer.get("Total", 0)
                times[size].append(seconds * 1000)
        before, after = (statistics.median(times[size][_WARMING:]) for size in (small, large))
        good = after < GOAL_MILLISECONDS and after / before < GOAL_RATIO
        missed += not good
        mark = "" if good else "  missed"
        print(
            f"{name:36}{hits[small]:6}{hits[large]:9}{times[large][0]:9.1f}{before:9.1f}{after:9.1f}"
            f"{after / before:7.2f}{mark}"
        )
    print(f"goals: under {GOAL_MILLISECONDS:.0f} ms, ratio under {GOAL_RATIO}")
    return 1 if missed else 0


def _timed(app: Callable[..., Any], query: dict[str, str]) -> tuple[float, dict[str, Any]]:
    request = event(query)
    began = time.perf_counter()
    answer = app(request, None)
    seconds = time.perf_counter() - began
    body: dict[str, Any] = json.loads(answer["body"])
    if answer["statusCode"] not in (200, 404):
        raise RuntimeError(f"{query['Action']} answered {answer['statusCode']}: {body}")
    return seconds, body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
