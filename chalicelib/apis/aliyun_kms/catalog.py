"""Where each action's class is."""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope
from chalicelib.identity.call_rates import CallRate

SERVICE = "kms"

_DATA_KEYS = "chalicelib.apis.aliyun_kms.data_keys"

ACTIONS = {"GenerateDataKey": _DATA_KEYS, "Decrypt": _DATA_KEYS}

# The service key is the account's, whichever application a video belongs to.
SCOPES = {"GenerateDataKey": Scope.SHARED, "Decrypt": Scope.SHARED}

RATE_LIMITS: dict[str, CallRate] = {}
