"""Scenarios of media processing (VOD API manual 8)."""

import json
import os

from tests.contract import failures
from tests.contract.documents import DOCUMENTS
from tests.contract.scenario import (
    UNKNOWN_ID,
    Answer,
    Make,
    Parameters,
    Scenario,
    asking,
    named,
    setting,
)
from tests.contract.world import (
    BUILT_IN_GROUP,
    SNAPSHOTS,
    TEMPLATES,
    World,
    forget_jobs,
    work_off,
)

_TEXT_MARK = json.dumps(
    {"Content": "Text", "FontName": "SimSun", "FontSize": "25", "FontColor": "Black",
     "FontAlpha": "1.0", "Top": "2", "Left": "10", "BorderWidth": "1", "BorderColor": "White"}
)  # fmt: skip


def _group(world: World, **more: str) -> str:
    return world.new_group(**more)


def _of_group(**more: str) -> Make:
    return lambda world: {"TranscodeTemplateGroupId": _group(world), **more}


def _locked(action: str, **more: str) -> object:
    def provoke(world: World) -> Answer:
        group = _group(world)
        world.must("UpdateTranscodeTemplateGroup", TranscodeTemplateGroupId=group, Locked="Enabled")
        return world.ask(action, {"TranscodeTemplateGroupId": group, **more})

    return provoke


def _default_group(world: World) -> Answer:
    group = _group(world)
    world.must("SetDefaultTranscodeTemplateGroup", TranscodeTemplateGroupId=group)
    answer = world.ask(
        "DeleteTranscodeTemplateGroup",
        {"TranscodeTemplateGroupId": group, "ForceDelGroup": "true"},
    )
    world.must(
        "SetDefaultTranscodeTemplateGroup",
        TranscodeTemplateGroupId=world.values["TranscodeTemplateGroupId"],
    )
    return answer


def _too_many_groups(world: World) -> Answer:
    app_id = str(world.must("CreateAppInfo", AppName=os.urandom(4).hex())["AppId"])
    made: list[str] = []
    while True:
        wanted = {"Name": f"group {len(made)}", "AppId": app_id, "TranscodeTemplateList": TEMPLATES}
        status, body = world.ask("AddTranscodeTemplateGroup", wanted)
        if status != 200:
            break
        made.append(str(body["TranscodeTemplateGroupId"]))
    for group in made:
        world.must(
            "DeleteTranscodeTemplateGroup", TranscodeTemplateGroupId=group, ForceDelGroup="true"
        )
    world.must("DeleteAppInfo", AppId=app_id)
    return status, body


def _too_many_templates(world: World) -> Answer:
    templates = json.dumps(json.loads(TEMPLATES) * 101)
    return world.ask(
        "AddTranscodeTemplateGroup",
        {"Name": "many", "AppId": world.app_id, "TranscodeTemplateList": templates},
    )


def _too_many_watermarks(world: World) -> Answer:
    (template,) = json.loads(TEMPLATES)
    marked = json.dumps([{**template, "WatermarkIds": [world.values["WatermarkId"]] * 5}])
    return world.ask(
        "AddTranscodeTemplateGroup",
        {"Name": "marked", "AppId": world.app_id, "TranscodeTemplateList": marked},
    )


def _new_template(world: World) -> Parameters:
    return {"VodTemplateId": world.new_template()}


def _new_watermark(world: World) -> Parameters:
    return {"WatermarkId": world.new_watermark()}


def _image_mark(world: World) -> Parameters:
    config = {"Width": "55", "Height": "55", "Dx": "9", "Dy": "9", "ReferPos": "BottomLeft"}
    return {
        "Type": "Image",
        "Name": "mark",
        "WatermarkConfig": json.dumps(config),
        "FileUrl": world.values["FileUrl"],
        "AppId": world.app_id,
    }


def _text_mark(world: World) -> Parameters:
    return {
        "Type": "Text",
        "Name": "mark",
        "WatermarkConfig": _TEXT_MARK,
        "AppId": world.app_id,
    }


def _no_template(world: World) -> Parameters:
    return {"TranscodeTemplateGroupId": _group(world), "TranscodeTemplateIds": UNKNOWN_ID}


def _of_image_mark(action: str) -> Make:
    def parameters(world: World) -> Parameters:
        made = world.must("AddWatermark", **_image_mark(world))
        mark = {"WatermarkId": str(made["WatermarkInfo"]["WatermarkId"])}
        if action == "UpdateWatermark":
            mark |= {"Name": "other", "WatermarkConfig": _image_mark(world)["WatermarkConfig"]}
        return mark

    return parameters


def _of_whole_group(name: str) -> Make:
    """A group with one of the documents in it."""

    def parameters(world: World) -> Parameters:
        make = DOCUMENTS["AddTranscodeTemplateGroup"][f"TranscodeTemplateList{name}"]
        made = world.must("AddTranscodeTemplateGroup", **make(world))
        return {"TranscodeTemplateGroupId": str(made["TranscodeTemplateGroupId"])}

    return parameters


def _worked_off(world: World) -> tuple[str, str, str]:
    """A task whose rendition bears a watermark, one that failed, and the video of the latter."""
    if "FailedTaskId" not in world.values:
        mark = _of_image_mark("GetWatermark")(world)["WatermarkId"]
        (template,) = json.loads(TEMPLATES)
        made = world.must(
            "AddTranscodeTemplateGroup",
            Name="marked",
            AppId=world.app_id,
            TranscodeTemplateList=json.dumps([{**template, "WatermarkIds": [mark]}]),
        )
        group = str(made["TranscodeTemplateGroupId"])
        world.values["LostId"] = world.video()  # without bytes of its own
        forget_jobs()
        for name, video in (("MarkedTaskId", "VideoId"), ("FailedTaskId", "LostId")):
            submitted = world.must(
                "SubmitTranscodeJobs", VideoId=world.values[video], TemplateGroupId=group
            )
            world.values[name] = str(submitted["TranscodeTaskId"])
        with setting("OPENVOD_JOB_MAX_ATTEMPTS", "1"):
            work_off()
    values = world.values
    return values["MarkedTaskId"], values["FailedTaskId"], values["LostId"]


def _summaries(world: World) -> Parameters:
    *_, lost = _worked_off(world)
    return {"VideoIds": f"{world.values['VideoId']},{lost},{UNKNOWN_ID}"}


_UNKNOWN_GROUP = {"TranscodeTemplateGroupId": UNKNOWN_ID}

SCENARIOS: dict[str, Scenario] = {
    "SubmitTranscodeJobs": Scenario((named("VideoId", TemplateGroupId=BUILT_IN_GROUP),)),
    "SubmitPreprocessJobs": Scenario(
        errors={
            "NoSuchResource": failures.without_source(
                "SubmitPreprocessJobs", PreprocessType="LivePreprocess"
            )
        }
    ),
    "SubmitDynamicImageJob": Scenario((named("VideoId", "DynamicImageTemplateId"),)),
    "SubmitWorkflowJob": Scenario((named("MediaId", "WorkflowId"),)),
    "AddTranscodeTemplateGroup": Scenario(
        (
            lambda world: {
                "Name": os.urandom(4).hex(),
                "TranscodeTemplateList": TEMPLATES,
                "AppId": world.app_id,
            },
        ),
        {
            "InvalidTranscodeTemplateGroup.NotFound": asking(
                "AddTranscodeTemplateGroup", **_UNKNOWN_GROUP, TranscodeTemplateList=TEMPLATES
            ),
            "Forbidden.LockedTemplateGroup": _locked(
                "AddTranscodeTemplateGroup", TranscodeTemplateList=TEMPLATES
            ),
            "Forbidden.SpecialTemplateGroup": asking(
                "AddTranscodeTemplateGroup",
                TranscodeTemplateGroupId="VOD_NO_TRANSCODE",
                TranscodeTemplateList=TEMPLATES,
            ),
            "InvalidStorage.NotFound": failures.asking_without(
                "OPENVOD_MEDIA_BUCKET",
                "AddTranscodeTemplateGroup",
                Name="group",
                TranscodeTemplateList=TEMPLATES,
            ),
            "TrasncodeTemplateGroupExceededMax": _too_many_groups,
            "TranscodeTemplateExceededMax": _too_many_templates,
            "WatermarkExceededMax": _too_many_watermarks,
        },
    ),
    "UpdateTranscodeTemplateGroup": Scenario(
        (_of_group(Name="another"),),
        {
            "InvalidTranscodeTemplateGroup.NotFound": asking(
                "UpdateTranscodeTemplateGroup", **_UNKNOWN_GROUP, Name="another"
            ),
            "InvalidStorage.NotFound": failures.asking_without(
                "OPENVOD_MEDIA_BUCKET", "UpdateTranscodeTemplateGroup", **_UNKNOWN_GROUP, Name="x"
            ),
            "Forbidden.LockedTemplateGroup": _locked("UpdateTranscodeTemplateGroup", Name="x"),
        },
    ),
    "DeleteTranscodeTemplateGroup": Scenario(
        (_of_group(ForceDelGroup="true"), _no_template),
        {
            "InvalidTranscodeTemplateGroup.NotFound": asking(
                "DeleteTranscodeTemplateGroup", **_UNKNOWN_GROUP, ForceDelGroup="true"
            ),
            "Forbidden.LockedTemplateGroup": _locked(
                "DeleteTranscodeTemplateGroup", ForceDelGroup="true"
            ),
            "Forbidden.DefaultTemplateGroup": _default_group,
        },
    ),
    "ListTranscodeTemplateGroup": Scenario((named("AppId"),)),
    "GetTranscodeTemplateGroup": Scenario(
        (
            named("TranscodeTemplateGroupId"),
            _of_whole_group(""),
            _of_whole_group(".SubtitleList"),
            _of_whole_group(".PackageSetting"),
        ),
        {
            "InvalidTranscodeTemplateGroup.NotFound": asking(
                "GetTranscodeTemplateGroup", **_UNKNOWN_GROUP
            )
        },
    ),
    "SetDefaultTranscodeTemplateGroup": Scenario(
        (named("TranscodeTemplateGroupId"),),
        {
            "InvalidTranscodeTemplateGroup.NotFound": asking(
                "SetDefaultTranscodeTemplateGroup", **_UNKNOWN_GROUP
            )
        },
    ),
    "AddVodTemplate": Scenario(
        (
            lambda world: {
                "Name": "snapshots",
                "TemplateType": "Snapshot",
                "TemplateConfig": SNAPSHOTS,
                "AppId": world.app_id,
            },
        )
    ),
    "DeleteVodTemplate": Scenario((_new_template,)),
    "GetVodTemplate": Scenario((named("VodTemplateId"),)),
    "ListVodTemplate": Scenario((named("AppId", TemplateType="Snapshot"),)),
    "UpdateVodTemplate": Scenario(
        (named("VodTemplateId", Name="other", TemplateConfig=SNAPSHOTS),)
    ),
    "AddWatermark": Scenario(
        (_image_mark, _text_mark),
        {
            "NoSuchResource": lambda world: world.ask(
                "AddWatermark", _image_mark(world) | {"FileUrl": "http://nowhere.example/x.png"}
            )
        },
    ),
    "UpdateWatermark": Scenario(
        (
            named("WatermarkId", Name="other", WatermarkConfig=_TEXT_MARK),
            _of_image_mark("UpdateWatermark"),
        )
    ),
    "DeleteWatermark": Scenario((_new_watermark,)),
    "SetDefaultWatermark": Scenario((named("WatermarkId"),)),
    "GetWatermark": Scenario((named("WatermarkId"), _of_image_mark("GetWatermark"))),
    "GetTranscodeSummary": Scenario((named("VideoIds"), _summaries)),
    "GetTranscodeTask": Scenario(
        (
            named("TranscodeTaskId"),
            lambda world: {"TranscodeTaskId": _worked_off(world)[0]},
            lambda world: {"TranscodeTaskId": _worked_off(world)[1]},
        )
    ),
    "ListWatermark": Scenario((named("AppId"),)),
}
