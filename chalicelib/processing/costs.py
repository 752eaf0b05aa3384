"""What work costs on this deployment: defaults, and what finished jobs have taught since.

Costs are seconds that one worker takes for a unit of work (``planning``). A unit is a
megapixel-second for pictures ("decode/h264", "encode/h264/fast") and a second for sound
("sound/aac").
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.logs import log
from chalicelib.media.video_filters import output_fps, output_size
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing.planning import OVERHEAD_SECONDS, Costs, Load, seconds_of
from chalicelib.store import costs, database
from chalicelib.store.database import Transaction

# Measured with ffmpeg 7.0 on two cores of a cloud machine, camera-like 720p at CRF 23: the seconds
# of both cores together, halved. What was not measured follows its neighbours.
DEFAULTS: Costs = {
    "decode/h264": 0.21,
    "decode/hevc": 0.25,
    "decode/vp9": 0.2,
    "decode/av1": 0.3,
    "decode/other": 0.2,
    "encode/h264/ultrafast": 0.1,
    "encode/h264/superfast": 0.29,
    "encode/h264/veryfast": 0.33,
    "encode/h264/faster": 0.57,
    "encode/h264/fast": 0.78,
    "encode/h264/medium": 0.89,
    "encode/h264/slow": 1.9,
    "encode/h264/slower": 3.6,
    "encode/h264/veryslow": 5.9,
    "encode/h265/ultrafast": 0.6,
    "encode/h265/superfast": 1.1,
    "encode/h265/veryfast": 1.6,
    "encode/h265/faster": 1.6,
    "encode/h265/fast": 2.0,
    "encode/h265/medium": 2.5,
    "encode/h265/slow": 6.7,
    "encode/h265/slower": 13.0,
    "encode/h265/veryslow": 21.0,
    "encode/vp8/any": 1.6,
    "encode/vp9/any": 6.0,
    "encode/other/any": 1.0,
    "sound/any": 0.012,
}

# How much one job changes what is believed: enough to follow a new kind of machine within a dozen
# jobs, little enough that one odd source does not mislead.
_WEIGHT = 0.2
# A job that took very much more or less than expected says something else than the usual cost.
_MOST_SURPRISE = 4.0
# What is over in no time was mostly overhead, and teaches nothing.
_LEAST_SECONDS = 3.0
_NOMINAL_FPS = 25.0
# Narrowband encodings ask more of the encoder than their preset says.
_NARROWBAND_TIMES = 3


def current_costs(tx: Transaction) -> Costs:
    """The defaults, replaced by what has been measured here."""
    measured = {key: nanoseconds / 1e9 for key, nanoseconds in costs.all_costs(tx).items()}
    return {**DEFAULTS, **measured}


def megapixel_seconds(width: int, height: int, fps: float, seconds: float) -> float:
    """Units of work of a picture: of its size, at 25 frames a second."""
    return width * height / 1e6 * (fps or _NOMINAL_FPS) / _NOMINAL_FPS * seconds


def decoding_load(facts: MediaFacts) -> Load:
    """What decoding the main video once is, in units by cost key; nothing for sound."""
    video = facts.main_video
    if video is None:
        return {}
    key = f"decode/{video.codec_name}"
    known = key if key in DEFAULTS else "decode/other"
    return {known: megapixel_seconds(video.width, video.height, facts.fps, facts.duration)}


def picture_load(facts: MediaFacts, spec: RenditionSpec) -> Load:
    """What encoding the pictures of a rendition is, in units by cost key."""
    video, source = spec.video, facts.main_video
    if video is None or source is None or video.codec == "copy":
        return {}
    width, height = output_size(source, video)
    fps = output_fps(source, video)
    known = f"encode/{video.codec}/{video.preset}"
    if known not in DEFAULTS:
        known = f"encode/{video.codec}/any"
    key = known if known in DEFAULTS else "encode/other/any"
    times = 2 if video.rate_mode == "two_pass" else 1
    if video.narrowband:
        times *= _NARROWBAND_TIMES
    return {key: times * megapixel_seconds(width, height, fps, facts.duration)}


def rendition_load(facts: MediaFacts, spec: RenditionSpec) -> Load:
    """What a rendition is, pictures and sound."""
    load = dict(picture_load(facts, spec))
    if spec.audio is not None and spec.audio.codec != "copy" and facts.main_audio is not None:
        load["sound/any"] = facts.duration
    return load


def learn(loads: Sequence[Load], seconds: float) -> None:
    """A run with these loads has taken so long: move every cost involved towards what it says.

    Of a run of several renditions only the sum is known, so all of its costs move by one ratio.
    """
    if seconds < _LEAST_SECONDS:
        return

    def write(tx: Transaction) -> None:
        known = current_costs(tx)
        moved = learned(known, loads, seconds)
        for key, cost in moved.items():
            costs.put(tx, key, round(cost * 1e9), datetime.now(UTC))

    try:
        database.run(write)
    except Exception:
        # Lost knowledge, not lost work: the job that taught it must not fail for it.
        log.exception("a measured cost could not be stored")


def learned(known: Costs, loads: Sequence[Load], seconds: float) -> dict[str, float]:
    """The costs of the keys in ``loads`` after a run of ``seconds`` (pure; exponential mean)."""
    expected = sum(seconds_of(load, known) for load in loads)
    if expected <= 0:
        return {}
    ratio = max(0.0, seconds - OVERHEAD_SECONDS) / expected
    ratio = min(_MOST_SURPRISE, max(1 / _MOST_SURPRISE, ratio))
    factor = 1 - _WEIGHT + _WEIGHT * ratio
    keys = {key for load in loads for key in load}
    return {key: seconds_of({key: 1.0}, known) * factor for key in keys}
