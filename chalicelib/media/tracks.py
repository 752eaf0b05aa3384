"""Several tracks of sound in one rendition: languages, of the source and of files of their own."""

from typing import NamedTuple

from chalicelib.media.audio_filters import chosen_stream, finished, prepared
from chalicelib.media.encoders import audio_arguments
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.graph import Graph, Stream
from chalicelib.media.inputs import Inputs
from chalicelib.media.materials import Materials
from chalicelib.mediaspec.audio import AudioEncoding, AudioTrack
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts


class Opened(NamedTuple):
    """The input that is the source, and how long the pictures last (None: there are none)."""

    number: int
    seconds: float | None


def streams(
    graph: Graph,
    facts: MediaFacts,
    audio: AudioEncoding,
    inputs: Inputs,
    materials: Materials,
    opened: Opened,
) -> list[Stream]:
    """Each track on its way to the encoder; those of files end with the pictures.

    Raises TargetUnfit for a track that a file does not have.
    """
    made: list[Stream] = []
    for track in audio.tracks:
        own, heard = encoding_of(audio, track), heard_of(facts, track, materials)
        number = opened.number
        if track.file is not None:
            ending = [] if opened.seconds is None else ["-t", f"{opened.seconds:.6f}"]
            number = inputs.add(materials.media[track.file].source, ending)
        stream = prepared(graph, facts, own, number)
        made.append(finished(graph, stream, own, heard))
    return made


def arguments(facts: MediaFacts, audio: AudioEncoding, materials: Materials) -> list[str]:
    """The encoder of the sound, for each track where there are several."""
    if not audio.tracks:
        return audio_arguments(audio, chosen_stream(facts, audio))
    command: list[str] = []
    named = any(track.default for track in audio.tracks)
    for number, track in enumerate(audio.tracks):
        heard = heard_of(facts, track, materials)
        command += audio_arguments(encoding_of(audio, track), heard, f"a:{number}")
        if track.language is not None:
            command += [f"-metadata:s:a:{number}", f"language={track.language}"]
        default = track.default if named else number == 0
        command += [f"-disposition:a:{number}", "default" if default else "0"]
    return command


def encoding_of(audio: AudioEncoding, track: AudioTrack) -> AudioEncoding:
    """How the track alone is encoded."""
    update = {"tracks": (), "stream": track.stream, "channels": track.channels or audio.channels}
    return audio.model_copy(update=update)


def heard_of(facts: MediaFacts, track: AudioTrack, materials: Materials) -> AudioFacts | None:
    """What is known of the stream that the track is made of."""
    there = facts.audio if track.file is None else materials.media[track.file].facts.audio
    if track.stream >= len(there):
        where = "the source" if track.file is None else "a file"
        raise TargetUnfit(f"{where} has no audio stream {track.stream}, only {len(there)}")
    return there[track.stream]
