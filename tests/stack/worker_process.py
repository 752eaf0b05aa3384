"""A worker of the stack on a queue of a test's own: ``python -m tests.stack.worker_process``.

What the function is given goes to standard output, a line of JSON for each message. A message's
body says what the function does with it.
"""

import json
import sys
import time
from typing import Any

from local.lambda_context import LambdaContext
from local.worker import Source, Worker


def function(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        told = {"order": order, "record": record, "function": context.function_name}
        print(json.dumps(told), flush=True)
        time.sleep(order.get("seconds", 0))
        if order.get("raise"):
            raise RuntimeError("as ordered")
        if order.get("fail"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


if __name__ == "__main__":
    queue_url, batch_size = sys.argv[1], int(sys.argv[2])
    source = Source("tests", queue_url, batch_size, visibility_seconds=3, heartbeat_seconds=0.5)
    Worker(source, function, lambda: print(json.dumps("ready"), flush=True)).run()
