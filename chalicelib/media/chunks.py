"""Encoding a long source in pieces: a span of its pictures for several renditions, or its sound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp

from chalicelib.media import encode, ffmpeg
from chalicelib.media.encode import Output, Span
from chalicelib.media.errors import EncoderFailed
from chalicelib.media.materials import Files, gathered
from chalicelib.media.muxers import PIECE_FORMAT
from chalicelib.media.source import Deadline, Source, check_source, opened
from chalicelib.media.transcode import transcode_renditions, write_scripts
from chalicelib.media.video_filters import output_fps
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding

# Filters that change the rate or join fields look at frames before the span.
_LEAD_SECONDS = 1.0
# Where a source's index lied, the search begins so much earlier.
_SAFE_LEAD_SECONDS = 12.0
_COUNTING_SECONDS = 120.0


@dataclass(frozen=True)
class Piece:
    """The encoded pictures of one rendition's span, and how many they are."""

    path: Path
    frames: int


def why_whole(spec: RenditionSpec) -> str | None:
    """Why pieces of this rendition, encoded each by itself, would not make the same as the whole.

    None: they do. The sound is always encoded whole, so nothing that is done to it matters.
    """
    video, audio = spec.video, spec.audio
    if video is None or video.codec not in ("h264", "h265"):
        return "only H.264 and H.265 are made in pieces"
    if video.rate_mode == "two_pass":
        return "two passes spend their bits over the whole"
    if video.crop == "borders":
        return "black borders are looked for in the whole"
    if spec.clip or spec.before or spec.after:
        return "what is cut or joined has a clock of its own"
    if spec.container not in ("mp4", "fmp4", "m3u8", "mpd", "ts", "flv"):
        return "its container is not made of pieces"
    if spec.segmented and not spec.segments.even:
        return "segments of chosen lengths are cut in one go"
    if spec.is_set:
        return "an HLS rendition of several parts is made in one go"
    if audio is not None and audio.tracks:
        return "several tracks of sound are not joined"
    if audio is not None and audio.codec not in ("aac", "mp3", "opus", "flac"):
        return "its sound cannot lie beside the pieces"
    if spec.is_set or (audio is not None and audio.tracks):
        return "its sound has several files, or tracks"
    return None


def encode_span(
    source: str | Path,
    facts: MediaFacts,
    outputs: Sequence[Output],
    span: Span,
    out_dir: Path,
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
    max_output_bytes: int,
    files: Files | None = None,
) -> list[Piece]:
    """Encode the pictures of a span for all outputs, from one decoding; one file each.

    `files` are the specs' other ones, as for `transcode_renditions`. The time stamps are those of
    the whole, so that `joining` needs no arithmetic. Raises what `transcode_renditions` raises;
    EncoderFailed too if the first frame is not the span's.
    """
    checked = check_source(source)
    filters = any(_looks_back(facts, output.spec.video) for output in outputs)
    materials = gathered([_pictures(output.spec) for output in outputs], files or {}, periods=True)
    leads = (_LEAD_SECONDS, _SAFE_LEAD_SECONDS) if filters else (0.0, _SAFE_LEAD_SECONDS)
    for lead in leads:
        folder = Path(mkdtemp(dir=out_dir))
        plan = encode.planned(
            checked, facts, outputs, materials=materials, span=replace(span, lead=lead)
        )
        write_scripts(folder, len(outputs), plan, materials)
        begin = (span.start or 0) / 1e6
        end = span.end / 1e6 if span.end is not None else facts.duration
        ffmpeg.run(
            plan.arguments,
            folder=folder,
            duration=end,
            limits=ffmpeg.Limits(time_limit_seconds, max_output_bytes),
            on_progress=_of_span(on_progress, begin, end),
            cancelled=cancelled,
        )
        found = [
            _checked(_piece(folder, number, output), facts, output, span)
            for number, output in enumerate(outputs)
        ]
        pieces = [piece for piece in found if piece is not None]
        if len(pieces) == len(outputs):
            return pieces
    raise EncoderFailed("the source has no frame where its index says there is one")


def encode_sound(
    source: str | Path,
    facts: MediaFacts,
    sounds: Sequence[AudioEncoding],
    out_dir: Path,
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
    max_output_bytes: int,
    files: Files | None = None,
) -> list[Path]:
    """Encode each of the sounds whole, from one decoding, each into a file of its own.

    `files` are those that are mixed in, as for `transcode_renditions`.
    """
    outputs = [
        Output(RenditionSpec(container="mp4", audio=sound), f"sound-{number}")
        for number, sound in enumerate(sounds)
    ]
    made = transcode_renditions(
        source,
        facts,
        outputs,
        out_dir,
        on_progress=on_progress,
        cancelled=cancelled,
        time_limit_seconds=time_limit_seconds,
        max_output_bytes=max_output_bytes,
        files=files,
    )
    return [result.entry for result in made]


def _of_span(report: Callable[[float], None], begin: float, end: float) -> Callable[[float], None]:
    """ffmpeg tells how far it is in the whole source."""

    def tell(fraction: float) -> None:
        length = end - begin
        report(min(1.0, max(0.0, (fraction * end - begin) / length)) if length > 0 else 0.0)

    return tell


def _pictures(spec: RenditionSpec) -> RenditionSpec:
    """What a piece is made of: the sound, and what is mixed into it, is another's work."""
    return spec.model_copy(update={"audio": None})


def _looks_back(facts: MediaFacts, video: VideoEncoding | None) -> bool:
    if video is None or facts.main_video is None:
        return False
    return facts.main_video.interlaced or video.fps is not None or video.max_fps is not None


def _piece(folder: Path, number: int, output: Output) -> Path:
    return folder / encode.folder_name(number) / f"{output.base_name}.{PIECE_FORMAT}"


def _checked(path: Path, facts: MediaFacts, output: Output, span: Span) -> Piece | None:
    """The piece if it begins where the span does; None if its first frames are missing."""
    if not path.is_file() or facts.main_video is None or output.spec.video is None:
        raise EncoderFailed("the encoder ended without making its output")
    frames, first = 0, Fraction(0)
    mine = Source(f"file:{path.resolve()}", remote=False, playlist=False)
    with opened(mine, Deadline(_COUNTING_SECONDS)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            at = packet.pts * (stream.time_base or Fraction(1))
            first = at if frames == 0 else min(first, at)
            frames += 1
    if frames == 0:
        raise EncoderFailed("the encoder made no frame of a part of the source")
    late = float(first) - (span.start or 0) / 1e6
    if span.start is not None and late > 1.0 / output_fps(facts.main_video, output.spec.video):
        return None
    return Piece(path, frames)
