"""The smaller form of ``make fuzz``: some forty broken and hostile files, each read in one way."""

from itertools import chain
from pathlib import Path

from benchmarks import fuzz, mutations

_MUTATIONS = 5


def test_broken_files_end_well_or_in_an_error_of_ours(tmp_path: Path) -> None:
    good = tmp_path / "seeds"
    good.mkdir()
    fast, stream = mutations.make_seeds(good, ["fast.mp4", "h264.ts"])
    numbered = (
        mutations.mutated(seed, number, tmp_path)
        for number in range(_MUTATIONS)
        for seed in (fast, stream)
    )
    tally = fuzz.Tally()
    for turn, path in enumerate(
        chain(
            mutations.oddities(tmp_path),
            mutations.truncations(fast, tmp_path),
            mutations.truncations(stream, tmp_path),
            numbered,
        )
    ):
        fuzz.read_everything(tally, path, turn)
        path.unlink()
    assert tally.wrong == []
    assert tally.outcomes["probe: good"] >= 15
    assert tally.outcomes["probe: SourceBad"] >= 5
    # What names other files and addresses, and what is absurd.
    assert tally.outcomes["playlist: SourceBad"] == 2
    assert tally.outcomes["probe: SourceUnsupported"] >= 2
