"""Where the actions are."""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.identity.call_rates import CallRate

SERVICE = "tiny"

ACTIONS = dict.fromkeys(
    ("Echo", "Shapes", "Fail", "Require", "OwnResource"), "tests.protocol.tiny_product.actions"
)

SCOPES = dict.fromkeys(ACTIONS, Scope.SHARED)

RATE_LIMITS = {"Shapes": CallRate(3, seconds=10**6)}
