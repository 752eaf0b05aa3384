"""Typed rendition specs and the facts of a source into one ffmpeg command with many outputs.

One decode feeds them all. No string of a user's reaches ffmpeg's options or filters: specs hold
numbers and names of ours, and what is free text goes through files.
"""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.media import audio_filters, copying, keyframe_times, tracks, video_filters
from chalicelib.media.capabilities import require
from chalicelib.media.encoders import (
    Frame,
    Pass,
    forced_by,
    keyframe_arguments,
    video_arguments,
)
from chalicelib.media.errors import NoStreams, SourceUnsupported
from chalicelib.media.ffmpeg import ffmpeg_binary
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.inputs import Inputs, flat, source_options
from chalicelib.media.materials import Materials
from chalicelib.media.muxers import PIECE_FORMAT, Target, muxer_arguments, piece_arguments
from chalicelib.media.overlay import Overlay
from chalicelib.media.sections import Canvas, Joiner, is_joined, main_span, output_duration
from chalicelib.media.source import Source
from chalicelib.media.tracks import Opened
from chalicelib.media.video_filters import Scaled
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding

# What ffmpeg subtracts when it seeks in a source with B-frames (3/23 s), and a little more.
_SEEK_MARGIN_SECONDS = 0.14


@dataclass(frozen=True)
class Output:
    """One rendition to make, and the name of its files without what follows the last dot.

    `key`: the 16 bytes that an encrypted rendition is encrypted with. `growing`: its HLS playlist
    is written with every segment, for players that begin before the end.
    """

    spec: RenditionSpec
    base_name: str
    key: bytes | None = field(default=None, repr=False)
    growing: bool = False


@dataclass(frozen=True)
class Span:
    """A part of a source's pictures, for encoding a long source in pieces.

    In whole microseconds from the source's beginning: a frame at `start` is inside, one at `end` is
    not, so that spans which share a cut share no frame. `start` None: from the very first frame;
    `end` None: to the very last. `start` is a keyframe's; `lead` seconds of what precedes it are
    decoded as well, for filters that look back.
    """

    start: int | None
    end: int | None
    lead: float = 0.0


@dataclass(frozen=True)
class Command:
    """ffmpeg's arguments, and the text files that it reads: paths in the working folder."""

    arguments: list[str]
    scripts: Mapping[str, str]


def check(facts: MediaFacts, spec: RenditionSpec) -> None:
    """Whether the rendition can be made of this source as far as can be told without any work.

    Raises what `planned` raises, and EncoderMissing. The other files that the spec names are not
    looked at.
    """
    require([spec], ffmpeg_binary())
    video = spec.video
    if video is not None:
        video = video.model_copy(update={"watermarks": (), "subtitles": ()})
    audio = spec.audio
    if audio is not None:
        own = tuple(track for track in audio.tracks if track.file is None)
        audio = audio.model_copy(update={"mixed": (), "tracks": own})
    alone = {"video": video, "audio": audio, "before": (), "after": ()}
    output = Output(spec.model_copy(update=alone), "check")
    planned(Source("file:", remote=False, playlist=False), facts, [output])


def planned(
    source: Source,
    facts: MediaFacts,
    outputs: Sequence[Output],
    *,
    materials: Materials | None = None,
    span: Span | None = None,
    first_pass: bool = False,
    picky_hls: bool = False,
    cpus: int | None = None,
) -> Command:
    """One ffmpeg for `outputs` of one source, each into a folder "0", "1"... of its own.

    The base names are checked by the caller, who makes the folders, writes the scripts and links
    the fonts to "fonts"; `materials` are the other files that the specs name. `picky_hls` tells
    that this ffmpeg's HLS demuxer judges segments by their extension. `span` makes a piece: it has
    pictures only, in a container of its own whose time stamps are those of the whole.
    `first_pass` looks at the pictures of what is encoded in two passes and makes nothing.

    Raises NoStreams if a spec and the source have no kind of stream in common, SourceUnsupported if
    a stream's codec is unknown, TargetUnfit where the spec does not fit.
    """
    builder = _Builder(
        source,
        facts,
        outputs,
        materials or Materials(),
        span,
        first_pass,
        picky_hls,
        cpus or _cpus(),
    )
    return builder.build()


def has_two_passes(facts: MediaFacts, spec: RenditionSpec) -> bool:
    video = spec.video
    return facts.has_video and video is not None and video.rate_mode == "two_pass"


def folder_name(number: int) -> str:
    """Where the output of this number is written, below the working folder."""
    return str(number)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Builder:
    """Puts the command together; `build` may be called once."""

    def __init__(
        self,
        source: Source,
        facts: MediaFacts,
        outputs: Sequence[Output],
        materials: Materials,
        span: Span | None,
        first_pass: bool,
        picky_hls: bool,
        cpus: int,
    ) -> None:
        self.source, self.facts, self.outputs = source, facts, outputs
        self.materials, self.span, self.cpus = materials, span, cpus
        self.first_pass = first_pass
        self.graph = Graph()
        self.inputs = Inputs(picky_hls)
        begin = 0.0 if span is None else max(0.0, (span.start or 0) / 1e6 - span.lead)
        self.overlay = Overlay(self.graph, self.inputs, materials, begin)
        self.larger: list[Scaled] = []
        # Where the clips of outputs differ, the source is opened for each: what is left out is
        # not even read.
        self.first = self._clip_options(outputs[0].spec)

    def build(self) -> Command:
        self._check()
        videos = self._videos()
        audios = [self._audios(output.spec) for output in self.outputs]
        wanted = [stream for stream in videos if stream is not None]
        wanted += [stream for streams in audios for stream in streams]
        text, labels = self.graph.written(wanted)
        label = iter(labels)
        pads_v = [None if stream is None else next(label) for stream in videos]
        pads_a = [[next(label) for _ in streams] for streams in audios]
        command = self._input() + self.inputs.arguments()
        command += ["-filter_complex", text] if text else []
        for number, output in enumerate(self.outputs):
            command += self._output(number, output, pads_v[number], pads_a[number])
        return Command(command, self.overlay.scripts)

    def _check(self) -> None:
        for output in [] if self.first_pass else self.outputs:
            video = self._video_facts(output.spec)
            audio = self._has_audio(output.spec)
            if video is None and not audio:
                raise NoStreams("the source has none of the streams that are to be encoded")
            streams = [video, self.facts.main_audio if audio else None]
            if any(stream is not None and stream.codec_name == "unknown" for stream in streams):
                raise SourceUnsupported("the source's codec is not supported")
            copying.check(self.facts, output.spec)

    def _video_facts(self, spec: RenditionSpec) -> VideoFacts | None:
        if spec.video is None or (self.first_pass and not has_two_passes(self.facts, spec)):
            return None
        return self.facts.main_video

    def _has_audio(self, spec: RenditionSpec) -> bool:
        if spec.audio is None or self.span is not None or self.first_pass:
            return False
        named = [part.file for part in (*spec.before, *spec.after)]
        named += [track.file for track in spec.audio.tracks if track.file]
        parts = [self.materials.media[file] for file in named]
        return bool(self.facts.audio) or any(part.facts.audio for part in parts)

    def _input(self) -> list[str]:
        options = source_options(self.source, picky_hls=self.inputs.picky_hls)
        options["fflags"] = "+genpts"
        reading = self.first if self.span is None else _seek(self.span)
        return [*flat(options), *reading, "-i", self.source.url]

    def _clip_options(self, spec: RenditionSpec) -> list[str]:
        begin, end = main_span(self.facts, spec)
        options = ["-ss", f"{begin:.6f}"] if begin > 0 else []
        return options + (["-t", f"{end - begin:.6f}"] if end < self.facts.duration else [])

    def _number(self, spec: RenditionSpec) -> int:
        """The input that the output is made of."""
        options = self._clip_options(spec)
        if options == self.first or self.span is not None:
            return 0
        return self.inputs.add(self.source, ["-fflags", "+genpts", *options])

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
            streams[number] = self._video(number, facts, video)
        return streams

    def _video(self, number: int, facts: VideoFacts, video: VideoEncoding) -> Stream:
        spec, folder = self.outputs[number].spec, folder_name(number)
        size = video_filters.output_size(facts, video)
        # V: video that is not cover art, as main_video has it.
        decoded = self.graph.input(f"{self._number(spec)}:V:0", "video")
        origin = video_filters.before_scaling(self.graph, decoded, facts, video)
        stream = video_filters.scaled(self.graph, origin, facts, video, self.larger)
        begin, _ = main_span(self.facts, spec)
        stream = self.overlay.subtitles(stream, video, size, folder, begin)
        if is_joined(spec):
            stream = self._joiner(spec).video(stream, video, _canvas(facts, video))
        unscaled = video_filters.unscaled_size(facts, video)
        stream = self.overlay.watermarks(stream, video, size, unscaled, folder)
        if video.codec == "gif":
            pictures = video_filters.output_fps(facts, video) * self._duration(spec)
            stream = video_filters.with_palette(self.graph, stream, pictures * math.prod(size))
        return stream if self.span is None else self.graph.derive(stream, _trim(self.span))

    def _duration(self, spec: RenditionSpec) -> float:
        return output_duration(self.facts, spec, self.materials)

    def _joiner(self, spec: RenditionSpec) -> Joiner:
        return Joiner(self.graph, self.inputs, self.materials, self.facts, spec)

    def _audios(self, spec: RenditionSpec) -> list[Stream]:
        """The sound to encode: one stream, several tracks, or nothing."""
        if spec.audio is None or not spec.audio.tracks or not self._has_audio(spec):
            stream = self._audio(spec)
            return [] if stream is None else [stream]
        length = self._duration(spec) if self._video_facts(spec) is not None else None
        opened = Opened(self._number(spec), length)
        return tracks.streams(
            self.graph, self.facts, spec.audio, self.inputs, self.materials, opened
        )

    def _audio(self, spec: RenditionSpec) -> Stream | None:
        audio = spec.audio
        if audio is None or audio.codec == "copy" or not self._has_audio(spec):
            return None
        facts = audio_filters.chosen_stream(self.facts, audio)
        stream: Stream | None = None
        if facts is not None:
            stream = audio_filters.prepared(self.graph, self.facts, audio, self._number(spec))
        if is_joined(spec):
            video = self._video_facts(spec)
            canvas = _canvas(video, spec.video) if video and spec.video else None
            stream = self._joiner(spec).audio(stream, canvas)
        if stream is None:
            return None
        stream = audio_filters.mixed(
            self.graph, stream, audio, self.inputs, self.materials, self._number(spec)
        )
        return audio_filters.finished(self.graph, stream, audio, facts)

    def _output(
        self, number: int, output: Output, video_pad: str | None, audio_pads: Sequence[str]
    ) -> list[str]:
        spec = output.spec
        command: list[str] = []
        facts = self._video_facts(spec)
        if self.first_pass and facts is None:
            return []
        if facts is not None and spec.video is not None:
            command += ["-map", video_pad or "0:V:0"]
            frame = self._frame(number, facts, spec, spec.video)
            command += video_arguments(spec.video, frame, self._keyframes(spec, spec.video, frame))
            copied = spec.video.codec == "copy"
            command += copying.video_tag(facts, spec) if copied else ["-fps_mode", "vfr"]
        if self._has_audio(spec) and spec.audio is not None:
            for pad in audio_pads or [copying.audio_map(spec.audio)]:
                command += ["-map", pad]
            command += tracks.arguments(self.facts, spec.audio, self.materials)
        command += [*copying.tags(spec), "-map_chapters", "-1", "-sn", "-dn"]
        command += ["-max_muxing_queue_size", "4096"]
        target = Target(folder_name(number), output.base_name)
        if self.first_pass:
            return [*command, "-f", "null", "-"]
        if self.span is not None:
            return [*command, *piece_arguments(target)]
        duration = self._duration(spec)
        return command + muxer_arguments(spec, target, duration, growing=output.growing)

    def _frame(
        self, number: int, facts: VideoFacts, spec: RenditionSpec, video: VideoEncoding
    ) -> Frame:
        run: Pass | None = None
        if has_two_passes(self.facts, spec) and self.span is None:
            run = Pass(1 if self.first_pass else 2, f"pass-{number}")
        width, height = video_filters.output_size(facts, video)
        return Frame(
            width=width,
            height=height,
            fps=video_filters.output_fps(facts, video),
            container=spec.container if self.span is None else PIECE_FORMAT,
            fmp4=self.span is None and spec.container == "m3u8" and spec.segments.kind == "fmp4",
            interlaced=video_filters.keeps_fields(facts, video),
            threads=self.cpus,
            run=run,
        )

    def _keyframes(self, spec: RenditionSpec, video: VideoEncoding, frame: Frame) -> list[str]:
        distance = keyframe_times.distance(spec, video)
        if distance is None:
            return keyframe_arguments(video, frame, "", 0)
        if self.span is None:
            forced = forced_by(keyframe_times.grid(spec, distance))
        else:
            begin, end = self.span.start or 0, self.span.end
            last = self.facts.duration if end is None else end / 1e6
            forced = keyframe_times.moments(begin / 1e6, last, distance)
        return keyframe_arguments(video, frame, forced, distance)


def _canvas(facts: VideoFacts, video: VideoEncoding) -> Canvas:
    size = video_filters.output_size(facts, video)
    return Canvas(*size, video_filters.output_fps(facts, video))


def _seek(span: Span) -> list[str]:
    """Read from a keyframe on, with time stamps that are the same whatever the span."""
    command = ["-copyts", "-start_at_zero"]
    if span.start is None:
        return command
    # ffmpeg looks for the keyframe a little before what it is told, to be safe with B-frames.
    moment = span.start / 1e6 + (-span.lead if span.lead else _SEEK_MARGIN_SECONDS)
    return [*command, "-noaccurate_seek", "-ss", f"{max(0.0, moment):.6f}"]


def _trim(span: Span) -> list[str]:
    """Behind all other filters: what a rate or a field filter makes is cut where all agree."""
    bounds = [("start", span.start), ("end", span.end)]
    named = [f"{name}={at / 1e6:.6f}" for name, at in bounds if at is not None]
    return [f"trim={':'.join(named)}"] if named else []
