"""WebVTT indexes of thumbnails, as the progress bars of players read them.

Each cue covers the time from one picture to the next and names the picture beside the index, or a
part of one (media fragment `#xywh=`).
"""

import re
from collections.abc import Callable, Iterable, Sequence

MAX_INDEX_BYTES = 2 * 1024 * 1024

# The names that `thumbnail_index` is given: plain file names, which cannot be mistaken for a time.
_PICTURE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*\.jpg)(?P<part>#xywh=[0-9,]+)?")


def thumbnail_index(times_ms: Sequence[int], names: Iterable[str], duration_ms: int) -> str:
    """The text of an index: the picture of `names` that is shown from each of `times_ms` on.

    Names are relative, "00001.jpg" or "00001.jpg#xywh=0,0,160,90". Every cue lasts a millisecond
    at least.
    """
    ends = [*times_ms[1:], duration_ms]
    cues = [
        f"{_clock(start)} --> {_clock(max(end, start + 1))}\n{name}\n"
        for start, end, name in zip(times_ms, ends, names, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def rewrite_pictures(text: str, resolve: Callable[[str], str]) -> str:
    """An index with the name of every picture replaced by `resolve(name)`; parts stay."""

    def line(text: str) -> str:
        found = _PICTURE.fullmatch(text)
        return text if found is None else resolve(found["name"]) + (found["part"] or "")

    return "\n".join(line(one) for one in text.split("\n"))


def _clock(millis: int) -> str:
    seconds, rest = divmod(millis, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{rest:03d}"
