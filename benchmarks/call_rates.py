"""``make bench-rates``: what counting calls costs a request.

Counts calls of one account against a database of its own, as the API does it: many in a row, which
settle by the batch, and single ones of processes that know nothing yet, which settle each time. The
same number of transactions that keep a nonce, which every request has anyway, is the yardstick.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.testing import running_stack


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.call_rates", description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args().calls
    with (
        tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place,
        running_stack(Path(place) / "data") as stack,
    ):
        os.environ["OPENVOD_DATABASE_URL"] = stack.info["database_url"]
        _measure(calls)


def _measure(calls: int) -> None:
    # Imported here: the settings are read when they are first asked for.
    from chalicelib.identity import call_rates
    from chalicelib.identity.call_rates import CallRate, count_call
    from chalicelib.identity.nonces import use_nonce

    often = CallRate(10**6)
    usual = CallRate(120, seconds=1)
    soon = datetime.now(UTC) + timedelta(hours=1)

    def cold() -> None:
        call_rates.forget()
        count_call("1", "Cold", often)

    def warm() -> None:
        count_call("1", "Warm", often)

    def batched() -> None:
        try:
            count_call("1", "Batched", usual)
        except call_rates.CallsTooFrequent:
            time.sleep(0.01)

    def nonce() -> None:
        use_nonce("key", secrets.token_hex(16), secrets.token_hex(16), soon)

    for name, work in (
        ("a nonce, for comparison", nonce),
        ("the first call of a process", cold),
        ("further calls, nothing to settle", warm),
        ("calls at the limit of 120 a second", batched),
    ):
        _print(name, work, calls if work is not batched else min(calls, 500))


def _print(name: str, work: Callable[[], None], calls: int) -> None:
    work()
    taken = []
    for _ in range(calls):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    taken.sort()
    mean, worst = statistics.mean(taken), taken[int(len(taken) * 0.99)]
    print(
        f"{name + ':':38} median {statistics.median(taken) * 1e6:7.1f} us,"
        f" mean {mean * 1e6:7.1f} us, 99% {worst * 1e6:7.1f} us"
    )


if __name__ == "__main__":
    main()
