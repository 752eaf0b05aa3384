"""Where each action's class is."""

SERVICE = "kms"

_DATA_KEYS = "chalicelib.apis.aliyun_kms.data_keys"

ACTIONS = {"GenerateDataKey": _DATA_KEYS, "Decrypt": _DATA_KEYS}
