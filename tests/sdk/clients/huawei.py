"""Calls OpenVOD with Huawei Cloud's official SDK for MPC, as an app does.

Runs in the SDK's own environment, apart from the project's. Each line of the input is a request,
each line of the output the answer to it: see ``tests.sdk.mpc``.
"""

import sys
import warnings

import simplejson
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException, ServiceResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkcore.utils import http_utils
from huaweicloudsdkmpc.v1 import MpcClient, model

# A value that the SDK's model does not declare is told as a warning: here it is a failure.
warnings.simplefilter("error")


def answered(order: dict) -> dict:
    return signed(order["sign"]) if "sign" in order else performed(order)


def performed(order: dict) -> dict:
    method = order["method"]
    try:
        client = client_for(order)
        response = getattr(client, method)(request_for(client, method, order["parameters"]))
    except ServiceResponseException as error:
        return {
            "error": {
                "code": error.error_code,
                "status": error.status_code,
                "message": error.error_msg,
                "request_id": error.request_id,
            }
        }
    except SdkException as error:
        return {"error": {"code": "", "status": 0, "message": str(error), "request_id": ""}}
    return {
        "status": response.status_code,
        "result": http_utils.sanitize_for_serialization(response) or {},
        "raw": response.raw_content.decode(),
    }


def client_for(order: dict) -> MpcClient:
    """Without a project id the SDK asks the IAM endpoint for it, by the region's name."""
    keys = order["credentials"]
    credentials = BasicCredentials(
        keys["access_key_id"], keys["access_key_secret"], order.get("project_id")
    )
    if keys.get("security_token"):
        credentials.with_security_token(keys["security_token"])
    config = HttpConfig.get_default_config()
    config.retry_times = 0
    builder = MpcClient.new_builder().with_http_config(config)
    if order.get("region"):
        credentials.with_iam_endpoint(order["endpoint"])
        builder.with_region(Region(order["region"], order["endpoint"]))
    else:
        builder.with_endpoint(order["endpoint"])
    client = builder.with_credentials(credentials).build()
    client.preset_headers = order.get("headers") or {}
    return client


def request_for(client: MpcClient, method: str, parameters: dict) -> object:
    """The request's model out of wire names: the query's parameters, or the body's fields."""
    name = "".join(part.capitalize() for part in method.split("_")) + "Request"
    kind = getattr(model, name)
    values = {}
    for attribute, wire in kind.attribute_map.items():
        if wire == "body":
            values[attribute] = client._deserialize(parameters, kind.openapi_types[attribute])
        elif wire in parameters:
            values[attribute] = parameters[wire]
    return kind(**values)


def signed(order: dict) -> dict:
    """A request with the headers that the SDK's signer gives it."""
    request = SdkRequest(
        method=order["method"],
        schema="https",
        host=order["host"],
        resource_path=order["path"],
        query_params=[(name, value) for name, value in order["query"]],
        header_params=dict(order["headers"]),
        body=order["body"],
    )
    credentials = BasicCredentials(order["access_key_id"], order["access_key_secret"], "unused")
    Signer(credentials).sign(request)
    return {"headers": request.header_params, "uri": request.uri}


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = answered(simplejson.loads(line))
        except Exception as failure:  # no answer to speak of; the next request may fare better
            answer = {"failure": repr(failure)}
        print(simplejson.dumps(answer, use_decimal=True), flush=True)
