"""The facts of ``mpc_facts.json``, typed, and the requests that must be refused by them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).with_name("mpc_facts.json")
_NUMBERS = ("Integer", "Long", "Float", "Double")


@dataclass(frozen=True)
class Parameter:
    """One parameter; ``unit`` says what ``max`` counts if not the number; ``ranges``: allowed."""

    type: str
    required: bool
    min: int | None = None
    max: int | None = None
    unit: str = ""
    enum: tuple[Any, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Operation:
    """One operation; ``parameters`` by path: ``video.bitrate``, ``videos[].width``."""

    name: str
    section: str
    method: str
    path: str
    success: int
    failure: int
    errors: tuple[str, ...]
    parameters: dict[str, Parameter]


@dataclass(frozen=True)
class Case:
    """A violation: ``value`` is what the parameter is set to; None: it is left out."""

    path: str
    kind: str
    value: Any

    def __str__(self) -> str:
        return f"{self.path} ({self.kind})"


@lru_cache(maxsize=1)
def operations() -> dict[str, Operation]:
    """By name."""
    known = json.loads(_FACTS.read_text("utf-8"))
    return {
        name: Operation(
            name=name,
            **{
                **facts,
                "errors": tuple(facts["errors"]),
                "parameters": {
                    path: _parameter(values) for path, values in facts["parameters"].items()
                },
            },
        )
        for name, facts in known.items()
    }


def cases(operation: Operation) -> list[Case]:
    """Every violation that the facts of an operation name."""
    return [case for path, known in operation.parameters.items() for case in _of(path, known)]


def _parameter(values: dict[str, Any]) -> Parameter:
    return Parameter(
        **{
            **values,
            "enum": tuple(values.get("enum", ())),
            "ranges": tuple((low, high) for low, high in values.get("ranges", ())),
        }
    )


def _of(path: str, known: Parameter) -> Iterator[Case]:
    if known.required:
        yield Case(path, "missing", None)
    if known.enum:
        wrong = "no-such-value" if isinstance(known.enum[0], str) else max(known.enum) + 1
        yield Case(path, "not in enum", wrong)
    if known.type in _NUMBERS:
        yield Case(path, "not a number", "many")
        yield from _of_number(path, known)
    elif known.unit == "chars" and known.max is not None:
        yield Case(path, "too long", "1" * (known.max + 1))
    elif known.unit == "items" and known.max is not None and known.type != "Array":
        yield Case(path, "too many", list(range(1, known.max + 2)))
    elif known.type == "Object":
        yield Case(path, "not an object", "text")
    elif known.type == "Boolean":
        yield Case(path, "not a boolean", "maybe")


def _of_number(path: str, known: Parameter) -> Iterator[Case]:
    if known.max is not None:
        yield Case(path, "too large", known.max + 1)
    if known.min is not None:
        yield Case(path, "too small", known.min - 1)
    for (_, low), (high, _) in zip(known.ranges, known.ranges[1:], strict=False):
        if high - low > 1:
            yield Case(path, "between", low + 1)
