"""Segments of HLS and DASH while they are being made: noticed when complete, and handed over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.media import encode
from chalicelib.media.encode import Output
from chalicelib.media.muxers import finished_segments
from chalicelib.media.readback import facts_of_first
from chalicelib.mediaspec.facts import MediaFacts


@dataclass(frozen=True)
class SegmentFile:
    """A complete segment (or initialisation) of the output of this number. `size` in bytes."""

    output: int
    path: Path
    size: int


@dataclass
class Handed:
    """What was handed over of one output: names and sizes, and the facts of its first segment."""

    files: dict[str, int] = field(default_factory=dict)
    sample: MediaFacts | None = None


class Segments:
    """Watches the outputs' folders; without `on_file` it does nothing."""

    def __init__(
        self,
        folder: Path,
        outputs: Sequence[Output],
        on_file: Callable[[SegmentFile], None] | None,
    ) -> None:
        self._folder = folder
        self._outputs = outputs
        self._on_file = on_file
        self._handed = [Handed() for _ in outputs]

    def of(self, number: int) -> Handed:
        return self._handed[number]

    def hand_over(self) -> int:
        """Hand over what is newly complete; returns the bytes that have been taken away."""
        for number, output in enumerate(self._outputs):
            if output.spec.segmented:
                # Segments of chosen lengths have their names before they are complete.
                self._hand_over(number, output, open_ones=0 if output.spec.segments.even else 1)
        return sum(self._taken(number) for number in range(len(self._outputs)))

    def _taken(self, number: int) -> int:
        """Bytes of those that are no longer in the folder."""
        folder = self._folder / encode.folder_name(number)
        files = self._handed[number].files
        return sum(size for name, size in files.items() if not (folder / name).exists())

    def finish(self) -> None:
        """The same once ffmpeg has ended: everything is complete."""
        for number, output in enumerate(self._outputs):
            if output.spec.segmented:
                self._hand_over(number, output, open_ones=0)

    def _hand_over(self, number: int, output: Output, *, open_ones: int) -> None:
        """The last `open_ones` are still being written."""
        if self._on_file is None:
            return
        handed = self._handed[number]
        found = finished_segments(self._folder / encode.folder_name(number), output.base_name)
        found = found[: len(found) - open_ones]
        if handed.sample is None:
            if not _can_be_read(found):
                return
            handed.sample = facts_of_first(found, output)
        for path in found:
            if path.name not in handed.files:
                handed.files[path.name] = path.stat().st_size
                self._on_file(SegmentFile(number, path, handed.files[path.name]))


def _can_be_read(found: Sequence[Path]) -> bool:
    """Whether there is a segment for every initialisation: until then one may be incomplete."""
    starts = sum("-init" in path.name for path in found)
    first = sum(path.stem.endswith("-00001") for path in found)
    return first > 0 and first >= starts
