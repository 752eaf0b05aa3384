"""Texts as ASS scripts for libass, which draws watermarks of words and subtitles.

Everything is written anew from typed values. Of a stranger's ASS file only what looks harmless
survives: libass takes drawings, huge scales and blurs as orders for memory and time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.mediaspec.subtitle_text import (
    MAX_CUE_CHARACTERS,
    MAX_CUES,
    Cue,
    SubtitlesInvalid,
    ass_events,
    ass_section,
)

# ASS counts a font's size as the height of a line; of the usual fonts that is so many times the
# size that typographers name.
LINE_HEIGHT = 1.448
_END = 99 * 3600.0
_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
ScaledBorderAndShadow: yes
WrapStyle: {wrap}
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
"""
_EVENTS = """
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_MAX_STYLES = 200


@dataclass(frozen=True)
class Look:
    """How a text looks: sizes in pixels of the picture, colours as "#rrggbb", opacity 0 to 1."""

    font: str
    size: float
    colour: str
    border: float
    border_colour: str
    opacity: float = 1.0
    alignment: int = 2
    margin: int = 0


@dataclass(frozen=True)
class Placed:
    """A text at a place of the picture, shown from `start` to `end` seconds (None: the end)."""

    text: str
    look: Look
    x: int
    y: int
    start: float
    end: float | None


def placed_texts(size: tuple[int, int], texts: Sequence[Placed]) -> str:
    """A script that shows texts at places; their `alignment` tells which corner `x`, `y` is."""
    script = _HEAD.format(width=size[0], height=size[1], wrap=2)
    script += "".join(_style(f"T{n}", text.look) for n, text in enumerate(texts))
    script += _EVENTS
    for number, text in enumerate(texts):
        words = f"{{\\pos({text.x},{text.y})}}{escaped(text.text)}"
        script += _dialogue(text.start, text.end, f"T{number}", words)
    return script


def of_cues(size: tuple[int, int], cues: Sequence[Cue], look: Look, earlier: float = 0.0) -> str:
    """A script of subtitles: at the bottom, centred, long lines broken.

    All come so many seconds `earlier`; what has ended by then is left out.
    """
    script = _HEAD.format(width=size[0], height=size[1], wrap=0) + _style("S", look) + _EVENTS
    for cue in cues:
        if cue.end > earlier:
            start, end = cue.start - earlier, cue.end - earlier
            script += _dialogue(start, end, "S", escaped(cue.text))
    return script


def escaped(text: str) -> str:
    """Words that libass shows as they are.

    A word joiner behind each backslash keeps it from being an order, as braces are by one before.
    """
    words = text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")
    return words.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\N")


def _style(name: str, look: Look) -> str:
    colours = (
        _colour(look.colour, look.opacity),
        _colour(look.colour, look.opacity),
        _colour(look.border_colour, look.opacity),
        _colour(look.border_colour, look.opacity),
    )
    fields = (
        *(name, look.font, f"{look.size * LINE_HEIGHT:.2f}", *colours),
        *("0", "0", "0", "0", "100", "100", "0", "0", "1", f"{look.border:.2f}", "0"),
        *(str(look.alignment), *[str(look.margin)] * 3, "1"),
    )
    return f"Style: {','.join(fields)}\n"


def _colour(colour: str, opacity: float) -> str:
    """ASS counts transparency, and has red last."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"&H{255 - round(opacity * 255):02X}{blue}{green}{red}".upper()


def _dialogue(start: float, end: float | None, style: str, text: str) -> str:
    until = _END if end is None else min(end, _END)
    return f"Dialogue: 0,{_clock(start)},{_clock(until)},{style},,0,0,0,,{text}\n"


def _clock(seconds: float) -> str:
    hundredths = max(0, round(seconds * 100))
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


# What an override may be, and how large its numbers.
_NUMBER = r"-?\d{1,4}(?:\.\d{1,3})?"
_PLACE = rf"\(\s*{_NUMBER}\s*(?:,\s*{_NUMBER}\s*){{1,6}}\)"
_HARMLESS = re.compile(
    r"(?:[ius][01]|b\d{1,3}|[1-4]?c&H[0-9A-Fa-f]{1,8}&?|(?:[1-4]a|alpha)&H[0-9A-Fa-f]{1,2}&?"
    r"|fs[123]?\d{1,2}(?:\.\d{1,2})?|fsp-?\d{1,2}|fsc[xy][123]?\d{1,2}|an?\d{1,2}|q[0-3]|[kK][fo]?\d{1,4}"
    r"|(?:bord|shad|[xy](?:bord|shad))\d(?:\.\d{1,2})?|be[0-5]|blur[0-5]|fr[xyz]?-?\d{1,3}"
    rf"|(?:pos|move|org|fade?){_PLACE}|r[^\\{{}}(),:;]{{0,64}})"
)
_STYLE_LIMITS: dict[int, tuple[float, float]] = {
    2: (1, 400),  # font size
    11: (1, 400),  # scales, in percent
    12: (1, 400),
    13: (-50, 50),  # spacing
    14: (-360, 360),  # angle
    15: (1, 3),  # border style
    16: (0, 20),  # outline
    17: (0, 20),  # shadow
    18: (1, 9),  # alignment
    19: (0, 4096),  # margins
    20: (0, 4096),
    21: (0, 4096),
    22: (0, 255),  # character set
}
_STYLE_FIELDS = 23
_COLOUR = re.compile(r"&H[0-9A-Fa-f]{1,8}&?")
_NAME = re.compile(r"[^\x00-\x1f,{}\\:;]{1,64}")


def sanitised(text: str, font: str, earlier: float = 0.0) -> str:
    """A stranger's ASS script with only its styles and dialogues, each of them bounded.

    Everything is drawn with `font`, so many seconds `earlier`. Raises SubtitlesInvalid for more
    than 20,000 dialogues.
    """
    width, height = _side(text, "PlayResX", 384), _side(text, "PlayResY", 288)
    script = _HEAD.format(width=width, height=height, wrap=0)
    styles = [_bounded_style(line, font) for line in ass_section(text, "v4+ styles", "v4 styles+")]
    known = [style for style in styles if style is not None][:_MAX_STYLES]
    script += "".join(known) or _style("Default", Look(font, 16, "#ffffff", 1, "#000000"))
    names = {style.removeprefix("Style: ").split(",", 1)[0] for style in known}
    script += _EVENTS
    count = 0
    for start, end, style, words in ass_events(text):
        if not max(start, earlier) < end <= _END:
            continue
        count += 1
        if count > MAX_CUES:
            raise SubtitlesInvalid(f"more than {MAX_CUES} subtitles")
        name = style if style in names else next(iter(sorted(names)), "Default")
        script += _dialogue(start - earlier, end - earlier, name, _bounded_words(words))
    return script


def _side(text: str, name: str, default: int) -> int:
    for line in ass_section(text, "script info"):
        key, _, value = line.partition(":")
        if key.strip().lower() == name.lower() and value.strip().isdigit():
            return min(max(int(value.strip()[:6]), 16), 8192)
    return default


def _bounded_style(line: str, font: str) -> str | None:
    key, _, rest = line.partition(":")
    fields = [field.strip() for field in rest.split(",")]
    if key.strip().lower() != "style" or len(fields) != _STYLE_FIELDS or not fields[0]:
        return None
    if not _NAME.fullmatch(fields[0]):
        return None
    fields[1] = font
    if not all(_COLOUR.fullmatch(field) for field in fields[3:7]):
        return None
    fields[7:11] = ["-1" if field in ("1", "-1") else "0" for field in fields[7:11]]
    for place, (least, most) in _STYLE_LIMITS.items():
        try:
            value = float(fields[place])
        except ValueError:
            return None
        if not least <= value <= most:  # not a number is neither
            value = least
        fields[place] = f"{value:g}"
    return f"Style: {','.join(fields)}\n"


def _bounded_words(words: str) -> str:
    """The text of a dialogue with harmless overrides only."""
    parts = re.split(r"(\{[^{}]*\})", words[: 2 * MAX_CUE_CHARACTERS])
    kept = [_overrides(part) if part.startswith("{") else part for part in parts]
    return re.sub(r"[\x00-\x1f\x7f]", "", "".join(kept))


def _overrides(block: str) -> str:
    tags = [tag.strip() for tag in block.strip("{}").split("\\")[1:]]
    kept = [tag for tag in tags if _HARMLESS.fullmatch(tag)]
    return "{" + "".join(f"\\{tag}" for tag in kept) + "}" if kept else ""
