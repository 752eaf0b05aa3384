"""One rendition of a source: encoded, checked by reading it back, and only then given its names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.media import encode, ffmpeg
from chalicelib.media.errors import EncoderFailed, SourceBad
from chalicelib.media.probe import probe_checked
from chalicelib.media.source import Source, check_source
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import Container, RenditionSpec

# Names become part of ffmpeg's file patterns and of playlists.
_BASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_PARTIAL_PREFIX = ".partial-"


@dataclass(frozen=True)
class RenditionResult:
    """What was made. `files` are all files in the order to upload them, the playlist last.

    `entry` is what a player opens: the mp4 or the m3u8. `facts` were read from the output; for HLS
    `facts.size` and `facts.bitrate_kbps` are those of the playlist and all segments together.
    """

    container: Container
    entry: Path
    files: tuple[Path, ...]
    facts: MediaFacts
    segments: int


def transcode(
    source: str | Path,
    facts: MediaFacts,
    spec: RenditionSpec,
    out_dir: Path,
    base_name: str,
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
    max_output_bytes: int,
    ffmpeg_binary: str | None = None,
) -> RenditionResult:
    """Encode `source` (URL or path, as for `probe`, which gave `facts`) into `out_dir`.

    Makes `{base_name}.mp4`, or `{base_name}.m3u8` with `{base_name}-00001.ts` and so on. The files
    appear in `out_dir` only when they are complete and have been read back; a run that ends in any
    other way leaves at most a hidden folder. `on_progress(fraction)` is called at least every 2 s,
    `cancelled()` asked as often. Raises ValueError for a base name that is not plain, and any
    MediaError but NoVideoStream.
    """
    if not _BASE_NAME.fullmatch(base_name):
        raise ValueError("a base name has letters, digits, dots, dashes and underscores")
    checked = check_source(source)
    binary = ffmpeg_binary or ffmpeg.ffmpeg_binary()
    with TemporaryDirectory(prefix=_PARTIAL_PREFIX, dir=out_dir) as partial:
        folder = Path(partial)
        ffmpeg.run(
            _arguments(checked, facts, spec, base_name, binary),
            folder=folder,
            duration=facts.duration,
            limits=ffmpeg.Limits(time_limit_seconds, max_output_bytes),
            on_progress=on_progress,
            cancelled=cancelled,
            binary=binary,
        )
        made = _read_back(folder / f"{base_name}.{spec.container}", spec)
        files = tuple(path.rename(out_dir / path.name) for path in made.files)
    on_progress(1.0)
    return RenditionResult(spec.container, files[-1], files, made.facts, made.segments)


def _arguments(
    source: Source, facts: MediaFacts, spec: RenditionSpec, base_name: str, binary: str
) -> list[str]:
    picky = source.playlist and ffmpeg.knows_hls_option(binary, "extension_picky")
    return encode.arguments(source, facts, spec, base_name, picky_hls=picky)


def _read_back(entry: Path, spec: RenditionSpec) -> RenditionResult:
    """The result as it lies in the working folder."""
    try:
        # Not checked as a stranger's playlist would be: that has bounds that a long video exceeds.
        mine = Source(f"file:{entry.resolve()}", remote=False, playlist=spec.container == "m3u8")
        facts = probe_checked(mine)
    except SourceBad as error:
        raise EncoderFailed(f"the output cannot be read back: {error}") from error
    if spec.container != "m3u8":
        return RenditionResult(spec.container, entry, (entry,), facts, 0)
    files = (*sorted(entry.parent.glob("*.ts")), entry)
    size = sum(path.stat().st_size for path in files)
    total = facts.model_copy(
        update={"size": size, "bitrate_kbps": size * 8 / 1000 / facts.duration}
    )
    return RenditionResult(spec.container, entry, files, total, len(files) - 1)
