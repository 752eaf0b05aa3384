"""Many uploads at once: each plays, and each is told of once. ``make bench-uploads`` is the same
with a thousand."""

from benchmarks.uploads import measure
from tests import clips
from tests.stack_fixture import Stack


def test_uploads_at_once_all_end_normal_and_with_one_event(stack: Stack) -> None:
    clip = clips.make("contract").read_bytes()
    outcome = measure(stack.process, clip, uploads=30, seconds=0, patience=200)
    assert outcome.problems == []
    assert (outcome.states, outcome.events) == ({"normal": 30}, 30)
