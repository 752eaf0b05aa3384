"""A good request for each action, and how each of its errors is provoked.

What is not here follows from the facts: required parameters are taken from the world's values by
name, else their first value or the manual's example; errors that mean the same everywhere are
provoked by ``GENERIC``. An action needs an entry where that is not enough.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.identity.accounts import create_user
from chalicelib.settings import settings
from chalicelib.store import database, outputs
from chalicelib.store.outputs import Stream
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
    "DeleteStreamFailed": "a deletion is written down and comes true; a failure of the service is"
    " answered as ServiceUnAvailable",
    "DeleteVideoFailed": "as DeleteStreamFailed",
    "Forbidden.InitFailed": "an account here has nothing to initialise",
    "InternalError": "a failure of the service itself",
    "InvalidFile.NotFound": "a source that was deleted is told by Mezzanine.Status",
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


def _new_video(world: World, **more: str) -> str:
    """A video that was not uploaded yet."""
    created = world.must(
        "CreateUploadVideo", Title="A clip", FileName="clip.mp4", AppId=world.app_id, **more
    )
    return str(created["VideoId"])


def _new_videos(world: World) -> Parameters:
    return {"VideoIds": f"{_new_video(world)},{UNKNOWN_ID}"}


def _new_stream(world: World) -> Parameters:
    """A video that has a stream."""
    video_id, job_id = _new_video(world), os.urandom(16).hex()
    now = datetime.now(UTC)
    stream = Stream(
        job_id=job_id,
        account_id=world.account_id,
        media_id=video_id,
        generation=0,
        template_id="",
        definition="LD",
        format="mp4",
        object_key=f"{video_id}/made-ld.mp4",
        size=1,
        facts="",
        original=False,
        created_at=now,
        modified_at=now,
    )
    database.run(lambda tx: outputs.put_stream(tx, stream))
    return {"VideoId": video_id, "JobIds": job_id}


def _category(world: World, *, levels: int = 1) -> int:
    parent: dict[str, str] = {}
    for _ in range(levels):
        made = world.must("AddCategory", CateName="category", **parent)["Category"]
        parent = {"ParentId": str(made["CateId"])}
    return int(made["CateId"])


def _of_category(**more: str) -> Make:
    return lambda world: {"CateId": str(_category(world)), **more}


def _full_category(world: World) -> Answer:
    wanted = {"CateName": "c", "ParentId": str(_category(world))}
    for _ in range(100):
        world.must("AddCategory", **wanted)
    return world.ask("AddCategory", wanted)


def _too_deep(world: World) -> Answer:
    wanted = {"CateName": "c", "ParentId": str(_category(world, levels=3))}
    return world.ask("AddCategory", wanted)


def _parent_category(world: World) -> Parameters:
    category = str(_category(world))
    world.must("AddCategory", CateName="below", ParentId=category)
    return {"CateId": category}


def _changed_videos(world: World) -> Parameters:
    several = [{"VideoId": _new_video(world), "Title": "new"}, {"VideoId": UNKNOWN_ID}]
    return {"UpdateContent": json.dumps(several)}


def _too_many_changes(world: World) -> Answer:
    several = [{"VideoId": UNKNOWN_ID}] * 21
    return world.ask("UpdateVideoInfos", {"UpdateContent": json.dumps(several)})


def _new_video_category(world: World) -> int:
    category = _category(world)
    _new_video(world, CateId=str(category))
    return category


def _searched(**parameters: str) -> Provoke:
    return lambda world: world.ask("SearchMedia", parameters)


_ALL_FIELDS = (
    "Title,Tags,Description,Status,CateId,CateName,Size,Duration,CoverURL,Snapshots,MediaSource,"
    "SpriteSnapshots,PreprocessStatus,ModificationTime,StorageLocation,AppId,DownloadSwitch,"
    "TranscodeMode"
)
_MANY_IDS = ",".join(f"{number:032x}" for number in range(21))


def _find(world: World) -> Parameters:
    _new_video(world, CateId=str(_category(world)), Tags="one")
    return {"Fields": _ALL_FIELDS, "Match": "Title = 'clip'"}


def _find_audio(world: World) -> Parameters:
    created = {"Title": "A clip", "FileName": "clip.mp3", "AppId": world.app_id}
    world.must("CreateUploadVideo", **created, CateId=str(_category(world)))
    return {"SearchType": "audio", "Fields": _ALL_FIELDS}


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
    "SearchMedia": Scenario(
        (_find, _find_audio),
        {
            "SortByExceededMax": _searched(
                ScrollToken="A" * 32, SortBy="CreationTime:Desc,ModificationTime:Asc"
            ),
            "ErrorMatchSyntax": _searched(Match="Title ="),
            "InvalidScrollToken.Expired": _searched(ScrollToken="A" * 32),
        },
    ),
    "AddCategory": Scenario(
        (lambda _: {"CateName": "category"},),
        {"LevelExceededMax": _too_deep, "SubTotalExceededMax": _full_category},
    ),
    "UpdateCategory": Scenario((_of_category(CateName="renamed"),)),
    "DeleteCategory": Scenario((_of_category(),)),
    "GetCategories": Scenario((_parent_category,)),
    "GetVideoList": Scenario(
        (
            lambda _: {},
            lambda world: {
                "CateId": str(_new_video_category(world)),
                "Status": "Uploading,Normal",
                "StartTime": "2020-01-01T00:00:00Z",
                "EndTime": "2120-01-01T00:00:00Z",
            },
        ),
        {
            "VideoListExceededMax": lambda world: world.ask(
                "GetVideoList", {"PageNo": "51", "PageSize": "100"}
            ),
            "InvalidVideo.NotFound": lambda world: world.ask(
                "GetVideoList", {"CateId": str(_category(world))}
            ),
        },
    ),
    "UpdateVideoInfo": Scenario(
        (lambda world: {"VideoId": _new_video(world), "Title": "new", "Tags": "a,b"},)
    ),
    "UpdateVideoInfos": Scenario((_changed_videos,), {"CountExceededMax": _too_many_changes}),
    "DeleteMezzanines": Scenario((_new_videos,)),
    "DeleteStream": Scenario(
        (_new_stream,),
        {
            "JobIdsExceededMax": lambda world: world.ask(
                "DeleteStream", {"VideoId": _new_video(world), "JobIds": _MANY_IDS}
            ),
            "InvalidStream.NotFound": lambda world: world.ask(
                "DeleteStream", {"VideoId": _new_video(world), "JobIds": UNKNOWN_ID}
            ),
        },
    ),
    "DeleteVideo": Scenario(
        (_new_videos,),
        {
            "VideoIdsExceededMax": lambda world: world.ask("DeleteVideo", {"VideoIds": _MANY_IDS}),
        },
    ),
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
