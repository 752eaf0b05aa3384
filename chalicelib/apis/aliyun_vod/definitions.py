"""Two vocabularies of definitions: the marks of templates, and those that players choose by.

A template's mark names a quality as its maker sees it (VOD API manual 17.1); GetPlayInfo, events
and file names use the other list (17.7). The same words mean different things: LD is the lowest
quality of a template and the second lowest of a stream.
"""

from types import MappingProxyType
from typing import NamedTuple

_PLAYED = MappingProxyType({"LD": "FD", "SD": "LD", "HD": "SD", "FHD": "HD"})
_MARKED = MappingProxyType({played: mark for mark, played in _PLAYED.items()})


class NarrowbandLimits(NamedTuple):
    """What a narrowband definition fixes: kbit/s at most, and the long side in pixels."""

    most_kbps: int
    long_side: int


# VOD developer guide 6.2.
NARROWBAND_LIMITS = MappingProxyType(
    {
        "LD": NarrowbandLimits(400, 640),
        "SD": NarrowbandLimits(800, 848),
        "HD": NarrowbandLimits(1500, 1280),
        "FHD": NarrowbandLimits(3000, 1920),
        "2K": NarrowbandLimits(4000, 2048),
        "4K": NarrowbandLimits(8000, 3840),
    }
)


def played_definition(mark: str) -> str:
    """What a stream is called whose template has this mark."""
    plain = mark.partition("-")[0]
    return _PLAYED.get(plain, plain)


def template_mark(played: str) -> str:
    """The mark of the ordinary templates that make streams of this definition."""
    return _MARKED.get(played, played)
