"""Typed rendition specs and the facts of a source into one ffmpeg command with many outputs.

One decode feeds them all. No string of a user's reaches ffmpeg's options or filters: specs hold
numbers and names of ours, and what is free text goes through files.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.media import audio_filters, video_filters
from chalicelib.media.encoders import (
    Frame,
    audio_arguments,
    keyframe_arguments,
    video_arguments,
)
from chalicelib.media.errors import NoStreams, SourceUnsupported, TargetUnfit
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.muxers import Target, muxer_arguments
from chalicelib.media.source import Source, network_options
from chalicelib.media.video_filters import Scaled
from chalicelib.mediaspec.clip import clipped
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding

_DEFAULT_GOP_SECONDS = 2.0
# Reads on after a dropped connection. It soon gives up: the job is tried again, with a new URL.
_RECONNECT = {
    "reconnect": "1",
    "reconnect_on_network_error": "1",
    "reconnect_on_http_error": "5xx,429",
    "reconnect_delay_max": "2",
}


@dataclass(frozen=True)
class Output:
    """One rendition to make, and the name of its files without what follows the last dot.

    `key`: the 16 bytes that an encrypted rendition is encrypted with.
    """

    spec: RenditionSpec
    base_name: str
    key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Span:
    """A part of the source's time, seconds: for encoding a long source in pieces.

    Frames from `start` up to and without `end` are encoded, and their times begin at 0; choose
    moments between two frames, and no rounding decides.
    """

    start: float
    end: float


def command(
    source: Source,
    facts: MediaFacts,
    outputs: Sequence[Output],
    *,
    span: Span | None = None,
    picky_hls: bool = False,
    cpus: int | None = None,
) -> list[str]:
    """ffmpeg's arguments for `outputs` of one source, each into a folder "0", "1"... of its own.

    The base names are checked by the caller, who makes the folders; `picky_hls` tells that this
    ffmpeg's HLS demuxer judges segments by their extension. `span` (of the source after its clip)
    makes a piece. Raises NoStreams if a spec and the source have no kind of stream in common,
    SourceUnsupported if a stream's codec is unknown, TargetUnfit where the spec does not fit.
    """
    builder = _Builder(source, facts, outputs, span, cpus or _cpus())
    return builder.build(picky_hls=picky_hls)


def output_duration(facts: MediaFacts, spec: RenditionSpec) -> float:
    """How long the rendition lasts, in seconds. Raises TargetUnfit if its clip leaves nothing."""
    begin, end = _clipped(facts, spec)
    return end - begin


def folder_name(number: int) -> str:
    """Where the output of this number is written, below the working folder."""
    return str(number)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _clipped(facts: MediaFacts, spec: RenditionSpec) -> tuple[float, float]:
    try:
        return clipped(facts.duration, spec.clip)
    except ValueError as error:
        raise TargetUnfit(str(error)) from None


class _Builder:
    """Puts the command together; `build` may be called once."""

    def __init__(
        self,
        source: Source,
        facts: MediaFacts,
        outputs: Sequence[Output],
        span: Span | None,
        cpus: int,
    ) -> None:
        self.source, self.facts, self.outputs = source, facts, outputs
        self.span, self.cpus = span, cpus
        self.graph = Graph()
        self.larger: list[Scaled] = []

    def build(self, *, picky_hls: bool) -> list[str]:
        self._check()
        videos = self._videos()
        audios = [self._audio(output.spec) for output in self.outputs]
        wanted = [stream for stream in (*videos, *audios) if stream is not None]
        text, labels = self.graph.written(wanted)
        label = iter(labels)
        pads_v = [None if stream is None else next(label) for stream in videos]
        pads_a = [None if stream is None else next(label) for stream in audios]
        command = self._input(picky_hls=picky_hls)
        command += ["-filter_complex", text] if text else []
        for number, output in enumerate(self.outputs):
            command += self._output(number, output, pads_v[number], pads_a[number])
        return command

    def _check(self) -> None:
        for output in self.outputs:
            video = self._video_facts(output.spec)
            audio = self._has_audio(output.spec)
            if video is None and not audio:
                raise NoStreams("the source has none of the streams that are to be encoded")
            streams = [video, self.facts.main_audio if audio else None]
            if any(stream is not None and stream.codec_name == "unknown" for stream in streams):
                raise SourceUnsupported("the source's codec is not supported")

    def _video_facts(self, spec: RenditionSpec) -> VideoFacts | None:
        return self.facts.main_video if spec.video is not None else None

    def _has_audio(self, spec: RenditionSpec) -> bool:
        return spec.audio is not None and bool(self.facts.audio)

    def _input(self, *, picky_hls: bool) -> list[str]:
        options = network_options(self.source)
        if self.source.playlist:
            options |= {"f": "hls", "seg_max_retry": "3"}
            if picky_hls:
                options |= {"extension_picky": "0", "allowed_segment_extensions": "ALL"}
        elif self.source.remote:
            options |= _RECONNECT
        options["fflags"] = "+genpts"
        begin, end = self._read_span()
        if begin > 0:
            options["ss"] = f"{begin:.6f}"
        if end < self.facts.duration:
            options["t"] = f"{end - begin:.6f}"
        flat = [part for name, value in options.items() for part in (f"-{name}", value)]
        return [*flat, "-i", self.source.url]

    def _read_span(self) -> tuple[float, float]:
        """What is read of the source: all outputs of one command have the same clip."""
        begin, end = _clipped(self.facts, self.outputs[0].spec)
        if self.span is None:
            return begin, end
        return begin + self.span.start, min(end, begin + self.span.end)

    def _videos(self) -> list[Stream | None]:
        """The pictures of all outputs, made from the largest to the smallest."""
        streams: list[Stream | None] = [None] * len(self.outputs)
        encoded: list[tuple[int, VideoFacts, VideoEncoding]] = []
        for number, output in enumerate(self.outputs):
            facts, video = self._video_facts(output.spec), output.spec.video
            if facts is not None and video is not None and video.codec != "copy":
                encoded.append((number, facts, video))
        encoded.sort(key=lambda one: -math.prod(video_filters.output_size(one[1], one[2])))
        for number, facts, video in encoded:
            streams[number] = self._video(facts, video)
        return streams

    def _video(self, facts: VideoFacts, video: VideoEncoding) -> Stream:
        # V: video that is not cover art, as main_video has it.
        decoded = self.graph.input("0:V:0", "video")
        origin = video_filters.before_scaling(self.graph, decoded, facts, video)
        return video_filters.scaled(self.graph, origin, facts, video, self.larger)

    def _audio(self, spec: RenditionSpec) -> Stream | None:
        audio = spec.audio
        if audio is None or audio.codec == "copy" or not self._has_audio(spec):
            return None
        facts = audio_filters.chosen_stream(self.facts, audio)
        stream = audio_filters.prepared(self.graph, self.facts, audio)
        return audio_filters.finished(self.graph, stream, audio, facts)

    def _output(
        self, number: int, output: Output, video_pad: str | None, audio_pad: str | None
    ) -> list[str]:
        spec = output.spec
        command: list[str] = []
        facts = self._video_facts(spec)
        if facts is not None and spec.video is not None:
            command += ["-map", video_pad or "0:V:0"]
            frame = self._frame(facts, spec, spec.video)
            command += video_arguments(spec.video, frame, self._keyframes(spec, spec.video, frame))
            command += [] if spec.video.codec == "copy" else ["-fps_mode", "vfr"]
        if self._has_audio(spec) and spec.audio is not None:
            command += ["-map", audio_pad or f"0:a:{spec.audio.stream or 0}"]
            chosen = audio_filters.chosen_stream(self.facts, spec.audio)
            command += audio_arguments(spec.audio, chosen)
        command += ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"]
        command += ["-max_muxing_queue_size", "4096"]
        target = Target(folder_name(number), output.base_name)
        return command + muxer_arguments(spec, target, output_duration(self.facts, spec))

    def _frame(self, facts: VideoFacts, spec: RenditionSpec, video: VideoEncoding) -> Frame:
        width, height = video_filters.output_size(facts, video)
        return Frame(
            width=width,
            height=height,
            fps=video_filters.output_fps(facts, video),
            container=spec.container,
            fmp4=spec.container == "m3u8" and spec.segments.kind == "fmp4",
            interlaced=video_filters.keeps_fields(facts, video),
            threads=self.cpus,
        )

    def _keyframes(self, spec: RenditionSpec, video: VideoEncoding, frame: Frame) -> list[str]:
        distance = _keyframe_seconds(spec, video)
        if distance is None:
            return keyframe_arguments(video, frame, "", 0)
        start = self.span.start if self.span is not None else 0.0
        grid = _grid(spec, distance, start)
        return keyframe_arguments(video, frame, grid, distance)


def _keyframe_seconds(spec: RenditionSpec, video: VideoEncoding) -> float | None:
    """The distance of forced keyframes: at most a GOP, and one at every segment boundary."""
    gop = video.gop_seconds
    if gop is None and video.gop_frames is None:
        gop = _DEFAULT_GOP_SECONDS
    if not spec.segmented:
        return gop
    seconds = spec.segments.seconds
    return seconds if gop is None else seconds / math.ceil(seconds / gop)


def _grid(spec: RenditionSpec, distance: float, start: float) -> str:
    """A step function of the time `T` of a piece that begins at `start` of the whole."""
    time = f"(T+{start + 0.0001:.6f})"
    segments = spec.segments
    if not spec.segmented or segments.even:
        return f"floor({time}/{distance:.6f})"
    first = segments.first_count * segments.first_seconds
    regular = f"floor(max(0,{time}-{first:.6f})/{distance:.6f})"
    opening = f"floor(min({time},{first:.6f})/{segments.first_seconds:.6f})"
    return "+".join([regular, opening, *(f"gte({time},{at:.6f})" for at in segments.at)])
