"""Which product answers which API version. Importing this imports no product.

A product is a package ``chalicelib.apis.{vendor}`` with two modules:

- ``catalog``: ``ACTIONS``, a mapping from each action's name to the full name of the module that
  has the class of that name, ``SERVICE``, the prefix of policies' actions (``vod``), ``SCOPES``,
  how actions meet applications where their parameters do not say it, and ``RATE_LIMITS``, how often
  an account may call actions;
- ``errors``: ``ERRORS``, the table from domain errors to wire errors.

An action's module is imported when the action is first called: a cold start loads one chapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import MappingProxyType

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, Scope
from chalicelib.apis.protocol.aliyun_rpc.errors import Errors
from chalicelib.identity.call_rates import CallRate

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "2017-03-21": "chalicelib.apis.aliyun_vod",
        "2015-04-01": "chalicelib.apis.aliyun_sts",
        "2016-01-20": "chalicelib.apis.aliyun_kms",
        "2026-11-01": "chalicelib.apis.openvod",
    }
)
"""API version -> package."""


@dataclass(frozen=True, slots=True)
class Product:
    """One vendor product. ``actions`` maps names to full names of modules."""

    service: str
    actions: Mapping[str, str]
    scopes: Mapping[str, Scope]
    rates: Mapping[str, CallRate]
    errors: Errors

    def find(self, action: str) -> type[RpcAction] | None:
        """The class of an action, or None when the product has no such action."""
        module = self.actions.get(action)
        return _imported(module, action) if module is not None else None


@cache
def _imported(module: str, action: str) -> type[RpcAction]:
    found: type[RpcAction] = getattr(import_module(module), action)
    return found


@lru_cache(maxsize=16)
def load_product(package: str) -> Product:
    """A product's tables, read once."""
    catalog = import_module(f"{package}.catalog")
    errors = import_module(f"{package}.errors")
    return Product(
        service=catalog.SERVICE,
        actions=catalog.ACTIONS,
        scopes=catalog.SCOPES,
        rates=catalog.RATE_LIMITS,
        errors=errors.ERRORS,
    )
