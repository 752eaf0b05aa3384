"""Several DASH renditions as one presentation: their manifests put together (ISO/IEC 23009-1).

Only for manifests of our own making: ffmpeg's, with a SegmentTemplate in each Representation.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.mediaspec.files import Language

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
TAG = f"{{{NAMESPACE}}}"


@dataclass(frozen=True)
class DashMember:
    """A rendition's manifest, and where its files lie from the whole's ("" or "folder/").

    `bandwidth`: what players are told of its picture, in bits per second, if not the rate it has.
    """

    manifest: str
    folder: str = ""
    bandwidth: int | None = None


@dataclass(frozen=True)
class DashSubtitles:
    """A WebVTT file as one language of the presentation."""

    uri: str
    name: str
    language: Language


def combined_manifest(
    members: Sequence[DashMember], subtitles: Sequence[DashSubtitles] = ()
) -> str:
    """One manifest of all renditions: their pictures in one adaptation set, to switch between.

    The sound is that of the first that has any. Raises ValueError for what is no such manifest.
    """
    roots = [_parsed(member.manifest) for member in members]
    if not roots:
        raise ValueError("there is nothing to combine")
    sets: dict[str, ElementTree.Element] = {}
    for number, (member, root) in enumerate(zip(members, roots, strict=True)):
        for found in period_of(root).findall(f"{TAG}AdaptationSet"):
            kind = found.get("contentType", "")
            made = [_made_part(one, number, member, kind) for one in _representations(found)]
            if kind not in sets:
                sets[kind] = found
            elif kind == "video":
                sets[kind].extend(made)
                # Each has an initialisation of its own.
                sets[kind].set("bitstreamSwitching", "false")
    period = period_of(roots[0])
    for found in period.findall(f"{TAG}AdaptationSet"):
        period.remove(found)
    period.extend([*sets.values(), *map(_text_set, subtitles)])
    for number, joint in enumerate(period.findall(f"{TAG}AdaptationSet")):
        joint.set("id", str(number))
    for bound in ("maxWidth", "maxHeight"):
        _raise_to_largest(sets.get("video"), bound)
    return written(roots[0])


def written(root: ElementTree.Element) -> str:
    """The manifest as a file."""
    ElementTree.register_namespace("", NAMESPACE)
    text = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def period_of(root: ElementTree.Element) -> ElementTree.Element:
    """The one period of a manifest; raises ValueError if there is none."""
    period = root.find(f"{TAG}Period")
    if period is None:
        raise ValueError("not a DASH manifest")
    return period


def _parsed(text: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - our own
    except ElementTree.ParseError as error:
        raise ValueError("not a DASH manifest") from error


def _representations(found: ElementTree.Element) -> list[ElementTree.Element]:
    return found.findall(f"{TAG}Representation")


def _made_part(
    one: ElementTree.Element, number: int, member: DashMember, kind: str
) -> ElementTree.Element:
    """With an identifier that no other rendition has; its files keep their names."""
    own = one.get("id", "")
    for template in one.iter(f"{TAG}SegmentTemplate"):
        for name in ("initialization", "media"):
            file = template.get(name, "").replace("$RepresentationID$", own)
            template.set(name, member.folder + file)
    one.set("id", f"{number}-{own}")
    if member.bandwidth is not None and kind == "video":
        one.set("bandwidth", str(member.bandwidth))
    return one


def _text_set(subtitles: DashSubtitles) -> ElementTree.Element:
    language = {"contentType": "text", "mimeType": "text/vtt", "lang": subtitles.language}
    made = ElementTree.Element(f"{TAG}AdaptationSet", language)
    role = {"schemeIdUri": "urn:mpeg:dash:role:2011", "value": "subtitle"}
    ElementTree.SubElement(made, f"{TAG}Role", role)
    ElementTree.SubElement(made, f"{TAG}Label").text = subtitles.name
    # Their rate is of no importance to anybody, but it has to be there.
    named = {"id": f"text-{subtitles.language}", "bandwidth": "1000"}
    one = ElementTree.SubElement(made, f"{TAG}Representation", named)
    ElementTree.SubElement(one, f"{TAG}BaseURL").text = subtitles.uri
    return made


def _raise_to_largest(joint: ElementTree.Element | None, bound: str) -> None:
    if joint is None or joint.get(bound) is None:
        return
    side = bound.removeprefix("max").lower()
    joint.set(bound, str(max(int(one.get(side, "0")) for one in _representations(joint))))
