"""DASH manifests with every segment named by itself, so that each can have an address of its own.

A template stands for all segments of a rendition, but a signature opens one object. So for viewers
a manifest of templates and time lines (ISO/IEC 23009-1 5.3.9.4) becomes one of lists (5.3.9.3).
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

from chalicelib.mediaspec.dash import TAG, written
from chalicelib.mediaspec.hls import MAX_PLAYLIST_BYTES, PlaylistInvalid

_MOST_SEGMENTS = 20_000
_NUMBER = re.compile(r"\$Number(?:%0([1-9])d)?\$")
_LISTS = "urn:mpeg:dash:profile:full:2011"
# What the platform writes. Anything else is somebody else's, and could name what it likes.
_KNOWN = frozenset(
    [
        "MPD",
        "ProgramInformation",
        "ServiceDescription",
        "Period",
        "AdaptationSet",
        "Representation",
        "SegmentTemplate",
        "SegmentTimeline",
        "S",
        "AudioChannelConfiguration",
        "Role",
        "Label",
        "BaseURL",
    ]
)


def with_named_segments(text: str, resolve: Callable[[str], str]) -> str:
    """The manifest with `resolve(uri)` for every segment, initialisation and file that it names.

    Raises PlaylistInvalid for manifests that the platform has not made, or of more than 20,000
    segments, and whatever `resolve` raises.
    """
    root = _parsed(text)
    if any(element.tag.removeprefix(TAG) not in _KNOWN for element in root.iter()):
        raise PlaylistInvalid("the manifest has parts that the platform does not write")
    left = _MOST_SEGMENTS
    for one in root.iter(f"{TAG}Representation"):
        template = one.find(f"{TAG}SegmentTemplate")
        if template is not None:
            made, count = _listed(template, one.get("id", ""), resolve, left)
            left -= count
            one[list(one).index(template)] = made
    for base in root.iter(f"{TAG}BaseURL"):
        base.text = resolve(base.text or "")
    root.set("profiles", _LISTS)
    return written(root)


def _parsed(text: str) -> ElementTree.Element:
    # Entities are declared there, and nobody needs any.
    if len(text) > MAX_PLAYLIST_BYTES or "<!" in text:
        raise PlaylistInvalid("the manifest is too long, or declares a type of document")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without entities
    except ElementTree.ParseError:
        raise PlaylistInvalid("the manifest is no XML") from None
    return root


def _listed(
    template: ElementTree.Element, own: str, resolve: Callable[[str], str], most: int
) -> tuple[ElementTree.Element, int]:
    """A list of the same segments, and how many they are."""
    timeline = template.find(f"{TAG}SegmentTimeline")
    media = template.get("media", "").replace("$RepresentationID$", own)
    if timeline is None or not _NUMBER.search(media):
        raise PlaylistInvalid("the manifest has a template without numbers or a time line")
    try:
        first = int(template.get("startNumber", "1"))
        count = sum(1 + int(step.get("r", "0")) for step in timeline)
    except ValueError:
        raise PlaylistInvalid("the manifest has numbers that are none") from None
    if not 0 < count <= most:
        raise PlaylistInvalid(f"the manifest has more than {_MOST_SEGMENTS} segments")
    made = ElementTree.Element(f"{TAG}SegmentList")
    for name in ("timescale", "presentationTimeOffset"):
        if template.get(name) is not None:
            made.set(name, template.get(name, ""))
    start = template.get("initialization", "").replace("$RepresentationID$", own)
    ElementTree.SubElement(made, f"{TAG}Initialization", {"sourceURL": resolve(start)})
    made.append(timeline)
    for number in range(first, first + count):
        named = _NUMBER.sub(lambda found: str(number).zfill(int(found[1] or 1)), media)  # noqa: B023
        ElementTree.SubElement(made, f"{TAG}SegmentURL", {"media": resolve(named)})
    return made, count
