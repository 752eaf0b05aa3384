"""Requests that must be refused, made from the facts alone: one violation each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.contract.facts import Action, Parameter

_TEXTS = ("chars", "bytes")
_LISTS = ("ids", "items")
_MOST_IN_TAG = 32
_NUMBERS = ("Integer", "Long")


@dataclass(frozen=True)
class Case:
    """``value`` is what the parameter is set to; None: it is left out.

    ``times``: instead, how often the item of the good request's JSON list is in it.
    """

    parameter: str
    kind: str
    value: str | None
    times: int = 0

    def applied_to(self, parameters: dict[str, str]) -> dict[str, str]:
        """The parameters with the violation in them."""
        others = {name: value for name, value in parameters.items() if name != self.parameter}
        if self.times:
            item, *_ = json.loads(parameters[self.parameter])
            return {**others, self.parameter: json.dumps([item] * self.times)}
        return others if self.value is None else {**others, self.parameter: self.value}


def cases(action: Action) -> list[Case]:
    """Every violation that the facts of an action name."""
    return [case for name, parameter in action.request.items() for case in _of(name, parameter)]


def _of(name: str, parameter: Parameter) -> Iterator[Case]:
    if parameter.required:
        yield Case(name, "missing", None)
    if parameter.enum:
        yield Case(name, "not in enum", "no-such-value")
    if parameter.max is not None and parameter.unit in _TEXTS:
        # Digits are allowed in every text, and a number that has so many is too long, too.
        yield Case(name, "too long", "1" * (parameter.max + 1))
    elif parameter.max is not None and parameter.unit == "tags":
        yield from (Case(name, kind, tags) for kind, tags in bad_tags(parameter.max))
    elif parameter.max is not None and parameter.unit in _LISTS:
        yield _too_many(name, parameter.type, parameter.max + 1)
    elif parameter.max is not None:
        yield Case(name, "too large", str(parameter.max + 1))
    if parameter.min is not None:
        yield Case(name, "too small", str(parameter.min - 1))
    if parameter.type in _NUMBERS:
        yield Case(name, "not a number", "many")


def bad_tags(most: int) -> Iterator[tuple[str, str]]:
    """What tags must not be, and such tags."""
    yield "too many", ",".join(f"t{number}" for number in range(most + 1))
    yield "tag too long", "t" * (_MOST_IN_TAG + 1)


def _too_many(name: str, kind: str, number: int) -> Case:
    if kind == "JSON-string":
        return Case(name, "too many", None, times=number)
    items = [f"{n:032x}" for n in range(number)]
    if "url" in name.lower():
        items = [f"http://127.0.0.1:1/{item}.mp4" for item in items]
    elif name.startswith("CateId"):
        items = [str(n + 1) for n in range(number)]
    return Case(name, "too many", ",".join(items))


def is_expected(case: Case, action: Action, status: int, code: str) -> bool:
    """Whether an answer refuses the violation as it should."""
    if case.kind == "missing":
        return status == 400 and code.startswith("Missing")
    return status in (400, 404) and (
        code.startswith(("InvalidParameter", "LengthExceededMax", "LimitExceeded"))
        or code.endswith("ExceededMax")
        or action.errors.get(code) == status
    )


# Where the product does on purpose something else; docs/coverage.md prints these.
DEPARTURES: dict[tuple[str, str, str], str] = {
    ("*", "AuthTimeout", "too small"): "0 and less count as not given",
    ("AddWatermark", "Type", "missing"): "has a default, Image",
    ("AttachAppPolicyToIdentity", "PolicyNames", "not in enum"): (
        "unknown names come back in NonExistPolicyNames"
    ),
    ("DetachAppPolicyFromIdentity", "PolicyNames", "not in enum"): (
        "unknown names come back in NonExistPolicyNames"
    ),
    ("DeleteMessageCallback", "AppId", "missing"): "has a default, the default application",
    ("ListSnapshots", "AuthTimeout", "too small"): "less than 3600 counts as 3600",
}


def departure(action: Action, case: Case) -> str | None:
    """Why this violation is not refused, if that is on purpose."""
    for name in (action.name, "*"):
        reason = DEPARTURES.get((name, case.parameter, case.kind))
        if reason:
            return reason
    return None
