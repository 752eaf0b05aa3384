"""Where each action's class is."""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.identity.call_rates import CallRate

SERVICE = "openvod"

ACTIONS = {"IssueHlsUriToken": "chalicelib.apis.openvod.key_tokens"}

# Its VideoId says which application it is about.
SCOPES: dict[str, Scope] = {}

RATE_LIMITS: dict[str, CallRate] = {}
