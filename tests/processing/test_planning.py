"""One worker or many: the plan follows from what the work costs and from the limits."""

import pytest

from chalicelib.processing.costs import DEFAULTS, learned
from chalicelib.processing.planning import (
    MOST_CHUNKS,
    OVERHEAD_SECONDS,
    Limits,
    Rendition,
    Source,
    make_plan,
    seconds_of,
)

COSTS = {"decode/h264": 0.1, "encode/h264/fast": 1.0, "encode/h264/slow": 3.0}
LIMITS = Limits(target_seconds=300, worker_seconds=840, workers=50)


def source(seconds: float, *, splittable: bool = True) -> Source:
    return Source(seconds, {"decode/h264": seconds}, splittable=splittable)


def rendition(name: str, units: float, *, splittable: bool = True) -> Rendition:
    return Rendition(name, {"encode/h264/fast": units}, splittable=splittable)


def test_short_work_is_done_together() -> None:
    plan = make_plan(source(60), [rendition("a", 60), rendition("b", 30)], COSTS, LIMITS)
    assert (plan.together, plan.chunks) == (("a", "b"), 0)
    assert plan.seconds == pytest.approx(OVERHEAD_SECONDS + 6 + 90)


def test_long_work_is_shared_out_to_end_in_time() -> None:
    plan = make_plan(source(3600), [rendition("a", 3600), rendition("b", 1800)], COSTS, LIMITS)
    assert plan.together == ("a", "b")
    assert plan.finished_after <= LIMITS.target_seconds
    assert plan.chunks == 30  # of two minutes each
    dear = make_plan(source(600), [rendition("a", 5400)], COSTS, LIMITS)
    assert dear.chunks == 19  # 5460 s of work, 298 s for each
    fewer = Limits(target_seconds=300, worker_seconds=840, workers=2)
    plan = make_plan(source(3600), [rendition("a", 3600)], COSTS, fewer)
    assert plan.chunks % 2 == 0
    assert plan.seconds <= 0.6 * fewer.worker_seconds


def test_no_worker_outlasts_its_limit() -> None:
    limits = Limits(target_seconds=100_000, worker_seconds=840, workers=1)
    plan = make_plan(source(36_000), [rendition("a", 36_000)], COSTS, limits)
    assert plan.chunks >= 39_600 / (0.6 * 840)
    assert plan.seconds <= 0.6 * 840


def test_a_thousand_workers_are_used_only_where_they_help() -> None:
    limits = Limits(target_seconds=10, worker_seconds=840, workers=1000)
    plan = make_plan(source(7200), [rendition("a", 7200)], COSTS, limits)
    assert plan.chunks == 900  # no chunk is shorter than eight seconds
    longer = make_plan(source(40_000), [rendition("a", 40_000)], COSTS, limits)
    assert longer.chunks == MOST_CHUNKS


def test_what_cannot_be_cut_is_divided_between_runs() -> None:
    work = [rendition("a", 290, splittable=False), rendition("b", 290), rendition("c", 4)]
    plan = make_plan(source(60), work, COSTS, Limits(300, 840, 50))
    assert (plan.together, plan.chunks) == (("a",), 0)
    uncut = source(3600, splittable=False)
    plan = make_plan(uncut, [rendition("a", 3600)], COSTS, LIMITS)
    assert (plan.together, plan.chunks) == (("a",), 0)


def test_a_source_too_short_to_cut_is_made_whole() -> None:
    plan = make_plan(source(10), [rendition("a", 10_000)], COSTS, LIMITS)
    assert plan.chunks == 0


def test_only_what_can_be_cut_goes_into_chunks() -> None:
    work = [rendition("a", 3600), rendition("clip", 10, splittable=False)]
    assert make_plan(source(3600), work, COSTS, LIMITS).together == ("a",)


def test_an_unknown_cost_is_taken_for_the_dearest_of_its_kind() -> None:
    assert seconds_of({"encode/h264/placebo": 2.0}, COSTS) == 6.0
    assert seconds_of({"encode/av1/fast": 1.0}, COSTS) == 3.0
    assert seconds_of({"other": 1.0}, {}) == 1.0


def test_costs_follow_what_jobs_take() -> None:
    load = {"encode/h264/fast": 100.0}
    expected = seconds_of(load, DEFAULTS)
    same = learned(DEFAULTS, [load], expected + OVERHEAD_SECONDS)
    assert same["encode/h264/fast"] == pytest.approx(DEFAULTS["encode/h264/fast"])
    twice = dict(DEFAULTS)
    for _ in range(20):
        twice |= learned(twice, [load], 2 * expected + OVERHEAD_SECONDS)
    assert twice["encode/h264/fast"] == pytest.approx(2 * DEFAULTS["encode/h264/fast"], rel=0.02)
    assert twice["encode/h264/slow"] == DEFAULTS["encode/h264/slow"]


def test_one_odd_job_does_not_mislead() -> None:
    load = {"decode/h264": 100.0}
    after = learned(DEFAULTS, [load], 100_000.0)
    assert after["decode/h264"] <= 1.6 * DEFAULTS["decode/h264"]
    assert learned(DEFAULTS, [], 10.0) == {}
