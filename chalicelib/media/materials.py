"""The other files of renditions, opened and known: watermarks, parts, sounds, subtitles.

They are as hostile as the main source and are checked as it is. A spec calls them by names; `files`
tells where each lies now.
"""

import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from chalicelib.media.errors import MediaError, SourceBad, SourceUnreachable, TargetUnfit
from chalicelib.media.fonts import font_folder
from chalicelib.media.probe import probe
from chalicelib.media.source import Deadline, Source, check_source, opened
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.files import FileRef
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.subtitle_text import MAX_SUBTITLE_BYTES, SubtitlesInvalid, decoded
from chalicelib.mediaspec.subtitles import Encoding
from chalicelib.mediaspec.watermark import ImageWatermark, TextWatermark

Files = Mapping[FileRef, str | Path]

_SECONDS = 30.0


@dataclass(frozen=True)
class Material:
    """Another medium: a part, or a sound to mix in."""

    source: Source
    facts: MediaFacts


@dataclass(frozen=True)
class PictureFile:
    """A watermark's picture, its size in pixels; `animated`: it has more than one frame.

    `period`: the seconds after which it repeats, where that was asked for and can be told exactly.
    """

    source: Source
    size: tuple[int, int]
    animated: bool
    period: Fraction | None = None


@dataclass(frozen=True)
class Materials:
    """Everything that the specs name, by the names they use."""

    media: Mapping[FileRef, Material] = field(default_factory=dict)
    pictures: Mapping[FileRef, PictureFile] = field(default_factory=dict)
    subtitles: Mapping[tuple[FileRef, Encoding], str] = field(default_factory=dict)
    fonts: Path | None = None


def gathered(specs: Iterable[RenditionSpec], files: Files, *, periods: bool = False) -> Materials:
    """Open whatever the specs name. Raises TargetUnfit for a name that `files` does not know.

    `periods`: animations are read to their end, to know when they repeat. Any other MediaError is
    that of a file, and its message tells which kind of file.
    """
    media: dict[FileRef, Material] = {}
    pictures: dict[FileRef, PictureFile] = {}
    subtitles: dict[tuple[FileRef, Encoding], str] = {}
    texts = False
    for spec in specs:
        for ref in _media_of(spec):
            if ref not in media:
                media[ref] = _medium(_place(files, ref))
        if spec.video is None:
            continue
        for mark in spec.video.watermarks:
            texts = texts or isinstance(mark, TextWatermark)
            if isinstance(mark, ImageWatermark) and mark.file not in pictures:
                pictures[mark.file] = _picture(_place(files, mark.file), periods=periods)
        for burned in spec.video.subtitles:
            texts = True
            subtitles[burned.file, burned.encoding] = subtitle_text(
                _place(files, burned.file), burned.encoding
            )
    return Materials(media, pictures, subtitles, font_folder() if texts else None)


def _media_of(spec: RenditionSpec) -> list[FileRef]:
    named: list[FileRef] = []
    if spec.audio is not None:
        named += [one.file for one in spec.audio.mixed if one.file is not None]
        named += [one.file for one in spec.audio.tracks if one.file is not None]
    return [*(part.file for part in (*spec.before, *spec.after)), *named]


def _place(files: Files, ref: FileRef) -> str | Path:
    place = files.get(ref)
    if place is None:
        raise TargetUnfit("a file that the rendition is made of is missing")
    return place


def _medium(place: str | Path) -> Material:
    try:
        return Material(check_source(place), probe(place))
    except MediaError as error:
        raise _told(error, "a part") from error


def _picture(place: str | Path, *, periods: bool) -> PictureFile:
    try:
        checked = check_source(place)
        source = Source(checked.url, checked.remote, playlist=False, picture=True)
        with opened(source, Deadline(_SECONDS)) as container:
            if not container.streams.video:
                raise SourceBad("it is no picture")
            frames = container.decode(container.streams.video[0])
            first, second = next(frames, None), next(frames, None)
            if first is None:
                raise SourceBad("it cannot be decoded")
            size, animated = (first.width, first.height), second is not None
        period = _period(source) if animated and periods else None
        return PictureFile(source, size, animated, period)
    except MediaError as error:
        raise _told(error, "a watermark") from error


def _period(source: Source) -> Fraction | None:
    """How long an animation is, as ffmpeg counts it when it repeats it; None if others count in."""
    deadline = Deadline(_SECONDS)
    with opened(source, deadline) as container:
        if len(container.streams) != 1:
            return None
        begins, ends = [], []
        for packet in container.demux(container.streams.video[0]):
            deadline.check()
            if packet.pts is not None:
                begins.append(packet.pts)
                ends.append(packet.pts + (packet.duration or 0))
        tick = container.streams.video[0].time_base
        return (max(ends) - min(begins)) * tick if ends and tick else None


def subtitle_text(place: str | Path, encoding: Encoding) -> str:
    """The text of a subtitle file. Raises SourceBad, SourceUnreachable or SourceUnsupported."""
    try:
        return decoded(_read(check_source(place)), encoding)
    except SubtitlesInvalid as invalid:
        raise SourceBad(f"subtitles: {invalid}") from None
    except MediaError as error:
        raise _told(error, "subtitles") from error


def _read(source: Source) -> bytes:
    """At most a byte more than subtitles may have."""
    if not source.remote:
        with Path(source.url.removeprefix("file:")).open("rb") as file:
            return file.read(MAX_SUBTITLE_BYTES + 1)
    try:
        with urllib.request.urlopen(source.url, timeout=_SECONDS) as answer:  # noqa: S310 - http(s)
            data: bytes = answer.read(MAX_SUBTITLE_BYTES + 1)
            return data
    except OSError as error:
        raise SourceUnreachable(f"it cannot be read: {type(error).__name__}") from None


def _told(error: MediaError, what: str) -> MediaError:
    return type(error)(f"{what}: {error}", error.log)
