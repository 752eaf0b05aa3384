"""Renditions of a source: encoded in one go, checked by reading them back, then given their names.

VOD developer guide 6.2.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.media import encode, ffmpeg
from chalicelib.media.encode import Command, Output
from chalicelib.media.errors import ConditionRefused
from chalicelib.media.keys import write_key
from chalicelib.media.materials import Files, Materials, gathered
from chalicelib.media.overlay import FONTS
from chalicelib.media.readback import RenditionResult, read_back
from chalicelib.media.sections import output_duration
from chalicelib.media.segments import Handed, SegmentFile, Segments
from chalicelib.media.source import check_source
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.decision import decided
from chalicelib.mediaspec.facts import MediaFacts

# Names become part of ffmpeg's file patterns and of playlists.
_BASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_PARTIAL_PREFIX = ".partial-"


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
    materials = gathered([output.spec for output in decisions], files or {})
    picky = checked.playlist and ffmpeg.knows_hls_option(binary, "extension_picky")
    with TemporaryDirectory(prefix=_PARTIAL_PREFIX, dir=out_dir) as partial:
        folder = Path(partial)
        segments = Segments(folder, decisions, on_file)
        plan = encode.planned(checked, facts, decisions, materials=materials, picky_hls=picky)
        _prepare(folder, decisions, plan, materials)
        ffmpeg.run(
            plan.arguments,
            folder=folder,
            duration=max(output_duration(facts, each.spec, materials) for each in decisions),
            limits=ffmpeg.Limits(time_limit_seconds, max_output_bytes),
            on_progress=on_progress,
            cancelled=cancelled,
            on_watch=segments.hand_over,
            held=held,
            binary=binary,
        )
        segments.finish()
        made = [
            _read_back(folder / encode.folder_name(number), output, segments.of(number))
            for number, output in enumerate(decisions)
        ]
        results = [result.moved_to(out_dir) for result in made]
    on_progress(1.0)
    return results


def _prepare(folder: Path, outputs: Sequence[Output], plan: Command, materials: Materials) -> None:
    for number, output in enumerate(outputs):
        own = folder / encode.folder_name(number)
        own.mkdir()
        if output.spec.encryption is not None:
            write_key(own, output.spec.encryption, output.key)
    for name, script in plan.scripts.items():
        (folder / name).write_text(script, encoding="utf-8")
    if plan.scripts and materials.fonts is not None:
        (folder / FONTS).symlink_to(materials.fonts.resolve())


def _read_back(folder: Path, output: Output, handed: Handed) -> RenditionResult:
    return read_back(folder, output, handed.files, handed.sample)


def _check_names(outputs: Sequence[Output]) -> None:
    names = [f"{output.base_name}.{output.spec.extension}" for output in outputs]
    if not outputs:
        raise ValueError("there is nothing to make")
    if not all(_BASE_NAME.fullmatch(output.base_name) for output in outputs):
        raise ValueError("a base name has letters, digits, dots, dashes and underscores")
    if len(set(names)) < len(names):
        raise ValueError("the file names of the outputs have to differ")


def _decided(facts: MediaFacts, output: Output) -> Output:
    try:
        spec = decided(facts, output.spec)
    except ConditionUnmet as unmet:
        raise ConditionRefused(str(unmet)) from None
    return replace(output, spec=spec)
