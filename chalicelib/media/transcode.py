"""Renditions of a source: encoded in one go, checked by reading them back, then given their names.

VOD developer guide 6.2.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.media import encode, ffmpeg
from chalicelib.media.capabilities import require
from chalicelib.media.encode import Command, Output
from chalicelib.media.errors import ConditionRefused
from chalicelib.media.hls_sets import assembled, members
from chalicelib.media.keys import write_key
from chalicelib.media.materials import Files, Materials, gathered
from chalicelib.media.overlay import FONTS
from chalicelib.media.readback import RenditionResult, read_back
from chalicelib.media.sections import output_duration
from chalicelib.media.segments import Handed, SegmentFile, Segments
from chalicelib.media.source import Source, check_source
from chalicelib.media.survey import Look, needs_borders, needs_loudness, surveyed
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.decision import decided
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec

# Names become part of ffmpeg's file patterns and of playlists.
_BASE_NAME = re.compile(r"\w[\w.() -]{0,199}")
_LONGEST_NAME_BYTES = 200
_PARTIAL_PREFIX = ".partial-"
# What part of the rest of the work a survey and a first pass are, for the progress that is told.
_SURVEY_SHARE = 0.1
_FIRST_PASS_SHARE = 0.4


def transcode_renditions(
    source: str | Path,
    facts: MediaFacts,
    outputs: Sequence[Output],
    out_dir: Path,
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
    max_output_bytes: int,
    files: Files | None = None,
    on_file: Callable[[SegmentFile], None] | None = None,
    held: Callable[[], bool] = lambda: False,
    ffmpeg_binary: str | None = None,
) -> list[RenditionResult]:
    """Encode `source` (URL or path, as for `probe`, which gave `facts`) into `out_dir`.

    One ffmpeg decodes it once and makes all `outputs`: `{base_name}.mp4`, or `{base_name}.m3u8`
    with `{base_name}-00001.ts` and so on. The files appear in `out_dir` only when all are complete
    and have been read back; a run that ends in any other way leaves at most a hidden folder.
    `on_progress(fraction)` is called at least every 2 s, `cancelled()` asked as often.

    `files` tells where each file lies that the specs name: a path, or an http(s) URL.

    With `on_file`, segments of HLS and DASH are handed over as soon as each is complete: the
    callback may upload and then delete (or move) the file, which keeps the disk free; those it
    took are not in the result's `files`. While `held()` says that it has not kept up, the encoder
    stands still. What the outputs' conditions say is decided first.

    Raises ValueError for base names that are not plain or not different, and any MediaError but
    NoVideoStream.
    """
    _check_names(outputs)
    checked = check_source(source)
    binary = ffmpeg_binary or ffmpeg.ffmpeg_binary()
    decisions = [_decided(facts, output) for output in outputs]
    require([output.spec for output in decisions], binary)
    picky = checked.playlist and ffmpeg.knows_hls_option(binary, "extension_picky")
    with TemporaryDirectory(prefix=_PARTIAL_PREFIX, dir=out_dir) as partial:
        look = Look(
            folder=Path(partial),
            limits=ffmpeg.Limits(time_limit_seconds, max_output_bytes),
            on_progress=on_progress,
            cancelled=cancelled,
            held=held,
            binary=binary,
            picky_hls=picky,
        )
        results = _Work(checked, facts, decisions, files or {}, look, on_file).results(out_dir)
    on_progress(1.0)
    return results


class _Work:
    """The runs of ffmpeg that make the outputs, one after the other, within one time limit."""

    def __init__(
        self,
        source: Source,
        facts: MediaFacts,
        outputs: Sequence[Output],
        files: Files,
        look: Look,
        on_file: Callable[[SegmentFile], None] | None,
    ) -> None:
        self.source, self.facts, self.look, self.files = source, facts, look, files
        self.asked = outputs
        parts = [members(facts, output) for output in outputs]
        self.outputs = [part for group in parts for part in group]
        # Which of the outputs that were asked for each is, or is a part of.
        self.owners = [number for number, group in enumerate(parts) for _ in group]
        self.on_file = on_file and self._owned(on_file)
        self.ends_at = time.monotonic() + look.limits.seconds
        self.done = 0.0

    def results(self, out_dir: Path) -> list[RenditionResult]:
        folder = self.look.folder
        self._survey()
        materials = gathered([output.spec for output in self.outputs], self.files)
        self._first_pass(materials)
        segments = Segments(folder, self.outputs, self.on_file)
        plan = self._planned(materials, first_pass=False)
        _prepare(folder, self.outputs, plan, materials)
        began = time.monotonic()
        self._run(plan, self._duration(materials), 1.0, segments.hand_over)
        seconds = time.monotonic() - began
        segments.finish()
        made = [
            _read_back(folder / encode.folder_name(number), output, segments.of(number))
            for number, output in enumerate(self.outputs)
        ]
        return [
            replace(self._assembled(number, made).moved_to(out_dir), encoder_seconds=seconds)
            for number in range(len(self.asked))
        ]

    def _assembled(self, number: int, made: Sequence[RenditionResult]) -> RenditionResult:
        """The output of this number out of its parts."""
        mine = [place for place, owner in enumerate(self.owners) if owner == number]
        parts = [self.outputs[place] for place in mine]
        return assembled(self.asked[number], parts, [made[place] for place in mine], self.files)

    def _owned(self, on_file: Callable[[SegmentFile], None]) -> Callable[[SegmentFile], None]:
        """The same for callers, who know of outputs and not of their parts."""
        return lambda file: on_file(replace(file, output=self.owners[file.output]))

    def _survey(self) -> None:
        """Measure what specs leave to the source; outputs that want the same look once."""
        known: dict[RenditionSpec, RenditionSpec] = {}
        for number, output in enumerate(self.outputs):
            spec = output.spec
            if not needs_borders(spec) and not needs_loudness(spec):
                continue
            if spec not in known:
                known[spec] = surveyed(self.source, self.facts, spec, self._look(_SURVEY_SHARE))
                self.done += (1 - self.done) * _SURVEY_SHARE
            self.outputs[number] = replace(output, spec=known[spec])

    def _first_pass(self, materials: Materials) -> None:
        if any(encode.has_two_passes(self.facts, output.spec) for output in self.outputs):
            plan = self._planned(materials, first_pass=True)
            write_scripts(self.look.folder, len(self.outputs), plan, materials)
            self._run(plan, self._duration(materials), _FIRST_PASS_SHARE, lambda: 0)
            self.done += (1 - self.done) * _FIRST_PASS_SHARE

    def _planned(self, materials: Materials, *, first_pass: bool) -> Command:
        return encode.planned(
            self.source,
            self.facts,
            self.outputs,
            materials=materials,
            first_pass=first_pass,
            picky_hls=self.look.picky_hls,
        )

    def _duration(self, materials: Materials) -> float:
        return max(output_duration(self.facts, each.spec, materials) for each in self.outputs)

    def _look(self, share: float) -> Look:
        """The rest of the time, and so much of the rest of the progress."""
        left = max(0.1, self.ends_at - time.monotonic())
        begin, length = self.done, (1 - self.done) * share
        return replace(
            self.look,
            limits=replace(self.look.limits, seconds=left),
            on_progress=lambda fraction: self.look.on_progress(begin + fraction * length),
        )

    def _run(
        self, plan: Command, duration: float, share: float, on_watch: Callable[[], int]
    ) -> None:
        look = self._look(share)
        ffmpeg.run(
            plan.arguments,
            folder=look.folder,
            duration=duration,
            limits=look.limits,
            on_progress=look.on_progress,
            cancelled=look.cancelled,
            on_watch=on_watch,
            held=look.held,
            binary=look.binary,
        )


def _prepare(folder: Path, outputs: Sequence[Output], plan: Command, materials: Materials) -> None:
    """Write what ffmpeg reads, and make the folders it writes into."""
    write_scripts(folder, len(outputs), plan, materials)
    for number, output in enumerate(outputs):
        if output.spec.encryption is not None:
            write_key(folder / encode.folder_name(number), output.spec.encryption, output.key)


def write_scripts(folder: Path, outputs: int, plan: Command, materials: Materials) -> None:
    """Make the folders of so many outputs, and what ffmpeg reads besides its inputs."""
    for number in range(outputs):
        (folder / encode.folder_name(number)).mkdir(exist_ok=True)
    for name, script in plan.scripts.items():
        (folder / name).write_text(script, encoding="utf-8")
    fonts = folder / FONTS
    if plan.scripts and materials.fonts is not None and not fonts.is_symlink():
        fonts.symlink_to(materials.fonts.resolve())


def _read_back(folder: Path, output: Output, handed: Handed) -> RenditionResult:
    return read_back(folder, output, handed.files, handed.sample)


def _check_names(outputs: Sequence[Output]) -> None:
    names = [f"{output.base_name}.{output.spec.extension}" for output in outputs]
    if not outputs:
        raise ValueError("there is nothing to make")
    for name in (output.base_name for output in outputs):
        if not _BASE_NAME.fullmatch(name) or len(name.encode()) > _LONGEST_NAME_BYTES:
            raise ValueError("a base name has letters, digits, spaces and . _ - ( ), 200 bytes")
    if len(set(names)) < len(names):
        raise ValueError("the file names of the outputs have to differ")


def _decided(facts: MediaFacts, output: Output) -> Output:
    try:
        spec = decided(facts, output.spec)
    except ConditionUnmet as unmet:
        raise ConditionRefused(str(unmet)) from None
    return replace(output, spec=spec)
