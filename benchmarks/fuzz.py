"""Thousands of broken and hostile files through what reads media: ``python -m benchmarks.fuzz``.

Each file is probed; what is a video after that is taken snapshots of, made into a sprite, an
animated image and a rendition, in turns. Every outcome has to be a good result or one of the media
room's own errors, within bounded time, without a child process left behind, without this process
(the worker's part) growing. Prints how many ended how; exits with 1 on anything else.
"""

import argparse
import collections
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import mutations
from chalicelib.media import isolated
from chalicelib.media.encode import Output
from chalicelib.media.errors import MediaError, SourceBad
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.clip import Clip
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.hls import PlaylistInvalid, rewrite_uris, safe_relative
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, SnapshotSpec, SpriteLayout
from chalicelib.mediaspec.video import VideoEncoding

_SECONDS = 20.0
_HANGS_AFTER = 60.0
_MAX_OUTPUT = 64 * 1024 * 1024
_MAX_GROWTH_KIB = 200 * 1024

_EXACT = SnapshotSpec(count=3, interval_seconds=0, width=96)
_SPRITE = SnapshotSpec(
    frame="keyframe", count=9, interval_seconds=0, sprite=SpriteLayout(columns=3, cell_width=64)
)
_SMALL = VideoEncoding(preset="ultrafast", size=PictureSize(width=96))
_MP4 = RenditionSpec(container="mp4", video=_SMALL, audio=AudioEncoding())
_HLS = RenditionSpec(container="m3u8", video=_SMALL, audio=AudioEncoding())
_GIF = RenditionSpec(
    container="gif",
    video=VideoEncoding(codec="gif", max_fps=5, size=PictureSize(width=96)),
    clip=Clip(start=0.1, seconds=1.0),
)


@dataclass
class Tally:
    """How many ended how, and what went wrong."""

    outcomes: "collections.Counter[str]" = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def note(self, work: str, path: Path, outcome: str, seconds: float) -> None:
        self.outcomes[f"{work}: {outcome}"] += 1
        self.slowest = max(self.slowest, (seconds, f"{work} of {path.name}"))
        if seconds > _HANGS_AFTER:
            self.wrong.append(f"{work} of {path.name} took {seconds:.0f} s")

    def attempt(self, work: str, path: Path, run: Callable[[], object]) -> object:
        """Run one piece of work; its result, or None."""
        began = time.monotonic()
        try:
            result = run()
        except MediaError as error:
            self.note(work, path, error.reason, time.monotonic() - began)
            if "broke off its reading" in str(error):
                self.outcomes["a reader's crash, contained"] += 1
        except Exception as error:
            self.note(work, path, "UNTYPED", time.monotonic() - began)
            self.wrong.append(f"{work} of {path.name}: {type(error).__name__}: {error}")
        else:
            self.note(work, path, "good", time.monotonic() - began)
            return result
        return None


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000, help="how many files")
    parser.add_argument("--first", type=int, default=0, help="number of the first mutation")
    given = parser.parse_args()
    began = time.monotonic()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="openvod-fuzz-") as place:
        folder = Path(place)
        for count, path in enumerate(itertools.islice(files(folder, given.first), given.files), 1):
            read_everything(tally, path, count)
            path.unlink()
            if count % 100 == 0:
                print(f"{count} files, {time.monotonic() - began:.0f} s", flush=True)
    longest, what = tally.slowest
    seconds = time.monotonic() - began
    print(f"{given.files} files in {seconds:.0f} s; the slowest took {longest:.1f} s: {what}")
    for outcome, count in sorted(tally.outcomes.items()):
        print(f"{count:6}  {outcome}")
    for line in tally.wrong:
        print(f"WRONG  {line}")
    sys.exit(1 if tally.wrong else 0)


def files(folder: Path, first: int = 0) -> Iterator[Path]:
    """Broken files without end, each to be deleted after its use: the odd ones come first."""
    good = folder / "seeds"
    good.mkdir()
    seeds = mutations.make_seeds(good)
    if first == 0:
        yield from mutations.oddities(folder)
        for seed in seeds:
            yield from mutations.truncations(seed, folder)
    for number in itertools.count(first):
        for seed in seeds:
            yield mutations.mutated(seed, number, folder)


def read_everything(tally: Tally, path: Path, turn: int) -> None:
    """Probe a file, then use it in one of five ways, by turns."""
    before = _peak_kib()
    if path.suffix == ".m3u8":  # no playlist is opened as it was uploaded
        tally.attempt("playlist", path, lambda: _rewritten(path))
        return
    facts = tally.attempt("probe", path, lambda: isolated.probe(path, timeout_seconds=_SECONDS))
    with tempfile.TemporaryDirectory(prefix="openvod-fuzz-out-") as place:
        out = Path(place)
        works: list[tuple[str, Callable[[], object]]] = [
            ("covers", lambda: _pictures(path, COVER_SNAPSHOTS, out)),
            ("exact snapshots", lambda: _pictures(path, _EXACT, out)),
            ("sprite", lambda: _pictures(path, _SPRITE, out)),
        ]
        if isinstance(facts, MediaFacts):
            known = facts
            works += [
                ("animated image", lambda: _rendition(path, known, _GIF, out)),
                ("mp4", lambda: _rendition(path, known, _MP4, out)),
                ("hls", lambda: _rendition(path, known, _HLS, out)),
            ]
        tally.attempt(*_at(works, turn, path))
    if _peak_kib() - before > _MAX_GROWTH_KIB:
        tally.wrong.append(f"{path.name} made the worker grow")


def _at(
    works: list[tuple[str, Callable[[], object]]], turn: int, path: Path
) -> tuple[str, Path, Callable[[], object]]:
    name, work = works[turn % len(works)]
    return name, path, work


def _rewritten(path: Path) -> str:
    """A playlist as a worker rewrites it before it opens one."""
    try:
        return rewrite_uris(path.read_text(), lambda uri: safe_relative(f"media/{path.name}", uri))
    except PlaylistInvalid as invalid:
        raise SourceBad(str(invalid)) from None


def _pictures(path: Path, spec: SnapshotSpec, out: Path) -> object:
    return isolated.make_pictures(path, spec, out, timeout_seconds=_SECONDS)


def _rendition(path: Path, facts: MediaFacts, spec: RenditionSpec, out: Path) -> object:
    return transcode_renditions(
        path,
        facts,
        [Output(spec, "out")],
        out,
        on_progress=lambda _: None,
        cancelled=lambda: False,
        time_limit_seconds=_SECONDS,
        max_output_bytes=_MAX_OUTPUT,
    )


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
