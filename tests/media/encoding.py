"""Running the encoder on a source, with what most tests do not care about filled in."""

from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.media.encode import Output
from chalicelib.media.materials import Files
from chalicelib.media.probe import probe
from chalicelib.media.readback import RenditionResult
from chalicelib.media.segments import SegmentFile
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec


def run(
    source: str | Path,
    spec: RenditionSpec,
    out_dir: Path,
    *,
    name: str = "out",
    facts: MediaFacts | None = None,
    seconds: float = 60,
    most: int = 2**30,
    progress: list[float] | None = None,
    key: bytes | None = None,
    files: Files | None = None,
) -> RenditionResult:
    """One rendition, named "out"."""
    outputs = [Output(spec, name, key)]
    (made,) = run_all(
        source,
        outputs,
        out_dir,
        facts=facts,
        seconds=seconds,
        most=most,
        progress=progress,
        files=files,
    )
    return made


def run_all(
    source: str | Path,
    outputs: Sequence[Output],
    out_dir: Path,
    *,
    facts: MediaFacts | None = None,
    seconds: float = 60,
    most: int = 2**30,
    progress: list[float] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    on_file: Callable[[SegmentFile], None] | None = None,
    files: Files | None = None,
) -> list[RenditionResult]:
    """Several renditions in one go."""
    heard = [] if progress is None else progress
    return transcode_renditions(
        source,
        facts or probe(source),
        outputs,
        out_dir,
        on_progress=heard.append,
        cancelled=cancelled,
        time_limit_seconds=seconds,
        max_output_bytes=most,
        on_file=on_file,
        files=files,
    )
