"""One source, one worker or two: ``python -m benchmarks.split``.

In every round, side by side on the same machine: one worker with two threads makes the rendition
whole; two workers make it in chunks that are joined. Times are medians. The results are held
against each other: every frame and its time, the samples of the sound, the picture's PSNR.
"""

import argparse
import contextlib
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.camera import camera_source
from benchmarks.contents import contents
from benchmarks.customer import Customer, Rung
from benchmarks.raw import psnr
from local.testing import running_stack

_RUNG = Rung("FHD", 1920, 1080)
_TIME_GOAL, _PSNR_GOAL_DB = 1.15, 0.2
_NEVER = "100000"


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="length of the source")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        folder = Path(place)
        source = camera_source(options.seconds)
        # Both stacks stand ready all the time; only one of them ever works.
        with _stack(folder, "one", workers=1) as one, _stack(folder, "two", workers=2) as two:
            _measure(one, two, source, folder, options.rounds)


@contextlib.contextmanager
def _stack(folder: Path, name: str, *, workers: int) -> Iterator[Customer]:
    settings = {
        "OPENVOD_LOCAL_HEAVY_WORKERS": str(workers),
        "OPENVOD_TRANSCODE_WORKERS": str(workers),
        "OPENVOD_TRANSCODE_SECONDS": _NEVER,
        # Whatever takes longer than a second is shared out, or nothing ever is.
        "OPENVOD_TRANSCODE_TARGET_SECONDS": "1" if workers > 1 else _NEVER,
    }
    with running_stack(folder / name, env=settings) as stack:
        yield Customer(stack)


def _measure(one: Customer, two: Customer, source: Path, folder: Path, rounds: int) -> None:
    videos = {customer: customer.upload(source) for customer in (one, two)}
    groups = {customer: customer.group([_RUNG]) for customer in (one, two)}
    # The first use of a worker loads what it needs; that is not measured.
    small = Rung("LD", 256, 144, preset="veryfast")
    for customer in (one, two):
        customer.transcode(videos[customer], customer.group([small]))
    times: dict[Customer, list[float]] = {one: [], two: []}
    made: dict[Customer, Path] = {}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        for customer, name in ((one, "one worker"), (two, "two workers")):
            ran = customer.transcode(videos[customer], groups[customer])
            times[customer].append(ran.seconds)
            made[customer] = customer.download(ran.jobs[0], folder)
            print(f"  {name}: {ran.seconds:.2f} s", flush=True)
        alone, shared = statistics.median(times[one]), statistics.median(times[two])
        print(f"medians of {number + 1}")
        print(f"  one worker, two threads: {alone:8.2f} s")
        print(f"  two workers, in chunks:  {shared:8.2f} s")
        print(f"  ratio: {shared / alone:5.3f}  (goal: at most {_TIME_GOAL})", flush=True)
    _compare(made[one], made[two], source)


def _compare(whole: Path, joined: Path, source: Path) -> None:
    before, after = contents(whole), contents(joined)
    apart = max((abs(a - b) for a, b in zip(before.times, after.times, strict=False)), default=0.0)
    print(
        f"frames: {len(before.times)} whole, {len(after.times)} joined;"
        f" their times differ by at most {apart * 1e6:.0f} us"
    )
    print(f"samples of sound: {before.samples} whole, {after.samples} joined")
    quality = psnr(whole, source), psnr(joined, source)
    print(
        f"PSNR: {quality[0]:.3f} dB whole, {quality[1]:.3f} dB joined,"
        f" {quality[1] - quality[0]:+.3f} dB  (goal: within {_PSNR_GOAL_DB} dB)"
    )
    same = len(before.times) == len(after.times) and apart < 1e-4
    sound = abs(before.samples - after.samples) <= 1024
    print("every frame is there once, at its time" if same else "FRAMES ARE WRONG")
    print("the sound has no gap" if sound else "THE SOUND IS WRONG")


if __name__ == "__main__":
    main()
