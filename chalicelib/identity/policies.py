"""RAM policies: their grammar, and whether they allow a request (VOD developer guide 3.4).

A policy is a JSON document ``{"Version": "1", "Statement": [...]}``, or the name of a system
policy. Whatever is not understood works against the caller: a document that breaks the grammar
denies everything, a Condition that cannot be judged never allows and always denies.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from chalicelib.identity.conditions import Conditions, Request, UnknownCondition, satisfied
from chalicelib.identity.errors import PolicyMalformed, PolicyTooLarge
from chalicelib.identity.patterns import matches
from chalicelib.identity.system_policies import ADMINISTRATOR, system_policies

__all__ = [
    "ADMINISTRATOR",
    "MAX_POLICY_CHARS",
    "Layer",
    "Rights",
    "allow",
    "allows",
    "check_policy",
    "is_named",
    "parse_policy",
]

MAX_POLICY_CHARS = 2048
_COMPACT = json.JSONEncoder(separators=(",", ":"))

Layer = tuple[str, ...]
"""Policies that add up: system policies' names and documents' texts."""

Rights = tuple[Layer, ...]
"""Layers that all must allow: a role's policies, and on top of them the session's."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else item for item in values]


_Text = Annotated[str, StringConstraints(min_length=1)]
_Patterns = Annotated[tuple[_Text, ...], BeforeValidator(_listed), Field(min_length=1)]
_Values = Annotated[tuple[str, ...], BeforeValidator(_texts), Field(min_length=1)]
_Keys = Annotated[dict[str, _Values], Field(min_length=1)]


class Statement(BaseModel):
    """One statement; field names are the document's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    Effect: Literal["Allow", "Deny"]
    Action: _Patterns
    Resource: _Patterns
    Condition: dict[str, _Keys] = Field(default_factory=dict)

    def applies(self, request: Request) -> bool:
        """Whether the statement speaks about this request."""
        action = request.action.lower()  # action names differ in more than their case
        if not any(matches(pattern.lower(), action) for pattern in self.Action):
            return False
        if not any(matches(pattern, request.resource) for pattern in self.Resource):
            return False
        conditions: Conditions = self.Condition
        try:
            return satisfied(conditions, request)
        except UnknownCondition:
            return self.Effect == "Deny"


class Policy(BaseModel):
    """A policy document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    Version: Literal["1"]
    Statement: Annotated[
        tuple[Statement, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, dict) else value),
        Field(min_length=1),
    ]


def allows(rights: Rights, request: Request) -> bool:
    """Whether every layer allows the request. No layer at all allows nothing."""
    return bool(rights) and all(_layer_allows(layer, request) for layer in rights)


def check_policy(text: str) -> str:
    """A policy's name, or its document without superfluous blanks, fit to be kept.

    Raises PolicyTooLarge over 2048 characters, PolicyMalformed for a broken grammar or an unknown
    name.
    """
    if len(text) > MAX_POLICY_CHARS:
        raise PolicyTooLarge(f"more than {MAX_POLICY_CHARS} characters")
    policy = parse_policy(text)
    if text in system_policies():
        return text
    return policy.model_dump_json(exclude_defaults=True)


def is_named(policy: str) -> bool:
    """Whether it is a system policy, by its name, and no document."""
    return policy in system_policies()


def allow(actions: Iterable[str], resources: Iterable[str]) -> str:
    """The text of a policy that allows these actions on these resources."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return _COMPACT.encode({"Version": "1", "Statement": [statement]})


@lru_cache(maxsize=256)
def parse_policy(text: str) -> Policy:
    """A policy from a system policy's name or a document's text; raises PolicyMalformed."""
    actions = system_policies().get(text)
    if actions is not None:
        text = allow(actions, ["*"])
    try:
        document = json.loads(text, object_pairs_hook=_once)
        return Policy.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise PolicyMalformed(f"{place}: {problem['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise PolicyMalformed("not a JSON document") from error


def _layer_allows(layer: Sequence[str], request: Request) -> bool:
    allowed = False
    for text in layer:
        try:
            statements = parse_policy(text).Statement
        except PolicyMalformed:
            return False
        for statement in statements:
            if statement.applies(request):
                if statement.Effect == "Deny":
                    return False
                allowed = True
    return allowed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are unique: readers differ in which of two values they believe."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PolicyMalformed("a name is given twice in one object")
    return found
