"""Puts answers through the models of Alibaba Cloud's current SDK: JSON, model, JSON again.

Runs in the SDK's own environment. Each line of the input is ``{"action", "body"}``, each line of
the output ``{"result": <what the model gives back>, "mistyped": [...]}`` or ``{"failure": "..."}``.
"""

import json
import sys

from alibabacloud_vod20170321 import models
from tea import mistyped


def passed_through(action: str, body: dict) -> dict:
    model = getattr(models, f"{action}ResponseBody")().from_map(body)
    return {"result": model.to_map(), "mistyped": list(mistyped(model, action))}


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = passed_through(order["action"], order["body"])
        except Exception as failure:
            answer = {"failure": repr(failure)}
        print(json.dumps(answer), flush=True)
