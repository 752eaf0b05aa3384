"""What a plan looks like for many workers: ``python -m benchmarks.split_plan``.

Chunks of a camera-like source are encoded here, one after the other, and timed. From these times
comes the cost of the work; the planner then plans a long source for 1, 2, 100 and 1,000 workers,
and the plan is played through: workers that start late and chunks that take as long as measured.
"""

import argparse
import heapq
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.camera import camera_source
from chalicelib.media.chunks import encode_span
from chalicelib.media.encode import Output
from chalicelib.media.keyframes import spans
from chalicelib.media.probe import probe
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing.costs import DEFAULTS, decoding_load, rendition_load
from chalicelib.processing.planning import (
    Limits,
    Load,
    Plan,
    Rendition,
    Source,
    make_plan,
    seconds_of,
)

_LADDER = ((1920, 1080), (1280, 720), (854, 480), (640, 360))
_WORKERS = (1, 2, 100, 1000)
_IN_A_HURRY_SECONDS = 30.0
_WORKER_SECONDS = 840.0
# A Lambda function that has not run lately takes this long before its first line of work.
_START_SECONDS = 2.0
# Seconds of the source that a join copies in one second: an assumption on the careful side.
_JOINED_PER_SECOND = 400.0


def main() -> None:
    """Measure, plan, simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="length of the measured source")
    parser.add_argument("--chunks", type=int, default=4, help="how many chunks are measured")
    parser.add_argument("--hours", type=float, default=2.0, help="length of the planned source")
    parser.add_argument("--target", type=float, default=300, help="target time in seconds")
    options = parser.parse_args()
    outputs = [Output(_spec(size), f"r{number}") for number, size in enumerate(_LADDER)]
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        source = camera_source(options.seconds)
        facts = probe(source)
        ratios = _measure(source, outputs, options.chunks, Path(place))
    factor = statistics.mean(ratios)
    print(
        f"measured: {len(ratios)} chunks, {factor:.2f} times the default costs,"
        f" spread {min(ratios) / factor:.2f} to {max(ratios) / factor:.2f}"
    )
    for target in (options.target, _IN_A_HURRY_SECONDS):
        _show(facts, outputs, ratios, options.hours * 3600, target)


def _show(
    facts: MediaFacts,
    outputs: Sequence[Output],
    ratios: Sequence[float],
    seconds: float,
    target: float,
) -> None:
    """The plans for a source that is so much longer, for every number of workers."""
    factor, scale = statistics.mean(ratios), seconds / facts.duration
    costs = {key: cost * factor for key, cost in DEFAULTS.items()}
    decoding = _scaled(decoding_load(facts), scale)
    renditions = [
        Rendition(one.base_name, _scaled(rendition_load(facts, one.spec), scale), splittable=True)
        for one in outputs
    ]
    work = seconds_of(decoding, costs) + sum(seconds_of(one.load, costs) for one in renditions)
    print(
        f"{seconds / 3600:g} hours, {len(outputs)} renditions: {work:.0f} s of one worker;"
        f" to end within {target:g} s, no worker busy for more than {_WORKER_SECONDS:g} s"
    )
    print(f"{'workers':>8} {'chunks':>7} {'each':>8} {'planned':>9} {'simulated':>10} {'gain':>7}")
    source = Source(seconds, decoding, splittable=True)
    for workers in _WORKERS:
        limits = Limits(target, _WORKER_SECONDS, workers)
        planned = make_plan(source, renditions, costs, limits)
        done = _simulate(planned, workers, [ratio / factor for ratio in ratios])
        done += seconds / _JOINED_PER_SECOND
        print(
            f"{workers:8d} {planned.chunks:7d} {planned.seconds:6.1f} s"
            f" {planned.finished_after:7.0f} s {done:8.0f} s {work / done:6.1f}x"
        )


def _scaled(load: Load, scale: float) -> Load:
    return {key: amount * scale for key, amount in load.items()}


def _spec(size: tuple[int, int]) -> RenditionSpec:
    picture = VideoEncoding(size=PictureSize(width=size[0], height=size[1]), preset="fast", crf=23)
    return RenditionSpec(container="mp4", video=picture)


def _measure(source: Path, outputs: Sequence[Output], count: int, folder: Path) -> list[float]:
    """How long each chunk took, as a multiple of what the default costs say."""
    facts = probe(source)
    load = [decoding_load(facts), *(rendition_load(facts, output.spec) for output in outputs)]
    expected = sum(seconds_of(one, DEFAULTS) for one in load) / facts.duration
    ratios = []
    for span in spans(source, count, facts.duration, timeout_seconds=60):
        began = time.perf_counter()
        encode_span(
            source,
            facts,
            outputs,
            span,
            folder,
            on_progress=lambda _: None,
            cancelled=lambda: False,
            time_limit_seconds=100_000,
            max_output_bytes=2**40,
        )
        seconds = time.perf_counter() - began
        end = span.end / 1e6 if span.end is not None else facts.duration
        length = end - (span.start or 0) / 1e6
        ratios.append(seconds / (expected * length))
        print(f"  chunk of {length:.1f} s: {seconds:.2f} s", flush=True)
    return ratios


def _simulate(plan: Plan, workers: int, ratios: Sequence[float]) -> float:
    """When the last chunk ends: each goes to the worker that is free first."""
    chance = random.Random(0)
    free = [chance.uniform(0, _START_SECONDS) for _ in range(min(workers, max(1, plan.chunks)))]
    heapq.heapify(free)
    for _ in range(max(1, plan.chunks)):
        begin = heapq.heappop(free)
        heapq.heappush(free, begin + plan.seconds * chance.choice(ratios))
    return max(free)


if __name__ == "__main__":
    main()
