"""What has to be looked at before encoding: black borders, and how loud the sound is.

Each look is an ffmpeg of its own that writes measurements into a file; what is found becomes an
ordinary box to crop and an ordinary gain.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chalicelib.media import audio_filters, ffmpeg
from chalicelib.media.graph import Graph
from chalicelib.media.inputs import flat, source_options
from chalicelib.media.sections import main_span
from chalicelib.media.source import Source
from chalicelib.mediaspec.audio import AudioEncoding, Gain, Loudness
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import CropBox

# Borders that stay for so long stay for good; keyframes show enough.
_BORDER_SECONDS = 600.0
# As dark as broadcast black with its noise.
_BLACK = 24 / 255
_LEAST_SIDE = 16
_BORDERS = re.compile(r"lavfi\.cropdetect\.([whxy])=(-?\d+)")
_MEASURED = re.compile(r"lavfi\.r128\.(I|true_peak)=(-?[0-9.]+)")
# What the meter says of silence.
_SILENCE_LUFS = -69.0
_FILE = "survey.txt"


@dataclass(frozen=True)
class Look:
    """How a look runs: where it may write, within which limits, and who watches."""

    folder: Path
    limits: ffmpeg.Limits
    on_progress: Callable[[float], None]
    cancelled: Callable[[], bool]
    held: Callable[[], bool]
    binary: str
    picky_hls: bool


def needs_borders(spec: RenditionSpec) -> bool:
    return spec.video is not None and spec.video.crop == "borders"


def needs_loudness(spec: RenditionSpec) -> bool:
    volume = spec.audio.volume if spec.audio is not None else None
    return isinstance(volume, Loudness) and volume.method == "linear"


def surveyed(source: Source, facts: MediaFacts, spec: RenditionSpec, look: Look) -> RenditionSpec:
    """The rendition with what had to be measured put in. Raises what `ffmpeg.run` raises."""
    if needs_borders(spec) and spec.video is not None:
        box = _borders(source, facts, spec, look) if facts.main_video is not None else None
        spec = spec.model_copy(update={"video": spec.video.model_copy(update={"crop": box})})
    if needs_loudness(spec) and spec.audio is not None:
        gain = _gain(source, facts, spec, spec.audio, look) if facts.audio else None
        spec = spec.model_copy(update={"audio": spec.audio.model_copy(update={"volume": gain})})
    return spec


def _borders(source: Source, facts: MediaFacts, spec: RenditionSpec, look: Look) -> CropBox | None:
    begin, end = main_span(facts, spec)
    seconds = min(end - begin, _BORDER_SECONDS)
    detect = f"cropdetect=limit={_BLACK:.4f}:round=2:skip=0:reset=0"
    command = ["-skip_frame", "nokey", *_reading(source, begin, seconds, look)]
    command += ["-map", "0:V:0", "-vf", f"{detect},metadata=mode=print:file={_FILE}"]
    text = _run(command, seconds, look)
    found = {name: int(value) for name, value in _BORDERS.findall(text)}  # the last of each
    video = facts.main_video
    if video is None or len(found) < 4:
        return None
    return _as_displayed(video, found["x"], found["y"], found["w"], found["h"])


def _as_displayed(video: VideoFacts, x: int, y: int, w: int, h: int) -> CropBox | None:
    """The box in square pixels; None if nothing, or nearly everything, would be cut."""
    coded = (video.height, video.width) if video.turned else (video.width, video.height)
    shown = video.square_size
    across, down = shown[0] / coded[0], shown[1] / coded[1]
    width, height = round(w * across), round(h * down)
    if min(width, height) < _LEAST_SIDE or (w, h) == coded:
        return None
    return CropBox(width=width, height=height, left=round(x * across), top=round(y * down))


def _gain(
    source: Source, facts: MediaFacts, spec: RenditionSpec, audio: AudioEncoding, look: Look
) -> Gain | None:
    """One gain that brings the whole to the target, as far as its peaks allow."""
    volume = audio.volume
    assert isinstance(volume, Loudness)
    begin, end = main_span(facts, spec)
    graph = Graph()
    sound = audio_filters.prepared(graph, facts, audio, 0)
    # A measurement a second is enough, and a day of them stays small.
    meter = ["ebur128=peak=true:metadata=1", "aselect=not(mod(n\\,10))"]
    keys = ["I", "true_peak"]
    tell = [f"ametadata=mode=print:key=lavfi.r128.{key}:file={key}.{_FILE}" for key in keys]
    text, labels = graph.written([graph.derive(sound, [*meter, *tell])])
    command = [*_reading(source, begin, end - begin, look), "-filter_complex", text]
    told = _run([*command, "-map", *labels], end - begin, look)
    measured = {name: float(value) for name, value in _MEASURED.findall(told)}
    if measured.get("I", _SILENCE_LUFS) <= _SILENCE_LUFS:
        return None
    wanted = volume.target_lufs - measured["I"]
    room = volume.peak_db - 20 * math.log10(max(measured.get("true_peak", 1.0), 1e-6))
    # Down always goes; up only as far as there is room above the loudest sample.
    return Gain(decibels=round(max(-60.0, min(wanted, max(room, 0.0), 60.0)), 2))


def _reading(source: Source, begin: float, seconds: float, look: Look) -> list[str]:
    options = source_options(source, picky_hls=look.picky_hls)
    if begin > 0:
        options["ss"] = f"{begin:.6f}"
    options["t"] = f"{seconds:.6f}"
    return [*flat(options), "-i", source.url]


def _run(command: list[str], seconds: float, look: Look) -> str:
    """The measurements of one look."""
    ffmpeg.run(
        [*command, "-f", "null", "-"],
        folder=look.folder,
        duration=seconds,
        limits=look.limits,
        on_progress=look.on_progress,
        cancelled=look.cancelled,
        binary=look.binary,
    )
    files = sorted(look.folder.glob(f"*{_FILE}"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for path in files:
        path.unlink()
    return text
