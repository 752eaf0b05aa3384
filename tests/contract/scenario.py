"""What a scenario is: good requests of an action, and what provokes its errors."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.settings import settings
from tests.contract.world import World

Parameters = dict[str, str]
Answer = tuple[int, dict[str, Any]]
Make = Callable[[World], Parameters]
Provoke = Callable[[World], Answer]

UNKNOWN_ID = "0" * 32


@dataclass(frozen=True)
class Scenario:
    """``good``: requests that succeed, the first is the one that violations are put into.

    ``limited``: requests that succeed, of a user who may only read the application.
    """

    good: tuple[Make, ...] = ()
    errors: dict[str, Provoke] = field(default_factory=dict)
    limited: tuple[Make, ...] = ()


def named(*names: str, **more: str) -> Make:
    """These of the world's values, under the names of parameters, and what else is given."""
    return lambda world: {name: world.values[name] for name in names} | more


def asking(action: str, *names: str, **more: str) -> Provoke:
    """A request made of the world's values."""
    return lambda world: world.ask(action, named(*names, **more)(world))


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """Another value of a setting, for this process."""
    before = os.environ.get(name)
    os.environ[name] = value
    settings.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
        settings.cache_clear()
