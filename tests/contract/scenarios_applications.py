"""Scenarios of applications, callbacks and storage (VOD API manual 15, 16)."""

import os

from chalicelib.identity.accounts import create_user
from tests.contract.scenario import UNKNOWN_ID, Parameters, Scenario
from tests.contract.world import World, grant


def _new_application(world: World) -> str:
    return str(world.must("CreateAppInfo", AppName=f"app{os.urandom(4).hex()}")["AppId"])


def without_applications(world: World) -> None:
    """Back to the world's own two: an account has room for ten."""
    for found in world.must("ListAppInfo", PageSize="100")["AppInfoList"]:
        if found["AppId"] not in (world.app_id, world.other_app_id, "app-1000000"):
            world.must("DeleteAppInfo", AppId=found["AppId"])


def _name(world: World) -> Parameters:
    without_applications(world)
    return {"AppName": f"测试.{os.urandom(4).hex()}", "Description": "for tests"}


def _policy(world: World) -> Parameters:
    name = f"u{os.urandom(4).hex()}"
    create_user(world.account_id, name, ["AliyunVODFullAccess"])
    return {
        "IdentityType": "RamUser",
        "IdentityName": name,
        "AppId": world.app_id,
        "PolicyNames": "VODAppReadOnlyAccess",
    }


def _attached(world: World) -> Parameters:
    parameters = _policy(world)
    world.must("AttachAppPolicyToIdentity", **parameters)
    return parameters


def _failing_policies(world: World) -> Parameters:
    names = "VODAppFullAccess,NoSuchPolicy"
    return _policy(world) | {"IdentityName": "nobody", "PolicyNames": names}


def _listed_policies(world: World) -> Parameters:
    return {"IdentityType": "RamUser", "IdentityName": "owner", "AppId": world.app_id}


def _move(world: World) -> Parameters:
    return {
        "TargetAppId": world.app_id,
        "ResourceType": "video",
        "ResourceIds": f"{world.video()},{UNKNOWN_ID}",
    }


def _moved_away(world: World) -> Parameters:
    """By one who may only read where they are, and do everything where they are to go."""
    grant(world, "reader", world.other_app_id, "VODAppFullAccess")
    return _move(world) | {"TargetAppId": world.other_app_id}


def _callback(world: World) -> Parameters:
    return {
        "CallbackType": "HTTP",
        "CallbackURL": "http://127.0.0.1:1/",
        "EventTypeList": "ALL",
        "AuthSwitch": "on",
        "AuthKey": "Abcdefgh12345678",
        "MnsEndpoint": "http://queues.example",
        "MnsQueueName": "events",
        "AppId": world.app_id,
    }


def _set_callback(world: World) -> Parameters:
    world.must("SetMessageCallback", **_callback(world))
    return {"AppId": world.app_id}


SCENARIOS: dict[str, Scenario] = {
    "CreateAppInfo": Scenario((_name,)),
    "GetAppInfos": Scenario((lambda world: {"AppIds": f"{world.app_id},app-0"},)),
    "UpdateAppInfo": Scenario(
        (lambda world: {"AppId": _new_application(world), "Status": "Disable"},)
    ),
    "DeleteAppInfo": Scenario(
        (lambda world: {"AppId": _new_application(world)},),
        {
            "Forbidden.ResourceNotEmpty": lambda world: world.ask(
                "DeleteAppInfo", {"AppId": world.app_id}
            )
        },
    ),
    "AttachAppPolicyToIdentity": Scenario((_policy, _failing_policies)),
    "DetachAppPolicyFromIdentity": Scenario((_attached, _failing_policies)),
    "ListAppPoliciesForIdentity": Scenario((_listed_policies,)),
    "MoveAppResource": Scenario(
        (_move,),
        {
            "Forbidden.OperateAppResource": lambda world: world.ask(
                "MoveAppResource", _move(world), world.stranger
            )
        },
        limited=(_moved_away,),
    ),
    "SetMessageCallback": Scenario((_callback,)),
    "GetMessageCallback": Scenario((_set_callback,)),
    "DeleteMessageCallback": Scenario((_set_callback,)),
    "SetCrossdomainContent": Scenario(
        (
            lambda world: {
                "Content": '<cross-domain-policy><allow-access-from domain="*"/>'
                "</cross-domain-policy>",
                "StorageLocation": world.values["StorageLocation"],
            },
        )
    ),
}
