"""Tries one action as users and roles that differ in nothing but the applications they may use."""

import re
from dataclasses import dataclass, field
from typing import Any

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.apis.protocol.aliyun_rpc.isolation import is_writing, scope_of
from tests.contract import facts, scenarios
from tests.contract.runner import PRODUCT
from tests.contract.scenarios_applications import without_applications
from tests.contract.world import Key, World

# Lists of an answer that name what the caller may not see: as asked for, and nothing more.
_OF_ABSENT = ("NonExist", "Failed", "NotExist", "Forbidden", "UnRemoveable")
_ID = re.compile(r"[0-9a-f]{32}")
# These work in the default application alone, whatever their caller names.
_IN_DEFAULT = {"RegisterMedia"}
# Of two applications at once; tests of its own try it with rights on one and on both.
_OF_SEVERAL = {"MoveAppResource"}


ACCOUNT = "the account's"


@dataclass
class Outcome:
    """What became of an action's requests; ``cells`` are those of the published matrix: users and
    roles with full access, a user who may read, users and roles of another application."""

    problems: list[str] = field(default_factory=list)
    cells: tuple[str, str, str] = (ACCOUNT, ACCOUNT, ACCOUNT)


def examine(world: World, name: str) -> Outcome:
    """Whether an action keeps applications apart as the manual says (15.1)."""
    found = PRODUCT.find(name)
    assert found is not None
    scope = scope_of(found, PRODUCT.scopes)
    if scope is None:
        return Outcome([f"{name} does not say how it meets applications (see scopes.py)"])
    if scope is Scope.MANAGED and name not in _OF_SEVERAL:
        return _managed(world, name, writing=is_writing(found))
    if scope in (Scope.MANAGED, Scope.SHARED):
        return Outcome()
    world.drop_spare_groups()
    problems = _as_stranger(world, name, world.stranger)
    problems += _as_stranger(world, name, world.stranger_role)
    if name in _IN_DEFAULT:
        return Outcome(problems, ("no", "no", "no"))
    writing = is_writing(found)
    problems += _as_owner(world, name, world.owner)
    problems += _as_owner(world, name, world.owner_role)
    problems += _as_reader(world, name, writing=writing)
    return Outcome(problems, ("yes", "no" if writing else "yes", "no"))


def _managed(world: World, name: str, *, writing: bool) -> Outcome:
    """Applications and policies: changed by administrators alone, shown to those they are for."""
    problems = []
    without_applications(world)
    for key in (world.owner, world.owner_role, world.reader, world.stranger, world.stranger_role):
        status, body = world.ask(name, _parameters(world, name), key)
        if writing and (status, body.get("Code")) != (403, "Forbidden.OperateApp"):
            problems.append(f"one who manages nothing gets {status} {body}")
        hidden = world.app_id if key in (world.stranger, world.stranger_role) else None
        if status == 200 and hidden in _told(body):
            problems.append(f"a stranger is told {hidden}: {body}")
    return Outcome(problems, ("no", "no", "no") if writing else ("yes", "yes", "no"))


def _parameters(world: World, name: str) -> dict[str, str]:
    action = facts.actions()[name]
    parameters = scenarios.base(world, action)
    if "AppId" in action.request:
        parameters["AppId"] = world.app_id
    return parameters


def _as_owner(world: World, name: str, key: Key) -> list[str]:
    status, body = world.ask(name, _parameters(world, name), key)
    return [] if status == 200 else [f"refused to whom it belongs: {status} {body}"]


def _as_stranger(world: World, name: str, key: Key) -> list[str]:
    parameters = _parameters(world, name)
    status, body = world.ask(name, parameters, key)
    if status in (403, 404) or "NotFound" in body.get("Code", ""):
        return []
    if status != 200:
        return [f"a stranger gets {status} {body}"]
    secret = world.known_ids | {
        item for value in parameters.values() for item in _ID.findall(value)
    }
    told = secret & set(_told(body))
    return [f"a stranger is told {sorted(told)}: {body}"] if told else []


def _as_reader(world: World, name: str, *, writing: bool) -> list[str]:
    parameters = _parameters(world, name)
    status, body = world.ask(name, parameters, world.reader)
    if not writing:
        return [] if status == 200 else [f"refused to a reader: {status} {body}"]
    if status == 403 and body["Code"].startswith("Forbidden.OperateApp"):
        return []
    # In batches: every id that was asked for is in a list of those that nothing was done to.
    asked = set(_ID.findall(" ".join(parameters.values())))
    left_alone = set(_ID.findall(str({k: v for k, v in body.items() if k.startswith(_OF_ABSENT)})))
    if status == 200 and asked and asked <= left_alone:
        return []
    return [f"a reader may write: {status} {body}"]


def _told(body: Any) -> set[str]:
    """Every text of an answer outside of the lists of what is not there."""
    if isinstance(body, dict):
        return {
            text
            for name, value in body.items()
            if not name.startswith(_OF_ABSENT)
            for text in _told(value)
        }
    if isinstance(body, list):
        return {text for item in body for text in _told(item)}
    return {body} if isinstance(body, str) else set()
