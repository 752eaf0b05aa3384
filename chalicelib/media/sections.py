"""Joining other sources before and after the main one, and cutting what is joined.

Every section is brought to the output's size and rate and made to last a whole number of frames,
its sound as long as its picture, so that nothing drifts apart however many sections there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.media.encoders import pixel_format
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.inputs import Inputs
from chalicelib.media.materials import Material, Materials
from chalicelib.mediaspec.clip import Clip, Part, clipped
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.video import VideoEncoding

_SILENCE_RATE = 48_000
# A picture that ends before its sound stands still for at most so long.
_STANDSTILL_SECONDS = 3600
_SLACK_SECONDS = 1.0


@dataclass(frozen=True)
class Section:
    """A stretch of the main source (`part` None) from `start`, or a part. Lengths in seconds."""

    seconds: float
    start: float = 0.0
    part: Part | None = None


@dataclass(frozen=True)
class Canvas:
    """What all pictures of an output have in common, once they are joined."""

    width: int
    height: int
    fps: float

    def frames(self, seconds: float) -> int:
        return max(1, round(seconds * self.fps))


def is_joined(spec: RenditionSpec) -> bool:
    return bool(spec.before or spec.after) or (spec.clip is not None and spec.clip.joined)


def main_span(facts: MediaFacts, spec: RenditionSpec) -> tuple[float, float]:
    """What of the main source goes in, in seconds. Raises TargetUnfit for nothing."""
    clip = None if spec.clip is not None and spec.clip.joined else spec.clip
    return _span(facts.duration, clip)


def output_duration(facts: MediaFacts, spec: RenditionSpec, materials: Materials) -> float:
    """How long the rendition lasts, in seconds. Raises TargetUnfit for nothing."""
    if not is_joined(spec):
        begin, end = main_span(facts, spec)
        return end - begin
    total = sum(section.seconds for section in sections(facts, spec, materials))
    if spec.clip is not None and spec.clip.joined:
        begin, end = _span(total, spec.clip)
        return end - begin
    return total


def sections(facts: MediaFacts, spec: RenditionSpec, materials: Materials) -> list[Section]:
    """The stretches of the output in their order: an opening may come into the main source."""
    begin, end = main_span(facts, spec)
    if end == facts.duration and spec.video is not None:
        end = max(begin, _shown(facts))
    length, done = end - begin, 0.0
    planned: list[Section] = []
    for part in spec.before:
        at = min(max(part.delay, done), length)
        if at > done:
            planned.append(Section(at - done, done))
            done = at
        planned.append(_of_part(part, materials))
    if length > done:
        planned.append(Section(length - done, done))
    return planned + [_of_part(part, materials) for part in spec.after]


def _of_part(part: Part, materials: Materials) -> Section:
    facts = materials.media[part.file].facts
    begin, end = _span(_shown(facts), Clip(start=part.start, seconds=part.seconds))
    return Section(end - begin, part=part)


def _shown(facts: MediaFacts) -> float:
    """How long there is a picture: the sound is often a little longer."""
    picture = facts.main_video.duration if facts.main_video is not None else None
    if picture is not None and abs(picture - facts.duration) < _SLACK_SECONDS:
        return picture
    return facts.duration


def _span(duration: float, clip: Clip | None) -> tuple[float, float]:
    try:
        return clipped(duration, clip)
    except ValueError as error:
        raise TargetUnfit(str(error)) from None


@dataclass
class Joiner:
    """Joins the streams of one output; the main source's are given, the parts' are opened."""

    graph: Graph
    inputs: Inputs
    materials: Materials
    facts: MediaFacts
    spec: RenditionSpec

    def video(self, main: Stream, video: VideoEncoding, canvas: Canvas) -> Stream:
        planned = sections(self.facts, self.spec, self.materials)
        made: Stream | None = None
        so_far = 0
        for section in planned:
            stream = self._picture(section, main, video, canvas)
            fade = section.part.fade_seconds if section.part is not None else 0.0
            frames = canvas.frames(section.seconds)
            if made is None:
                made = stream
            elif fade > 0:
                made = self._faded(made, stream, so_far, min(fade, section.seconds), canvas)
            else:
                made = self.graph.derive((made, stream), ["concat=n=2:v=1:a=0"])
            so_far += frames
        assert made is not None
        # The rate told again: without it, the last frame of a file would last no time.
        ending = [*self._cut("trim", "setpts", so_far / canvas.fps), f"fps={canvas.fps:g}"]
        return self.graph.derive(made, ending)

    def audio(self, main: Stream | None, canvas: Canvas | None) -> Stream:
        planned = sections(self.facts, self.spec, self.materials)
        streams: list[Stream] = []
        total = 0.0
        for section in planned:
            exact = section.seconds
            if canvas is not None:
                exact = canvas.frames(section.seconds) / canvas.fps
            streams.append(self._sound(section, main, exact))
            total += exact
        joined = streams[0]
        if len(streams) > 1:
            joined = self.graph.derive(streams, [f"concat=n={len(streams)}:v=0:a=1"])
        return self.graph.derive(joined, self._cut("atrim", "asetpts", total))

    def _cut(self, trim: str, reset: str, total: float) -> list[str]:
        clip = self.spec.clip
        if clip is None or not clip.joined:
            return []
        begin, end = _span(total, clip)
        return [f"{trim}=start={begin:.6f}:end={end:.6f}", f"{reset}=PTS-STARTPTS"]

    def _picture(
        self, section: Section, main: Stream, video: VideoEncoding, canvas: Canvas
    ) -> Stream:
        stream = main
        if section.part is None:
            if section.start > 0:
                start = f"trim=start={section.start:.6f}"
                stream = self.graph.derive(stream, [start, "setpts=PTS-STARTPTS"])
        else:
            stream = self._part_picture(section, section.part, video, canvas)
        return self.graph.derive(stream, _lasting(canvas, section.seconds))

    def _part_picture(
        self, section: Section, part: Part, video: VideoEncoding, canvas: Canvas
    ) -> Stream:
        material = self.materials.media[part.file]
        facts = material.facts.main_video
        colour = f"0x{part.background[1:]}"
        if facts is None:
            size = f"{canvas.width}x{canvas.height}"
            source = f"color=c={colour}:s={size}:r={canvas.fps:g}:d={section.seconds:.3f}"
            return self.graph.source([source, *_uniform(video)], "video")
        number = self._number(material, part)
        width, height = _part_size(facts, part, canvas)
        filters = ["bwdif=mode=send_frame:deint=interlaced"] if facts.interlaced else []
        filters += [f"scale={width}:{height}:flags=bicubic:out_range=tv", "setsar=1"]
        filters += [f"pad={canvas.width}:{canvas.height}:(ow-iw)/2:(oh-ih)/2:color={colour}"]
        pad = self.graph.input(f"{number}:V:0", "video")
        return self.graph.derive(pad, [*filters, *_uniform(video)])

    def _sound(self, section: Section, main: Stream | None, seconds: float) -> Stream:
        common = [f"aformat=sample_fmts=fltp:sample_rates={_SILENCE_RATE}:channel_layouts=stereo"]
        lasting = [f"apad=whole_dur={seconds:.6f}", f"atrim=end={seconds:.6f}"]
        part = section.part
        if part is None and main is not None:
            start = [f"atrim=start={section.start:.6f}", "asetpts=PTS-STARTPTS"]
            filters = start if section.start > 0 else []
            return self.graph.derive(main, [*filters, *common, *lasting])
        material = self.materials.media[part.file] if part is not None else None
        if part is None or material is None or not part.sound or not material.facts.audio:
            silence = f"anullsrc=r={_SILENCE_RATE}:cl=stereo"
            return self.graph.source([silence, *common, *lasting[1:]], "audio")
        pad = self.graph.input(f"{self._number(material, part)}:a:0", "audio")
        return self.graph.derive(pad, ["aresample=async=1:first_pts=0", *common, *lasting])

    def _number(self, material: Material, part: Part) -> int:
        options = ["-ss", f"{part.start:.6f}"] if part.start > 0 else []
        options += ["-t", f"{part.seconds:.6f}"] if part.seconds is not None else []
        return self.inputs.add(material.source, options)

    def _faded(
        self, before: Stream, after: Stream, frames: int, fade: float, canvas: Canvas
    ) -> Stream:
        """The last picture stays and fades into the next section, which plays meanwhile."""
        # The filter wants to be told of a constant rate, which concat does not tell.
        steady = [f"fps={canvas.fps:g}", "settb=AVTB"]
        held = f"tpad=stop_mode=clone:stop_duration={fade:.6f}"
        standing = self.graph.derive(before, [*steady, held])
        following = self.graph.derive(after, steady)
        offset = frames / canvas.fps
        crossing = f"xfade=transition=fade:duration={fade:.6f}:offset={offset:.6f}"
        return self.graph.derive((standing, following), [crossing])


def _uniform(video: VideoEncoding) -> list[str]:
    wanted = pixel_format(video)
    return [f"format={wanted}"] if wanted else []


def _lasting(canvas: Canvas, seconds: float) -> Sequence[str]:
    """At the common rate, for exactly so many frames, whatever the stream's own length."""
    return (
        f"fps={canvas.fps:g}",
        f"tpad=stop_mode=clone:stop_duration={_STANDSTILL_SECONDS}",
        f"trim=end_frame={canvas.frames(seconds)}",
        "setpts=PTS-STARTPTS",
    )


def _part_size(facts: VideoFacts, part: Part, canvas: Canvas) -> tuple[int, int]:
    """A part's size on the canvas: even, within it, in its own shape where nothing else is said."""
    own = facts.square_size
    fit = min(canvas.width / own[0], canvas.height / own[1])
    if part.width == "fit" or part.height == "fit":
        return _even(own[0] * fit), _even(own[1] * fit)
    if part.width is None and part.height is None:
        return _even(own[0] * min(1.0, fit)), _even(own[1] * min(1.0, fit))
    width = canvas.width if part.width == "full" else part.width
    height = canvas.height if part.height == "full" else part.height
    if width is None:
        width = round(own[0] * (height or 0) / own[1])
    if height is None:
        height = round(own[1] * width / own[0])
    return _even(min(width, canvas.width)), _even(min(height, canvas.height))


def _even(side: float) -> int:
    return max(2, int(side) // 2 * 2)
