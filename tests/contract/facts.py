"""The facts of ``facts.json``, typed: what the manual and the official SDK say of each action."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).with_name("facts.json")

Shape = dict[str, Any]
"""Names with the names of types, nested as the SDK nests them; a list holds its items' shape."""


@dataclass(frozen=True)
class Parameter:
    """One parameter; ``unit`` says what ``max`` counts (chars, bytes, ids) if not the number."""

    type: str
    required: bool
    min: int | None = None
    max: int | None = None
    unit: str = ""
    enum: tuple[str, ...] = ()
    default: str | None = None
    example: Any = None


@dataclass(frozen=True)
class Action:
    """One action.

    ``errors``: code to HTTP status; ``documented``: names of fields that the manual prints for the
    answer, where the SDK's model may know more, ``top``: those that are not inside of others;
    ``sample``: the printed request; ``inside``: the members of documents in parameters that
    something is said of, as "UserData.Extend", lists left out of the path.
    """

    name: str
    section: str
    request: dict[str, Parameter]
    sdk_request: dict[str, str]
    errors: dict[str, int]
    response: Shape
    top: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()
    inside: dict[str, Parameter] = field(default_factory=dict)
    sample: dict[str, str] = field(default_factory=dict)

    def fields(self) -> list[str]:
        """Every field of the response, as ``List[].Name``."""
        return list(_paths(self.response))

    def is_documented(self, path: str) -> bool:
        """Whether the manual prints a field that the SDK's model has."""
        names = [part.removesuffix("[]") for part in path.split(".")]
        return names[0] in self.top and all(name in self.documented for name in names)


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_FACTS.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def actions() -> dict[str, Action]:
    """By name."""
    return {name: _action(name, facts) for name, facts in _facts()["actions"].items()}


def rates() -> dict[str, tuple[int, str]]:
    """Calls and the unit of time of each action that has a limit."""
    return {name: (calls, per) for name, (calls, per) in _facts()["rates"].items()}


def _action(name: str, facts: dict[str, Any]) -> Action:
    typed = {part: _parameters(facts.get(part, {})) for part in ("request", "inside")}
    return Action(name, **{**facts, **typed})


def _parameters(known: dict[str, Any]) -> dict[str, Parameter]:
    return {
        name: Parameter(**{**facts, "enum": tuple(facts.get("enum", ()))})
        for name, facts in known.items()
    }


def filled(body: Any, prefix: str = "") -> Iterator[str]:
    """The paths of an answer that hold something."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from filled(value, f"{prefix}.{name}" if prefix else name)
    elif isinstance(body, list):
        for item in body:
            yield from filled(item, f"{prefix}[]")
    elif body not in ("", None):
        yield prefix


def _paths(shape: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(shape, dict):
        for name, part in shape.items():
            yield from _paths(part, f"{prefix}.{name}" if prefix else name)
    elif isinstance(shape, list):
        yield from _paths(shape[0], f"{prefix}[]")
    else:
        yield prefix
