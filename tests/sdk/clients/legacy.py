"""Calls OpenVOD with Alibaba Cloud's older SDK (aliyun-python-sdk), as an app does; signs with V1.

Runs in the SDK's own environment, apart from the project's. Each line of the input is a request,
each line of the output the answer to it: see ``tests.sdk.driver``.
"""

import importlib
import json
import logging
import sys

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient

# It prints every error answer, expected or not.
logging.getLogger("aliyunsdkcore").setLevel(logging.CRITICAL)

_PACKAGES = {"vod": "aliyunsdkvod.request.v20170321", "sts": "aliyunsdksts.request.v20150401"}


def perform(order: dict) -> dict:
    keys = order["credentials"]
    pair = (keys["access_key_id"], keys["access_key_secret"])
    token = keys.get("security_token")
    credential = StsTokenCredential(*pair, token) if token else AccessKeyCredential(*pair)
    client = AcsClient(region_id="cn-shanghai", credential=credential, auto_retry=False)
    name = f"{order['action']}Request"
    module = importlib.import_module(f"{_PACKAGES[order['product']]}.{name}")
    request = getattr(module, name)()
    request.set_endpoint(order["endpoint"])
    request.set_protocol_type("http")
    request.set_accept_format("json")
    if order.get("method"):
        request.set_method(order["method"])
    for parameter, value in order["parameters"].items():
        getattr(request, f"set_{parameter}")(value)
    try:
        body = client.do_action_with_exception(request)
    except ServerException as error:
        return {
            "error": {
                "code": error.get_error_code(),
                "status": error.get_http_status(),
                "message": error.get_error_msg(),
            }
        }
    # This SDK has no models: an app parses the body itself.
    return {"result": json.loads(body), "raw": json.loads(body), "mistyped": []}


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = perform(json.loads(line))
        except Exception as failure:  # no answer to speak of; the next request may fare better
            answer = {"failure": repr(failure)}
        print(json.dumps(answer), flush=True)
