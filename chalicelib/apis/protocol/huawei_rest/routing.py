"""From a method and a path to an operation."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.apis.protocol.huawei_rest.errors import MethodNotSupported, no_such_path
from chalicelib.apis.protocol.huawei_rest.operation import Route

PROJECT = "project_id"


class Match(NamedTuple):
    """The operation that a request asks for; ``project_id``: the path's, None where it has none."""

    name: str
    route: Route
    project_id: str | None


def find(method: str, path: str, routes: Mapping[str, Route]) -> Match:
    """The operation at a path, with or without a final slash.

    Raises no_such_path, and MethodNotSupported where the path has operations of other methods.
    """
    parts = path.removesuffix("/").split("/")
    known = False
    for name, route in routes.items():
        found = _parameters(route.path, parts)
        if found is None:
            continue
        if route.method == method:
            return Match(name, route, found.get(PROJECT))
        known = True
    raise MethodNotSupported(method) if known else no_such_path()


def _parameters(template: str, parts: list[str]) -> dict[str, str] | None:
    wanted = template.split("/")
    if len(wanted) != len(parts):
        return None
    found = {}
    for name, part in zip(wanted, parts, strict=True):
        if name.startswith("{"):
            found[name[1:-1]] = part
        elif name != part:
            return None
    return found
