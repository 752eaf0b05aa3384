"""Calls OpenVOD with Alibaba Cloud's current SDK (Tea), as an app does; signs with ACS3.

Runs in the SDK's own environment, apart from the project's. Each line of the input is a request,
each line of the output the answer to it: see ``tests.sdk.driver``.
"""

import copy
import json
import re
import sys
import typing
from collections.abc import Iterator

from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

_SCALARS = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


class Recording:
    """Keeps the body as it came, before the SDK makes a model of it."""

    received: object = None

    def call_api(self, params, request, runtime):
        answer = super().call_api(params, request, runtime)
        self.received = copy.deepcopy(answer["body"])
        return answer


class RecordingVod(Recording, VodClient):
    pass


class RecordingSts(Recording, StsClient):
    pass


_PRODUCTS = {"vod": (RecordingVod, vod_models), "sts": (RecordingSts, sts_models)}


def perform(order: dict) -> dict:
    client_class, models = _PRODUCTS[order["product"]]
    credentials = order["credentials"]
    client = client_class(
        Config(
            access_key_id=credentials["access_key_id"],
            access_key_secret=credentials["access_key_secret"],
            security_token=credentials.get("security_token"),
            endpoint=order["endpoint"],
            protocol="HTTP",
        )
    )
    request = getattr(models, f"{order['action']}Request")().from_map(order["parameters"])
    # As the SDK's generator makes method names of action names.
    method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", order["action"]).lower()
    try:
        body = getattr(client, method)(request).body
    except AlibabaCloudException as error:
        return {
            "error": {
                "code": error.code,
                "status": error.status_code,
                "message": error.message,
            }
        }
    return {
        "result": body.to_map(),
        "raw": client.received,
        "mistyped": list(mistyped(body, order["action"])),
    }


def mistyped(model: object, path: str) -> Iterator[str]:
    """The places where the model holds another type than it declares for an app's type checker."""
    declared = typing.get_type_hints(type(model).__init__, vars(_module(model)))
    for name, kind in declared.items():
        value = getattr(model, name, None)
        if value is None:
            continue
        yield from _mistyped_value(value, kind, f"{path}.{name}")


def _mistyped_value(value: object, kind: object, path: str) -> Iterator[str]:
    if typing.get_origin(kind) is list:
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for number, item in enumerate(value):
            yield from _mistyped_value(item, typing.get_args(kind)[0], f"{path}[{number}]")
    elif getattr(kind, "__name__", "") in _SCALARS:
        wanted = _SCALARS[kind.__name__]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            yield f"{path}: {value!r} is no {kind.__name__}"
    elif hasattr(value, "to_map"):
        yield from mistyped(value, path)


def _module(model: object) -> object:
    return sys.modules[type(model).__module__]


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = perform(json.loads(line))
        except Exception as failure:  # no answer to speak of; the next request may fare better
            answer = {"failure": repr(failure)}
        print(json.dumps(answer), flush=True)
