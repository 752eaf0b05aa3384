"""Violations inside of JSON parameters: as ``cases``, one level deeper.

A violation is put into a document that is accepted without it, so that nothing else can be the
reason for a refusal.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.contract.cases import bad_tags
from tests.contract.facts import Action, Parameter
from tests.contract.scenario import Parameters

_SIZES = ("chars", "bytes", "items")


@dataclass(frozen=True)
class InnerCase:
    """``path``: as facts write it, "UserData.Extend"; ``value``: None: the member is left out."""

    path: str
    kind: str
    value: Any

    def applied_to(self, parameters: Parameters, prefix: str) -> Parameters:
        """The parameters with the violation in the document that ``prefix`` begins with.

        Raises LookupError where the document has no place for it.
        """
        name = prefix.partition(".")[0]
        document = copy.deepcopy(json.loads(parameters[name]))
        *parents, last = self.path.removeprefix(_root(prefix)).strip(".").split(".")
        place = _first(document)
        for parent in parents:
            place = _first(place[parent])
        if self.value is None:
            del place[last]
        elif isinstance(self.value, int):
            place[last] = [place[last][0]] * self.value
        else:
            place[last] = self.value
        return {**parameters, name: json.dumps(document)}


def _root(prefix: str) -> str:
    """The part of a path that leads to the document, not into it.

    A prefix with a colon ("WatermarkConfig.Image:") is that of one of several kinds of documents.
    """
    return prefix.partition(":")[0] if ":" in prefix else prefix.partition(".")[0]


def _first(place: Any) -> Any:
    return place[0] if isinstance(place, list) else place


def inner_cases(action: Action) -> list[InnerCase]:
    """Every violation that the facts of an action's documents name."""
    return [case for path, member in action.inside.items() for case in _of(path, member)]


def _of(path: str, member: Parameter) -> Iterator[InnerCase]:
    if member.required:
        yield InnerCase(path, "missing", None)
    if member.enum:
        yield InnerCase(path, "not in enum", "no-such-value")
    if member.max is not None and member.unit == "tags":
        yield from (InnerCase(path, kind, tags) for kind, tags in bad_tags(member.max))
    elif member.max is not None and member.unit in _SIZES:
        if member.unit == "items":
            yield InnerCase(path, "too many", member.max + 1)
        else:
            text = "1" * (member.max + 1)
            yield InnerCase(path, "too long", {"text": text} if member.type == "Object" else text)
    elif member.max is not None:
        yield InnerCase(path, "too large", str(member.max + 1))
    if member.min is not None:
        yield InnerCase(path, "too small", str(member.min - 1))
    if {member.min, member.max} != {None} and member.unit not in (*_SIZES, "tags"):
        yield InnerCase(path, "not a number", "many")


def prefix_for(path: str, known: dict[str, Any]) -> str | None:
    """The longest of the prefixes that a path begins with."""
    fitting = [name for name in known if f"{path}.".startswith(f"{name.rstrip(':')}.")]
    return max(fitting, key=len, default=None)


_TEMPLATE_DEFAULTS = (
    "Video.Codec",
    "Video.Remove",
    "Audio.Remove",
    "Audio.Samplerate",
    "SubtitleList.CharEncode",
)
_PARTS = ("Video", "Audio", "Definition", "Container")
_OVERRIDABLE = (*_PARTS, "Video.*", "Audio.*", "MuxConfig.Segment", "SubtitleList.CharEncode")
_PICTURE_DEFAULTS = (
    "SnapshotType",
    "SnapshotConfig.FrameType",
    "SnapshotConfig.Count",
    "SnapshotConfig.Interval",
    "SnapshotConfig.SpecifiedOffsetTime",
    "SnapshotConfig.SpriteSnapshotConfig.*",
    "SnapshotConfig.SubOut.IsSptFrag",
)
_MARK_DEFAULTS = ("Dx", "Dy", "Width", "Height", "ReferPos", "Timeline.*")
_DEFAULT = "has a default"
_PARTLY = "only what is to be changed is given"
# "Action path kind", with wildcards, and why the violation is let pass; the first that fits counts.
_DEPARTURES: tuple[tuple[str, str], ...] = (
    ("SubmitDynamicImageJob OverrideParams.*", "its templates have nothing to override"),
    ("SubmitTranscodeJobs EncryptConfig.KeyServiceType missing", _DEFAULT),
    ("SubmitTranscodeJobs OverrideParams.SubtitleSetting.*.CharEncode missing", _DEFAULT),
    *(
        (f"SubmitTranscodeJobs OverrideParams.TranscodeTemplateList.{name} missing", _PARTLY)
        for name in _OVERRIDABLE
    ),
    (
        "SubmitTranscodeJobs OverrideParams.TranscodeTemplateList.WatermarkIds too many",
        "watermarks are overridden by Watermarks; this has no effect",
    ),
    *(
        (f"UpdateTranscodeTemplateGroup TranscodeTemplateList.{name} missing", _PARTLY)
        for name in _PARTS
    ),
    *((f"* TranscodeTemplateList.{name} missing", _DEFAULT) for name in _TEMPLATE_DEFAULTS),
    *((f"* TemplateConfig.{name} missing", _DEFAULT) for name in _PICTURE_DEFAULTS),
    *((f"* WatermarkConfig.Image.{name} missing", _DEFAULT) for name in _MARK_DEFAULTS),
)


def inner_departure(action: Action, case: InnerCase) -> str | None:
    """Why this violation is not refused, if that is on purpose."""
    wanted = f"{action.name} {case.path} {case.kind}"
    return next((reason for pattern, reason in _DEPARTURES if fnmatchcase(wanted, pattern)), None)
