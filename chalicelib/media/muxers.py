"""Containers: the arguments at the end of an output, and which files come of it.

Every output has a folder of its own, in which its names cannot meet another's.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from chalicelib.media.errors import TargetUnfit
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec

KEY_INFO = "key.info"
_MOST_CHOSEN_CUTS = 4000
# A fraction of a frame: a keyframe that comes a rounding early still begins the segment.
_EARLY_SECONDS = 0.001


@dataclass(frozen=True)
class Target:
    """One output's place: its folder below the working folder, and its base name."""

    folder: str
    base_name: str

    def path(self, name: str) -> str:
        return f"{self.folder}/{self.base_name}{name}"


def muxer_arguments(
    spec: RenditionSpec, target: Target, duration: float, *, growing: bool = False
) -> list[str]:
    """The container's options and the name of the output; `duration` of the output in seconds."""
    if spec.container == "m3u8":
        return _hls(spec, target, duration, growing=growing)
    if spec.container == "mpd":
        return _dash(spec, target)
    options = _OPTIONS[spec.container]
    if spec.tags == "kept" and options[0] == "-movflags":
        options = [options[0], f"{options[1]}+use_metadata_tags", *options[2:]]
    return [*options, f"file:{target.path('.' + spec.extension)}"]


_OPTIONS = {
    "mp4": ["-movflags", "+faststart", "-f", "mp4"],
    "fmp4": ["-movflags", "+frag_keyframe+delay_moov+default_base_moof", "-f", "mp4"],
    "m4a": ["-movflags", "+faststart", "-f", "ipod"],
    "ts": ["-f", "mpegts"],
    "flv": ["-flvflags", "+add_keyframe_index", "-f", "flv"],
    "webm": ["-cues_to_front", "1", "-f", "webm"],
    "mp3": ["-write_xing", "1", "-f", "mp3"],
    "aac": ["-f", "adts"],
    "ogg": ["-f", "ogg"],
    "flac": ["-f", "flac"],
    "gif": ["-loop", "0", "-f", "gif"],
    "webp": ["-loop", "0", "-f", "webp"],
}


PIECE_FORMAT = "nut"
"""What pieces of a long source are until they are joined: exact times in any unit, no index."""


def piece_arguments(target: Target) -> list[str]:
    """As `muxer_arguments`, of a piece: its time stamps stay what they are in the whole."""
    path = target.path(f".{PIECE_FORMAT}")
    return ["-avoid_negative_ts", "disabled", "-f", PIECE_FORMAT, f"file:{path}"]


def _hls(spec: RenditionSpec, target: Target, duration: float, *, growing: bool) -> list[str]:
    fmp4 = spec.segments.kind == "fmp4"
    segment = target.path("-%05d." + ("m4s" if fmp4 else "ts"))
    if not spec.segments.even:
        return _chosen_cuts(spec.segments, target, segment, duration)
    command = ["-f", "hls", "-hls_time", f"{spec.segments.seconds:g}"]
    command += [
        "-hls_playlist_type",
        "event" if growing else "vod",
        "-hls_flags",
        "independent_segments+temp_file",
    ]
    command += ["-start_number", "1", "-hls_segment_type", spec.segments.kind]
    if fmp4:
        command += ["-hls_fmp4_init_filename", f"{target.base_name}-init.mp4"]
    if spec.encryption is not None:
        command += ["-hls_key_info_file", f"{target.folder}/{KEY_INFO}"]
    return [*command, "-hls_segment_filename", segment, target.path(".m3u8")]


def _chosen_cuts(segments: Segments, target: Target, segment: str, duration: float) -> list[str]:
    """The HLS muxer knows one length only; this one takes a list of moments."""
    if segments.kind == "fmp4":
        raise TargetUnfit("segments of chosen lengths are MPEG-TS")
    cuts = cut_moments(segments, duration)
    if len(cuts) > _MOST_CHOSEN_CUTS:
        raise TargetUnfit(f"more than {_MOST_CHOSEN_CUTS} segments of chosen lengths")
    times = ",".join(f"{cut - _EARLY_SECONDS:.3f}" for cut in cuts) or f"{duration + 60:.3f}"
    command = ["-f", "segment", "-segment_format", "mpegts", "-segment_times", times]
    command += ["-segment_start_number", "1", "-segment_list_type", "m3u8"]
    return [*command, "-segment_list", target.path(".m3u8"), segment]


def cut_moments(segments: Segments, duration: float) -> list[float]:
    """Where segments begin, in seconds from the beginning, that one excepted."""
    first = [n * segments.first_seconds for n in range(1, segments.first_count + 1)]
    base = segments.first_count * segments.first_seconds
    count = int((duration - base) / segments.seconds) if duration > base else 0
    regular = [base + n * segments.seconds for n in range(1, count + 1)]
    return sorted({round(at, 3) for at in (*first, *regular, *segments.at) if at < duration})


def _dash(spec: RenditionSpec, target: Target) -> list[str]:
    name = target.base_name
    sets = [kind for kind, stream in (("v", spec.video), ("a", spec.audio)) if stream]
    tracks = len(spec.audio.tracks) if spec.audio is not None else 0
    if tracks > 1:  # each track is a set of its own: players choose among sets
        first = 1 if spec.video is not None else 0
        sets = [str(number) for number in range(first + tracks)]
    adaptation = " ".join(f"id={number},streams={kind}" for number, kind in enumerate(sets))
    return [
        *("-f", "dash", "-seg_duration", f"{spec.segments.seconds:g}"),
        *("-use_template", "1", "-use_timeline", "1", "-adaptation_sets", adaptation),
        *("-init_seg_name", f"{name}-init-$RepresentationID$.m4s"),
        *("-media_seg_name", f"{name}-$RepresentationID$-$Number%05d$.m4s"),
        target.path(".mpd"),
    ]


_PART = re.compile(r"-(?:init(?:-\d+)?\.(?:mp4|m4s)|(?:\d+-)?\d{5,}\.(?:ts|m4s))")


def is_segment(name: str, base_name: str) -> bool:
    """Whether a file of the output is one of the pieces that its manifest names."""
    return name.startswith(base_name) and bool(_PART.fullmatch(name[len(base_name) :]))


def finished_segments(folder: Path, base_name: str) -> list[Path]:
    """The pieces that are complete: those being written have other names until they are.

    In the order of their names, initialisation first.
    """
    found = [path for path in folder.iterdir() if is_segment(path.name, base_name)]
    return sorted(found, key=lambda path: ("-init" not in path.name, path.name))
