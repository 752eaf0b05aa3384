"""Where each action's class is."""

SERVICE = "openvod"

ACTIONS = {"IssueHlsUriToken": "chalicelib.apis.openvod.key_tokens"}
