"""``make test-events-crash``: no event is lost, whatever is killed and when.

A stack of its own. Clients make 500 state changes through the API (each creates a medium, which
tells MediaBaseChangeComplete) while the delivery worker and the API process are killed with
``kill -9`` at 100 random moments. In the end every change has its event at the receiver, and what
came twice carries the same id and the same body.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import requests

from benchmarks.event_source import EventSource
from benchmarks.receivers import Receivers, receivers
from local.testing import RunningStack, running_stack
from local.vod_client import VodClient, VodError

_PATIENCE_SECONDS = 240.0
_VICTIMS = ("deliveries", "api")


class Killer(threading.Thread):
    """Kills processes at random moments until it has done so often enough."""

    def __init__(self, stack: RunningStack, kills: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._stack = stack
        self.kills = kills
        self._chance = chance
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        while self.done.total() < self.kills:
            time.sleep(self._chance.uniform(0.05, 0.7))
            victim = self._chance.choice(_VICTIMS)
            pid = self._stack.pid(victim)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.done[victim] += 1


def change_states(stack: RunningStack, count: int, killer: Killer) -> int:
    """Make changes, each until the API has answered that it is made; returns how often it did not.

    A change whose answer was lost may have been made all the same: it counts like the others. The
    changes are spread over the time that the killer needs.
    """
    vod = VodClient(
        stack.info["api_url"], stack.info["access_key_id"], stack.info["access_key_secret"]
    )

    def one(number: int) -> int:
        failures = 0
        while True:
            try:
                vod.call("CreateUploadVideo", Title=f"change {number}", FileName="clip.mp4")
            except (requests.RequestException, VodError, ValueError):
                failures += 1
                time.sleep(0.05)
            else:
                break
        # Not before its share of the kills.
        while killer.is_alive() and killer.done.total() < number * killer.kills // count - 2:
            time.sleep(0.02)
        return failures

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(one, range(count)))


def committed(stack: RunningStack) -> tuple[set[str], list[tuple[str, str]]]:
    """The media that were made, and (medium, event id) of the events that tell of it."""
    with psycopg.connect(stack.info["database_url"]) as connection:
        media = {row[0] for row in connection.execute("SELECT media_id FROM media").fetchall()}
        told = connection.execute(
            "SELECT media_id, event_id FROM event WHERE event_type = 'media_changed'"
        ).fetchall()
    return media, [(row[0], row[1]) for row in told]


def await_events(there: Receivers, wanted: set[str]) -> dict[str, list[str]]:
    """Wait until each of these events has arrived; returns the digests of the bodies of each."""
    arrived: dict[str, list[str]] = {}
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not wanted <= set(arrived) and time.monotonic() < ends:
        time.sleep(0.5)
        for one in there.take():
            arrived.setdefault(one.webhook_id, []).append(one.digest)
    return arrived


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events_crash", description=__doc__)
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with (
        receivers(["well"]) as there,
        tempfile.TemporaryDirectory(prefix="openvod-crash-") as place,
        running_stack(Path(place) / "data", env={"OPENVOD_LOCAL_STEADY_SECONDS": "0"}) as stack,
    ):
        EventSource(stack, there.urls)
        killer = Killer(stack, options.kills, random.Random(options.seed))
        started = time.monotonic()
        killer.start()
        failures = change_states(stack, options.changes, killer)
        killer.join()
        changed = time.monotonic() - started
        media, told = committed(stack)
        event_ids = {event_id for _, event_id in told}
        arrived = await_events(there, event_ids)
        waited = time.monotonic() - started - changed
    print(
        f"seed {options.seed}: {dict(killer.done)} kills in {changed:.0f} s; {len(media)} changes "
        f"({failures} answers lost); {len(event_ids)} events, the last one after {waited:.1f} s"
    )
    lost = len(event_ids - set(arrived))
    untold = len(media - {medium for medium, _ in told})
    altered = sum(len(set(bodies)) > 1 for bodies in arrived.values())
    strangers = len(set(arrived) - event_ids)
    print(
        f"lost {lost}, changes without an event {untold}, events without a change {strangers}, "
        f"changes told twice {len(told) - len(media)}; sent more than once, with the same id and "
        f"body: {sum(len(bodies) > 1 for bodies in arrived.values())}, with another body: {altered}"
    )
    good = not (altered or lost or untold or strangers or len(told) != len(media))
    return 0 if good and len(media) >= options.changes else 1


if __name__ == "__main__":
    sys.exit(main())
