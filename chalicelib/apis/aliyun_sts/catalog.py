"""Where each action's class is."""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.identity.call_rates import CallRate

SERVICE = "sts"

ACTIONS = {"AssumeRole": "chalicelib.apis.aliyun_sts.roles"}

# A role's session may use the applications that the role may use.
SCOPES = {"AssumeRole": Scope.MANAGED}

RATE_LIMITS: dict[str, CallRate] = {}
