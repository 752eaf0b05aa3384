"""``make bench-events``: how fast events reach healthy receivers while others fail.

A stack of its own, 20 receivers on loopback, of which one hangs for 30 s on every call, one answers
500 and one closes the connection. Two loads, both bounded: a burst of 500 events (10,000
deliveries), and a steady 5 events a second (100 deliveries) for a while. Prints rates, percentiles
and the memory of the delivery worker; ends with 1 when a target is missed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from benchmarks.event_source import EventSource
from benchmarks.receivers import Arrival, Behaviour, Receivers, receivers
from local.testing import RunningStack, running_stack

BEHAVIOURS: list[Behaviour] = ["hangs", "fails", "closes", *["well"] * 17]
BURST_EVENTS = 500
EVENTS_A_SECOND = 5.0
_PATIENCE_SECONDS = 180.0

TARGET_RATE = 200.0
TARGET_P99 = 2.0
TARGET_GROWTH = 0.15


class Memory:
    """The resident memory of a process, looked at twice a second."""

    def __init__(self, stack: RunningStack, name: str) -> None:
        self._process = psutil.Process(stack.pid(name))
        self.samples: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.samples.append(self.megabytes())

    def megabytes(self) -> float:
        return float(self._process.memory_info().rss) / 2**20

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def healthy(arrivals: list[Arrival], there: Receivers) -> list[Arrival]:
    """The first arrival of each event at each well-behaved receiver."""
    first: dict[tuple[int, str], Arrival] = {}
    for one in sorted(arrivals, key=lambda one: one.at):
        if there.behaviours[one.receiver] == "well":
            first.setdefault((one.receiver, one.webhook_id), one)
    return list(first.values())


def await_all(there: Receivers, expected: int) -> list[Arrival]:
    """Wait until the well-behaved receivers have so many callbacks; returns all."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while there.count() < expected and time.monotonic() < ends:
        time.sleep(0.2)
    return there.take()


def burst(source: EventSource, there: Receivers, events: int) -> float:
    """Record all events at once; returns deliveries a second to the healthy receivers."""
    wells = there.behaviours.count("well")
    started = time.time()
    source.record_many(events, threads=4)
    recorded = time.time()
    arrivals = await_all(there, events * wells)
    good = healthy(arrivals, there)
    missing = events * wells - len(good)
    ended = max((one.at for one in good), default=time.time())
    rate = len(good) / (ended - started)
    print(
        f"burst:  {events} events ({events * len(there.behaviours)} deliveries) recorded in "
        f"{recorded - started:.1f} s; {len(good)} to {wells} healthy receivers in "
        f"{ended - started:.1f} s: {rate:.0f}/s; missing {missing}, "
        f"repeated {len(arrivals) - len(good) - _to_the_bad(arrivals, there)}"
    )
    return rate if not missing else 0.0


def steady(source: EventSource, there: Receivers, seconds: float) -> float:
    """Record at a steady rate; returns the 99th percentile from event to delivery, in seconds."""
    recorded: dict[str, float] = {}
    count = round(seconds * EVENTS_A_SECOND)
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number / EVENTS_A_SECOND - time.monotonic()))
        now = time.time()
        recorded[source.record_one()] = now
    wells = there.behaviours.count("well")
    good = healthy(await_all(there, count * wells), there)
    latencies = sorted(one.at - recorded[one.webhook_id] for one in good)
    missing = count * wells - len(good)
    cuts = statistics.quantiles(latencies, n=100)
    print(
        f"steady: {count} events in {seconds:.0f} s, {len(good)} to healthy receivers, "
        f"missing {missing}; event to delivery p50 {cuts[49]:.3f} s, p95 {cuts[94]:.3f} s, "
        f"p99 {cuts[98]:.3f} s, max {latencies[-1]:.3f} s"
    )
    return cuts[98] if not missing else float("inf")


def _to_the_bad(arrivals: list[Arrival], there: Receivers) -> int:
    return sum(there.behaviours[one.receiver] != "well" for one in arrivals)


def main() -> int:
    """Run the loads; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--bursts", type=int, default=3)
    parser.add_argument("--events", type=int, default=BURST_EVENTS)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with (
        receivers(BEHAVIOURS) as there,
        tempfile.TemporaryDirectory(prefix="openvod-bench-") as place,
        running_stack(Path(place) / "data") as stack,
    ):
        source = EventSource(stack, there.urls)
        source.record_many(5, threads=1)
        await_all(there, 5 * there.behaviours.count("well"))
        memory = Memory(stack, "deliveries")
        print(f"cores: {os.cpu_count()}; load before: {os.getloadavg()[0]:.1f}")
        rates, after = [], []
        for _ in range(options.bursts):
            rates.append(burst(source, there, options.events))
            after.append(memory.megabytes())
        p99 = steady(source, there, options.seconds)
        memory.stop()
        end = memory.megabytes()
    growth = (end - after[0]) / after[0]
    print(
        f"memory of the delivery worker: after each burst {[round(one) for one in after]} MB, at "
        f"the end {end:.0f} MB, at most {max(memory.samples):.0f} MB"
    )
    rate = statistics.median(rates)
    print(f"median rate {rate:.0f}/s (target {TARGET_RATE:.0f}), p99 {p99:.2f} s", end="")
    print(f" (target {TARGET_P99}), growth {growth:.0%} (target {TARGET_GROWTH:.0%})")
    return 0 if rate >= TARGET_RATE and p99 < TARGET_P99 and growth < TARGET_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
