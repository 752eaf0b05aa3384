"""Several DASH renditions as one presentation: their manifests put together (ISO/IEC 23009-1).

Only for manifests of our own making: ffmpeg's, with a SegmentTemplate in each Representation.
"""

import copy
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_TAG = f"{{{_NAMESPACE}}}"


def combined_manifest(manifests: Sequence[str]) -> str:
    """One manifest of all renditions that lie in its folder: all pictures in one adaptation set.

    The sound is that of the first that has any. Raises ValueError for what is no such manifest.
    """
    try:
        roots = [ElementTree.fromstring(text) for text in manifests]  # noqa: S314 - our own
    except ElementTree.ParseError as error:
        raise ValueError("not a DASH manifest") from error
    if not roots:
        raise ValueError("there is nothing to combine")
    ElementTree.register_namespace("", _NAMESPACE)
    whole = roots[0]
    period = _period(whole)
    sets: dict[str, ElementTree.Element] = {}
    for number, root in enumerate(roots):
        for found in list(_period(root).findall(f"{_TAG}AdaptationSet")):
            kind = found.get("contentType", "")
            members = [_named(one, number) for one in found.findall(f"{_TAG}Representation")]
            if root is whole:
                sets.setdefault(kind, found)
            elif kind not in sets:
                sets[kind] = copy.deepcopy(found)
                period.append(sets[kind])
            elif kind == "video":
                sets[kind].extend(members)
    for number, joint in enumerate(sets.values()):
        joint.set("id", str(number))
    for bound in ("maxWidth", "maxHeight"):
        _raise_to_largest(sets.get("video"), bound)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(whole, "unicode") + "\n"
    )


def _period(root: ElementTree.Element) -> ElementTree.Element:
    period = root.find(f"{_TAG}Period")
    if period is None:
        raise ValueError("not a DASH manifest")
    return period


def _named(one: ElementTree.Element, number: int) -> ElementTree.Element:
    """With an identifier that no other rendition has; its files keep their names."""
    own = one.get("id", "")
    for template in one.iter(f"{_TAG}SegmentTemplate"):
        for name in ("initialization", "media"):
            written = template.get(name, "")
            template.set(name, written.replace("$RepresentationID$", own))
    one.set("id", f"{number}-{own}")
    return one


def _raise_to_largest(joint: ElementTree.Element | None, bound: str) -> None:
    if joint is None or joint.get(bound) is None:
        return
    side = bound.removeprefix("max").lower()
    sizes = [int(one.get(side, "0")) for one in joint.findall(f"{_TAG}Representation")]
    joint.set(bound, str(max(sizes)))
