"""What happens to the sound on its way to an encoder."""

from chalicelib.media.encoders import channels_of, sample_rate_of
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.inputs import Inputs
from chalicelib.media.materials import Materials
from chalicelib.mediaspec.audio import AudioEncoding, Gain, Loudness
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts

# Gaps in the source's sound become silence instead of moving what follows.
_STEADY = "aresample=async=1:first_pts=0"


def chosen_stream(facts: MediaFacts, audio: AudioEncoding) -> AudioFacts | None:
    """The source's audio stream that the rendition is made of; None: it has no sound.

    Raises TargetUnfit for a stream that the source does not have.
    """
    if not facts.audio:
        return None
    number = audio.stream or 0
    if number >= len(facts.audio):
        raise TargetUnfit(f"the source has no audio stream {number}, only {len(facts.audio)}")
    return facts.audio[number]


def prepared(graph: Graph, facts: MediaFacts, audio: AudioEncoding, file: int = 0) -> Stream:
    """The chosen stream of an input, steady in time, from its beginning on."""
    if audio.left_right is not None:
        return _left_and_right(graph, facts, audio.left_right, file)
    stream = graph.input(f"{file}:a:{audio.stream or 0}", "audio")
    return graph.derive(stream, [_STEADY])


def _left_and_right(graph: Graph, facts: MediaFacts, numbers: tuple[int, int], file: int) -> Stream:
    sides: list[Stream] = []
    for number in numbers:
        if number >= len(facts.audio):
            raise TargetUnfit(f"the source has no audio stream {number}, only {len(facts.audio)}")
        pad = graph.input(f"{file}:a:{number}", "audio")
        sides.append(graph.derive(pad, [_STEADY, "aformat=channel_layouts=mono"]))
    return graph.derive(sides, ["join=inputs=2:channel_layout=stereo"])


def mixed(
    graph: Graph,
    main: Stream,
    audio: AudioEncoding,
    inputs: Inputs,
    materials: Materials,
    number: int,
) -> Stream:
    """With other sounds under it, or other streams of the source, which is the input `number`.

    A limiter keeps the sum from clipping.
    """
    for one in audio.mixed:
        file = number
        if one.file is not None:
            material = materials.media[one.file]
            if one.stream >= len(material.facts.audio):
                raise TargetUnfit(f"a sound to mix in has no audio stream {one.stream}")
            options = ["-ss", f"{one.start:.6f}"] if one.start > 0 else []
            options += ["-t", f"{one.seconds:.6f}"] if one.seconds is not None else []
            file = inputs.add(material.source, options)
        under = graph.derive(graph.input(f"{file}:a:{one.stream}", "audio"), [_STEADY])
        duration = "longest" if one.longest else "first"
        mix = f"amix=inputs=2:duration={duration}:normalize=0:dropout_transition=0"
        main = graph.derive((main, under), [mix, "alimiter=limit=0.97:level=disabled"])
    return main


def finished(
    graph: Graph, stream: Stream, audio: AudioEncoding, facts: AudioFacts | None
) -> Stream:
    """At its volume; rate and channels are left to the encoder's own options."""
    return graph.derive(stream, _volume(audio, facts))


def _volume(audio: AudioEncoding, facts: AudioFacts | None) -> list[str]:
    volume = audio.volume
    if volume is None:
        return []
    if isinstance(volume, Gain):
        return [f"volume={volume.decibels:g}dB"]
    layout = f"channel_layouts={channels_of(audio, facts)}c"
    rate = sample_rate_of(audio, facts) or 48_000
    return [f"aformat={layout}", *_normalised(volume), f"aresample={rate}"]


def _normalised(volume: Loudness) -> list[str]:
    if volume.method == "auto":
        # Short windows: a filter that looks further ahead leaves short sounds as they are.
        return ["dynaudnorm=framelen=200:gausssize=9"]
    target = f"I={volume.target_lufs:g}:TP={volume.peak_db:g}:LRA={volume.range_lu:g}"
    return [f"loudnorm={target}"]
