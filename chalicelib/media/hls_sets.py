"""An HLS rendition of several parts: pictures, tracks of sound and subtitles, each with a playlist
of its own, under one master playlist (RFC 8216 4.3.4)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from chalicelib.media.encode import Output
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.materials import Files
from chalicelib.media.readback import RenditionResult
from chalicelib.media.subtitles import webvtt_track
from chalicelib.mediaspec.audio import AudioEncoding, AudioTrack
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.master import master_playlist, subtitle_playlist, variant
from chalicelib.mediaspec.packaging import HlsMedia, HlsPackage, HlsVariant
from chalicelib.mediaspec.rendition import RenditionSpec


def members(facts: MediaFacts, output: Output) -> list[Output]:
    """The renditions that an output consists of, that of the pictures first; mostly itself alone.

    As everywhere, a kind of stream that the source does not have is left out.
    """
    spec = output.spec
    if not spec.is_set:
        return [output]
    pictures = spec.video is not None and facts.has_video
    sounds = _sounds(facts, spec)
    apart = spec.separate or len(sounds) > 1
    made: list[tuple[str, dict[str, object]]] = []
    if pictures:
        made.append(("video", {"audio": None} if apart else {}))
    if apart or not pictures:
        made += [
            (f"audio-{number}", {"video": None, "audio": sound})
            for number, sound in enumerate(sounds, start=1)
        ]
    alone = {"separate": False, "subtitles": ()}
    return [
        replace(
            output,
            spec=spec.model_copy(update=alone | changes),
            base_name=f"{output.base_name}-{name}",
        )
        for name, changes in made
    ]


def _sounds(facts: MediaFacts, spec: RenditionSpec) -> list[AudioEncoding]:
    """The sound, or each of its tracks, as an encoding of its own."""
    audio = spec.audio
    if audio is None:
        return []
    if audio.tracks:
        return [audio.model_copy(update={"tracks": (track,)}) for track in audio.tracks]
    return [audio] if facts.audio else []


def assembled(
    output: Output, parts: Sequence[Output], made: Sequence[RenditionResult], files: Files
) -> RenditionResult:
    """The parts as one rendition: subtitles and the master playlist are written beside the first.

    Raises what subtitles raise that cannot be read.
    """
    if not output.spec.is_set:
        return made[0]
    folder = made[0].entry.parent
    duration = max(one.facts.duration for one in made)
    beside = _subtitles(output, folder, duration, files)
    package = HlsPackage(
        variants=(_variant(made),),
        audio=_audio_group(parts, made),
        subtitles=tuple(track for _, track in beside),
    )
    entry = folder / f"{output.base_name}.m3u8"
    entry.write_text(master_playlist(package), encoding="utf-8")
    written = [path for paths, _ in beside for path in paths]
    sizes = [path.stat().st_size for path in (*written, entry)]
    return RenditionResult(
        container="m3u8",
        entry=entry,
        files=(*(path for one in made for path in one.files), *written, entry),
        facts=_together([one.facts for one in made], sum(sizes), duration),
        segments=sum(one.segments for one in made),
    )


def _uri(made: RenditionResult) -> str:
    return quote(made.entry.name)


def _variant(made: Sequence[RenditionResult]) -> HlsVariant:
    first, *others = made
    sound = max(
        (one.facts for one in others), key=lambda facts: facts.bitrate_kbps or 0, default=None
    )
    return variant(_uri(first), first.facts, sound)


def _audio_group(parts: Sequence[Output], made: Sequence[RenditionResult]) -> tuple[HlsMedia, ...]:
    """The sounds that are not in the variant; a set without pictures has its first one there."""
    if len(made) == 1:
        return ()
    group = []
    for number, (part, one) in enumerate(zip(parts, made, strict=True)):
        if part.spec.video is not None or part.spec.audio is None:
            continue
        track = next(iter(part.spec.audio.tracks), AudioTrack())
        group.append(
            HlsMedia(
                uri=_uri(one),
                name=f"{track.language or 'Sound'} {number}",
                language=track.language,
                default=track.default,
                channels=one.facts.audio[0].channels if one.facts.audio else None,
            )
        )
    return tuple(group)


def _subtitles(
    output: Output, folder: Path, duration: float, files: Files
) -> list[tuple[list[Path], HlsMedia]]:
    """Each track's file and playlist, and its line of the master playlist."""
    made = []
    mpegts = output.spec.segments.kind == "mpegts"
    for number, track in enumerate(output.spec.subtitles, start=1):
        place = files.get(track.file)
        if place is None:
            raise TargetUnfit("a file that the rendition is made of is missing")
        name = f"{output.base_name}-subtitles-{number}"
        text, playlist = folder / f"{name}.vtt", folder / f"{name}.m3u8"
        text.write_text(webvtt_track(place, track.encoding, mpegts=mpegts), encoding="utf-8")
        playlist.write_text(subtitle_playlist(quote(text.name), duration), encoding="utf-8")
        line = HlsMedia(
            uri=quote(playlist.name),
            name=track.name,
            language=track.language,
            default=track.default,
        )
        made.append(([text, playlist], line))
    return made


def _together(parts: Sequence[MediaFacts], more: int, duration: float) -> MediaFacts:
    """The facts of all parts as those of one file; ``more``: bytes of what lies beside them."""
    size = more + sum(facts.size or 0 for facts in parts)
    return parts[0].model_copy(
        update={
            "duration": duration,
            "size": size,
            "bitrate_kbps": size * 8 / 1000 / duration if duration else None,
            "peak_kbps": None,
            "video": tuple(stream for facts in parts for stream in facts.video),
            "audio": tuple(stream for facts in parts for stream in facts.audio),
        }
    )
