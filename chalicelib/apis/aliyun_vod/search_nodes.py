"""What a Match parameter is made of, once it was read (VOD API manual 17.6)."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


class MatchSyntaxError(Exception):
    """``position`` counts characters from 1; ``near`` names the field or the token there."""

    def __init__(self, position: int, near: str, problem: str) -> None:
        super().__init__(f"{near} at {position}: {problem}")
        self.position = position
        self.near = near
        self.problem = problem


@dataclass(frozen=True)
class Value:
    """A literal: the text without its quotes, or the digits of a number."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Condition:
    """One condition on one field; ``position`` is where it begins.

    ``values``: those of "=" (one) and "in". ``bounds`` (lower, upper; None: open) and ``closed``
    (whether each bound belongs to it): those of a range, and of "=" as a range of one value.
    """

    field: str
    position: int
    kind: Literal["equal", "in", "range"]
    values: tuple[Value, ...] = ()
    bounds: tuple[Value | None, Value | None] = (None, None)
    closed: tuple[bool, bool] = (False, False)
    negated: bool = False


@dataclass(frozen=True)
class Group:
    """Several conditions, all of which (and) or one of which (or) must hold."""

    word: Literal["and", "or"]
    parts: tuple["Node", ...]


Node: TypeAlias = Condition | Group
