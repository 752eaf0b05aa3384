"""Subtitle files as text: what they say and when, whatever their format and character set.

SubRip, WebVTT and ASS, known by their content. The files come from strangers: everything about them
is bounded, and only words, line ends and the plainest styling come out.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.mediaspec.subtitles import Encoding

MAX_SUBTITLE_BYTES = 4 * 1024 * 1024
MAX_CUES = 20_000
MAX_CUE_CHARACTERS = 1000

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CHARACTER_SETS = {"utf-8": ("utf-8",), "gbk": ("gb18030",), "big5": ("big5hkscs",)}
_GUESSES = ("utf-8", "gb18030", "big5hkscs")
_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}")
_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_LAST_SECOND = 100 * 3600.0


class SubtitlesInvalid(ValueError):
    """The file is no subtitle file that may be used; the message tells why."""


@dataclass(frozen=True)
class Cue:
    """Words (lines separated by line feeds, no markup) shown from `start` to `end` seconds."""

    start: float
    end: float
    text: str


def decoded(data: bytes, encoding: Encoding) -> str:
    """The file's text. Raises SubtitlesInvalid if it is too large or not of the character set."""
    if len(data) > MAX_SUBTITLE_BYTES:
        raise SubtitlesInvalid(f"the subtitles are larger than {MAX_SUBTITLE_BYTES} bytes")
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], (name,))
    if b"\0" in data:
        raise SubtitlesInvalid("the subtitles are no text")
    return _strictly(data, _CHARACTER_SETS.get(encoding, _GUESSES))


def _strictly(data: bytes, character_sets: tuple[str, ...]) -> str:
    for name in character_sets:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise SubtitlesInvalid(f"the subtitles are not text in {' or '.join(character_sets)}")


def is_ass(text: str) -> bool:
    return re.match(r"\s*\[Script Info\]", text, re.IGNORECASE) is not None


def cues(text: str) -> list[Cue]:
    """The cues of SubRip, WebVTT or ASS in the order of their times.

    Raises SubtitlesInvalid if there is none, or more than 20,000.
    """
    found = _of_ass(text) if is_ass(text) else _of_blocks(text)
    kept: list[Cue] = []
    for cue in found:
        if cue.text and 0 <= cue.start < cue.end <= _LAST_SECOND:
            kept.append(cue)
        if len(kept) > MAX_CUES:
            raise SubtitlesInvalid(f"more than {MAX_CUES} subtitles")
    if not kept:
        raise SubtitlesInvalid("there are no subtitles in the file")
    return sorted(kept, key=lambda cue: (cue.start, cue.end))


def webvtt(shown: list[Cue]) -> str:
    """The cues as WebVTT."""
    blocks = ["WEBVTT"]
    for cue in shown:
        words = html.escape(cue.text, quote=False)
        blocks.append(f"{_vtt_clock(cue.start)} --> {_vtt_clock(cue.end)}\n{words}")
    return "\n\n".join(blocks) + "\n"


def _vtt_clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _of_blocks(text: str) -> Iterator[Cue]:
    """SubRip and WebVTT: a line of timing, then lines of words up to an empty one."""
    times: tuple[float, float] | None = None
    words: list[str] = []
    for line in [*text.split("\n"), ""]:
        timing = _TIMING.match(line)
        if timing is not None:
            times, words = (_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])), []
        elif times is not None and line.strip():
            words.append(line)
        elif times is not None:
            yield Cue(*times, plain(html.unescape(_TAG.sub("", "\n".join(words)))))
            times = None


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = clock
    part = (fraction or "0").ljust(3, "0")
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int(part) / 1000


def plain(text: str) -> str:
    """Words without control characters, of a bounded length; line ends stay."""
    return _CONTROL.sub("", text)[:MAX_CUE_CHARACTERS].strip()


def _of_ass(text: str) -> Iterator[Cue]:
    for event in ass_events(text):
        words = re.sub(r"\{[^{}]*\}", "", event[3])
        words = words.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
        yield Cue(event[0], event[1], plain(words))


def ass_events(text: str) -> Iterator[tuple[float, float, str, str]]:
    """Start, end, style and text (with its markup) of the dialogues of an ASS file."""
    for line in ass_section(text, "events"):
        name, _, rest = line.partition(":")
        fields = rest.split(",", 9)
        if name.strip().lower() != "dialogue" or len(fields) < 10:
            continue
        clocks = [re.fullmatch(_CLOCK, field.strip()) for field in fields[1:3]]
        if clocks[0] is not None and clocks[1] is not None:
            start, end = _seconds(clocks[0].groups()), _seconds(clocks[1].groups())
            yield start, end, fields[3].strip(), fields[9]


def ass_section(text: str, *names: str) -> Iterator[str]:
    """The lines of the sections of these names (lower case)."""
    inside = False
    for line in text.split("\n"):
        heading = re.match(r"\s*\[([^\]]{1,40})\]", line)
        if heading is not None:
            inside = heading[1].strip().lower() in names
        elif inside and line.strip() and not line.lstrip().startswith((";", "!")):
            yield line.strip()
