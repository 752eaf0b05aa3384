"""Where the actions are."""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.identity.call_rates import CallRate

SERVICE = "tiny"

_DECLARED = ("Echo", "Shapes", "Fail", "Require", "OwnResource")

ACTIONS = dict.fromkeys((*_DECLARED, "Undeclared"), "tests.protocol.tiny_product.actions")

SCOPES = dict.fromkeys(_DECLARED, Scope.SHARED)

RATE_LIMITS = {"Shapes": CallRate(3, seconds=10**6)}
