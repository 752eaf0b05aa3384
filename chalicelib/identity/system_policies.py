"""Policies that exist in every account and are attached by name (VOD developer guide 3.1, 3.4).

Their names are the vendors' words, so they lie with the vendors' APIs, as data: each folder there
may have a ``system_policies.json``, an object of names and of the actions that each grants on every
resource.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

ADMINISTRATOR = "AdministratorAccess"

_APIS = Path(__file__).parents[1] / "apis"


@lru_cache(maxsize=1)
def system_policies() -> Mapping[str, list[str]]:
    """Every system policy: its name and the patterns of actions that it grants."""
    found = {ADMINISTRATOR: ["*"]}
    for path in sorted(_APIS.glob("*/system_policies.json")):
        found |= json.loads(path.read_text("utf-8"))
    return MappingProxyType(found)
