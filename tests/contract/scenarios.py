"""A good request for each action, and how each of its errors is provoked.

What is not here follows from the facts: required parameters are taken from the world's values by
name, else their first value or the manual's example; errors that mean the same everywhere are
provoked by ``GENERIC``. An action needs an entry where that is not enough.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.identity.accounts import create_user
from chalicelib.settings import settings
from tests.contract.facts import Action
from tests.contract.world import World

Parameters = dict[str, str]
Answer = tuple[int, dict[str, Any]]
Make = Callable[[World], Parameters]
Provoke = Callable[[World], Answer]

UNKNOWN_ID = "0" * 32


@dataclass(frozen=True)
class Scenario:
    """``good``: requests that succeed, the first is the one that violations are put into."""

    good: tuple[Make, ...] = ()
    errors: dict[str, Provoke] = field(default_factory=dict)


def base(world: World, action: Action) -> Parameters:
    """The parameters of a good request: the scenario's, else guessed from the facts."""
    scenario = SCENARIOS.get(action.name)
    if scenario and scenario.good:
        return scenario.good[0](world)
    return {
        name: world.values.get(name) or guessed(action, name)
        for name, parameter in action.request.items()
        if parameter.required
    }


def guessed(action: Action, name: str) -> str:
    """A value that the facts make likely."""
    parameter = action.request[name]
    if parameter.enum:
        return parameter.enum[0]
    return str(parameter.default or parameter.example or "1")


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """Another value of a setting, for this process."""
    before = os.environ.get(name)
    os.environ[name] = value
    settings.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
        settings.cache_clear()


# ---- errors that mean the same in every action ------------------------------------------------


def _with(**values: str) -> Callable[[World, Action], Answer | None]:
    """Set those of the parameters that the action has; None if it has none of them."""

    def provoke(world: World, action: Action) -> Answer | None:
        known = {name: value for name, value in values.items() if name in action.request}
        return world.ask(action.name, base(world, action) | known) if known else None

    return provoke


def _of_a_stranger(world: World, action: Action) -> Answer | None:
    parameters = base(world, action)
    if "AppId" in action.request:
        parameters |= {"AppId": world.app_id}
    return world.ask(action.name, parameters, world.stranger)


def _not_open(world: World, action: Action) -> Answer | None:
    parameters = base(world, action)
    with setting("OPENVOD_APPLICATIONS", "false"):
        return world.ask(action.name, parameters)


def _illegal_status(world: World, action: Action) -> Answer | None:
    parameters = base(world, action)
    if "VideoId" not in parameters:
        return None
    return world.ask(action.name, parameters | {"VideoId": world.video("uploading")})


_OF_RESOURCES = (
    "DynamicImageTemplateId",
    "SnapshotTemplateId",
    "TemplateGroupId",
    "TranscodeTaskId",
    "TranscodeTemplateGroupId",
    "VodTemplateId",
    "WatermarkId",
    "WorkflowId",
)
_NO_MEDIA = dict.fromkeys(("VideoId", "VideoIds", "MediaId", "MediaIds"), UNKNOWN_ID)

GENERIC: dict[str, Callable[[World, Action], Answer | None]] = {
    "InvalidVideo.NotFound": _with(**_NO_MEDIA),
    "InvalidMedia.NotFound": _with(**_NO_MEDIA),
    "InvalidCateId.NotFound": _with(CateId="999999999", ParentId="999999999"),
    "InvalidTemplateGroupId.NotFound": _with(TemplateGroupId=UNKNOWN_ID),
    "InvalidStorage.NotFound": _with(StorageLocation="nowhere"),
    "InvalidWorkflowId.NotFound": _with(WorkflowId=UNKNOWN_ID),
    "InvalidFileName.Extension": _with(FileName="program.exe"),
    "IllegalCharacters": _with(Title="\U0001f600", Name="\U0001f600"),
    "LengthExceededMax": _with(Title="1" * 1025, Name="1" * 1025, CateName="1" * 1025),
    "TagsExceededMax": _with(Tags=",".join(map(str, range(17)))),
    "Forbidden.IllegalStatus": _illegal_status,
    "Forbidden.OperateApp": _of_a_stranger,
    "NoSuchResource": _with(**dict.fromkeys(_OF_RESOURCES, UNKNOWN_ID)),
    "OperationDenied.NotOpenAppService": _not_open,
}

# Documented errors that no request can bring about, and why.
NOT_PROVOKED: dict[str, str] = {
    "AddVideoFailed": "a failure of the service itself, answered as ServiceUnAvailable",
    "Forbidden.InitFailed": "an account here has nothing to initialise",
    "InternalError": "a failure of the service itself",
    "InvalidVideo.Damaged": "no video here is made wrongly: its upload can always be repeated",
}


# ---- actions ------------------------------------------------------------------------------------


def _new_application(world: World) -> str:
    return str(world.must("CreateAppInfo", AppName=f"app{os.urandom(4).hex()}")["AppId"])


def _without_applications(world: World) -> None:
    """Back to the world's own two: an account has room for ten."""
    for found in world.must("ListAppInfo", PageSize="100")["AppInfoList"]:
        if found["AppId"] not in (world.app_id, world.other_app_id, "app-1000000"):
            world.must("DeleteAppInfo", AppId=found["AppId"])


def _name(world: World) -> Parameters:
    _without_applications(world)
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


def _no_stream(world: World) -> Answer:
    return world.ask("GetPlayInfo", {"VideoId": world.values["VideoId"], "Formats": "mpd"})


def _upload(world: World) -> Parameters:
    return {"Title": "A clip", "FileName": "clip.mp4", "AppId": world.app_id}


def _for_video(**more: str) -> Make:
    return lambda world: {"VideoId": world.values["VideoId"], **more}


SCENARIOS: dict[str, Scenario] = {
    "CreateUploadVideo": Scenario((_upload,)),
    "GetPlayInfo": Scenario(
        (_for_video(), _for_video(ResultType="Multiple")),
        {"InvalidVideo.NoneStream": _no_stream},
    ),
    "GetVideoPlayAuth": Scenario(
        errors={"MissingVideoId": lambda world: world.ask("GetVideoPlayAuth")}
    ),
    "GetVideoInfos": Scenario(
        (lambda world: {"VideoIds": f"{world.values['VideoId']},{UNKNOWN_ID}"},)
    ),
    "GetMezzanineInfo": Scenario((_for_video(AdditionType="video,audio"),)),
    "ListSnapshots": Scenario(
        errors={
            "NoSuchResource": lambda world: world.ask(
                "ListSnapshots",
                {"VideoId": world.video(), "SnapshotType": "SpriteOriginSnapshot"},
            )
        }
    ),
    "SubmitTranscodeJobs": Scenario(
        (_for_video(TemplateGroupId="d3fa017ad15c0de0000000000000001d"),)
    ),
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
