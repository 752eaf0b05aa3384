"""How work on a source is shared out: one worker, or many at once. Pure: numbers in, a plan out.

The unit of work is the megapixel-second: one second of a picture of a million pixels at 25 frames
per second. Its cost is the seconds that one worker takes, by codec and preset (``costs``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What a run costs whatever its length: taking the job, opening the source, the last uploads.
OVERHEAD_SECONDS = 2.0
# A worker plans to need no more than this part of its time limit: estimates are no promises.
_SAFE_SHARE = 0.6
# A chunk shorter than this is mostly overhead: seeking, starting the encoder, a joint.
_SHORTEST_CHUNK_SECONDS = 8.0
# All renditions of a chunk lie on its worker's disk until they are stored: at ten megabits a second
# together, this is 150 MB.
_LONGEST_CHUNK_SECONDS = 120.0
MOST_CHUNKS = 1000

Costs = Mapping[str, float]
Load = Mapping[str, float]


@dataclass(frozen=True)
class Rendition:
    """One rendition to be made. ``load``: units of work by cost key; it may be ``splittable``."""

    name: str
    load: Load
    splittable: bool = False


@dataclass(frozen=True)
class Source:
    """The source's length, and the ``load`` of decoding it once; it may be ``splittable``."""

    seconds: float
    load: Load
    splittable: bool = False


@dataclass(frozen=True)
class Limits:
    """Seconds in which a job is to end and no worker may exceed; how many workers there are."""

    target_seconds: float
    worker_seconds: float
    workers: int


@dataclass(frozen=True)
class Plan:
    """``together``: the renditions to make now in one run. With ``chunks`` they are split.

    ``seconds`` is how long a worker is expected to be busy: with the run, or with one chunk.
    """

    together: tuple[str, ...]
    chunks: int
    seconds: float
    finished_after: float = field(default=0.0)


def seconds_of(load: Load, costs: Costs) -> float:
    """What a load costs one worker. A key without a cost counts as the dearest of its kind."""
    return sum(amount * _cost(key, costs) for key, amount in load.items())


def make_plan(
    source: Source, renditions: Sequence[Rendition], costs: Costs, limits: Limits
) -> Plan:
    """What to do with the first of the renditions and with those that go well with it.

    All in one run where that ends within the target; else in chunks where source and renditions
    can be cut; else as many renditions as one worker's time allows, the first at least.
    """
    first = renditions[0]
    decoding = seconds_of(source.load, costs)
    alone = OVERHEAD_SECONDS + decoding + sum(seconds_of(r.load, costs) for r in renditions)
    bound = min(limits.target_seconds, limits.worker_seconds * _SAFE_SHARE)
    if alone <= bound:
        return Plan(tuple(r.name for r in renditions), 0, alone, alone)
    if source.splittable and first.splittable:
        cut = [r for r in renditions if r.splittable]
        work = decoding + sum(seconds_of(r.load, costs) for r in cut)
        plan = _split(source, [r.name for r in cut], work, limits)
        if plan is not None:
            return plan
    return _as_many_as_fit(decoding, renditions, costs, bound)


def _split(source: Source, names: list[str], work: float, limits: Limits) -> Plan | None:
    """The fewest chunks that end in time; None if the source is too short to be cut."""
    most = min(MOST_CHUNKS, int(source.seconds / _SHORTEST_CHUNK_SECONDS))
    if most < 2:
        return None
    safe = limits.worker_seconds * _SAFE_SHARE - OVERHEAD_SECONDS
    fewest = max(2, math.ceil(work / max(1.0, safe)))
    fewest = max(fewest, math.ceil(source.seconds / _LONGEST_CHUNK_SECONDS))
    in_time = math.ceil(work / max(1.0, limits.target_seconds - OVERHEAD_SECONDS))
    # More chunks than workers wait for each other: then only whole rounds of them make sense.
    count = max(fewest, min(in_time, limits.workers))
    if count > limits.workers:
        count = math.ceil(count / limits.workers) * limits.workers
    count = min(count, most)
    each = OVERHEAD_SECONDS + work / count
    return Plan(tuple(names), count, each, math.ceil(count / limits.workers) * each)


def _as_many_as_fit(
    decoding: float, renditions: Sequence[Rendition], costs: Costs, bound: float
) -> Plan:
    chosen: list[str] = []
    busy = OVERHEAD_SECONDS + decoding
    for rendition in renditions:
        more = seconds_of(rendition.load, costs)
        if chosen and busy + more > bound:
            continue
        chosen.append(rendition.name)
        busy += more
    return Plan(tuple(chosen), 0, busy, busy)


def _cost(key: str, costs: Costs) -> float:
    if key in costs:
        return costs[key]
    kind = key.rpartition("/")[0]
    same_codec = [cost for other, cost in costs.items() if other.startswith(f"{kind}/")]
    family = kind.partition("/")[0] or key
    same_family = [cost for other, cost in costs.items() if other.startswith(f"{family}/")]
    return max(same_codec or same_family, default=1.0)
