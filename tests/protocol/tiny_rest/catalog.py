"""Where the operations are."""

from chalicelib.apis.protocol.huawei_rest.operation import Route

SERVICE = "tiny"

_V1 = "/tiny/{project_id}"

ROUTES = {
    "Echo": Route("POST", f"{_V1}/echo", 201, 403),
    "FindEcho": Route("GET", f"{_V1}/echo", 200, 400),
    "DropEcho": Route("DELETE", f"{_V1}/echo", 204, 406),
    "Fail": Route("PUT", f"{_V1}/failures", 200, 403),
}

ACTIONS = dict.fromkeys(ROUTES, "tests.protocol.tiny_rest.operations")
