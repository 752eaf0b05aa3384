"""A good request for each action, and how each of its errors is provoked.

What is not here follows from the facts: required parameters are taken from the world's values by
name, else their first value or the manual's example; errors that mean the same everywhere are
provoked by ``GENERIC``. An action needs an entry where that is not enough.
"""

from collections.abc import Callable

from tests.contract import (
    scenarios_applications,
    scenarios_assets,
    scenarios_processing,
    scenarios_uploads,
)
from tests.contract.facts import Action
from tests.contract.scenario import UNKNOWN_ID, Answer, Parameters, Scenario, setting
from tests.contract.world import World

SCENARIOS: dict[str, Scenario] = {
    **scenarios_uploads.SCENARIOS,
    **scenarios_assets.SCENARIOS,
    **scenarios_processing.SCENARIOS,
    **scenarios_applications.SCENARIOS,
}


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
    "ImageId",
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

# Documented errors that no request can bring about, by code or by action and code, and why.
NOT_PROVOKED: dict[str, str] = {
    "InternalError": "a failure of the service itself",
}


# Documented fields that hold nothing in any answer here, by action and path, and why.
NOT_FILLED: dict[str, str] = {
    "GetUploadDetails ForbiddenMediaIds[]": "media of other applications are not there",
    "GetUploadDetails UploadDetails[].DeviceModel": "no upload tells of the device",
    "GetPlayInfo PlayInfoList.PlayInfo[].WatermarkId": "streams do not keep their watermarks' ids",
    "GetPlayInfo VideoBase.DanMuURL": "there are no masks for comments that fly over the picture",
    "SearchMedia MediaList[].Audio.Snapshots[]": "there are no pictures of sound",
    "SearchMedia MediaList[].Audio.SpriteSnapshots[]": "there are no pictures of sound",
    "GetVideoInfo Video.CustomMediaInfo": "no action of the manual sets it",
}


def not_filled(action: Action, path: str) -> str | None:
    """Why nothing fills a documented field of an action; None: something has to."""
    return NOT_FILLED.get(f"{action.name} {path}")


def not_provoked(action: Action, code: str) -> str | None:
    """Why nothing provokes a documented error of an action; None: something has to."""
    return NOT_PROVOKED.get(f"{action.name} {code}") or NOT_PROVOKED.get(code)
