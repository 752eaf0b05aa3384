"""Where each action's class is."""

SERVICE = "sts"

ACTIONS = {"AssumeRole": "chalicelib.apis.aliyun_sts.roles"}
