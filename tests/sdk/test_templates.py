"""Template groups, watermarks and transcode tasks, as an app uses them through each SDK."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import clips
from tests.media.decoding import decode
from tests.pictures import png
from tests.sdk.customer import NO_TRANSCODE, Customer, Upload, decoded
from tests.sdk.driver import ApiFailure
from tests.sdk.player import play

ID = re.compile(r"[0-9a-f]{32}")
_CLIP = {"TimeSpan": {"Seek": "0.5", "Duration": "1"}}
_VIDEO = {"Codec": "H.264", "Crf": "30", "Width": "320", "Preset": "veryfast", "Remove": "false"}
_AUDIO = {"Codec": "AAC", "Bitrate": "64", "Samplerate": "44100", "Remove": "false"}


def _mp4(name: str, definition: str, **more: Any) -> dict[str, Any]:
    return {
        "TemplateName": name,
        "Definition": definition,
        "Container": {"Format": "mp4"},
        "Video": _VIDEO,
        "Audio": _AUDIO,
        "Clip": _CLIP,
        **more,
    }


def _add_group(customer: Customer, *templates: dict[str, Any], name: str = "tests") -> str:
    made = customer.call(
        "AddTranscodeTemplateGroup", Name=name, TranscodeTemplateList=json.dumps(templates)
    )
    group_id: str = made["TranscodeTemplateGroupId"]
    assert ID.fullmatch(group_id)
    return group_id


def _group(customer: Customer, group_id: str) -> dict[str, Any]:
    found: dict[str, Any] = customer.call(
        "GetTranscodeTemplateGroup", TranscodeTemplateGroupId=group_id
    )["TranscodeTemplateGroup"]
    return found


def _delete(customer: Customer, group_id: str) -> None:
    customer.call(
        "DeleteTranscodeTemplateGroup", TranscodeTemplateGroupId=group_id, ForceDelGroup="true"
    )


def _refused(customer: Customer, action: str, **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ApiFailure) as refused:
        customer.call(action, **parameters)
    return refused.value.code, refused.value.status


def _picture_url(customer: Customer) -> str:
    """A watermark's picture, uploaded as an app does it."""
    made = customer.call("CreateUploadAttachedMedia", BusinessType="watermark", MediaExt="png")
    upload = Upload(made["MediaId"], decoded(made["UploadAddress"]), decoded(made["UploadAuth"]))
    upload.put(png(40, 40))
    url: str = made["FileURL"]
    return url


def test_a_group_from_its_making_to_its_end(customer: Customer) -> None:
    video = json.dumps(_VIDEO)
    group_id = _add_group(
        customer, _mp4("first", "SD", Video=video, Rotate="180", TranscodeFileRegular="{MediaId}/a")
    )
    group = _group(customer, group_id)
    assert (group["Name"], group["IsDefault"], group["Locked"]) == (
        "tests", "NotDefault", "Disabled",
    )  # fmt: skip
    (template,) = group["TranscodeTemplateList"]
    assert template["Video"] == video  # to the letter
    assert json.loads(template["Audio"]) == _AUDIO
    assert (template["Definition"], template["Rotate"]) == ("SD", "180")
    assert template["TranscodeFileRegular"] == "{MediaId}/a"
    template_id = template["TranscodeTemplateId"]
    customer.call(
        "AddTranscodeTemplateGroup",
        TranscodeTemplateGroupId=group_id,
        TranscodeTemplateList=json.dumps([_mp4("second", "HD")]),
    )
    customer.call(
        "UpdateTranscodeTemplateGroup",
        TranscodeTemplateGroupId=group_id,
        Name="renamed",
        Locked="Enabled",
        TranscodeTemplateList=json.dumps(
            [{"TranscodeTemplateId": template_id, "Rotate": "90", "TemplateName": "turned"}]
        ),
    )
    group = _group(customer, group_id)
    assert (group["Name"], group["Locked"]) == ("renamed", "Enabled")
    first, second = group["TranscodeTemplateList"]
    assert (first["TemplateName"], first["Rotate"], first["Video"]) == ("turned", "90", video)
    assert second["TemplateName"] == "second"
    listed = customer.call("ListTranscodeTemplateGroup")["TranscodeTemplateGroupList"]
    assert {one["TranscodeTemplateGroupId"] for one in listed} >= {group_id, NO_TRANSCODE}
    locked = ("Forbidden.LockedTemplateGroup", 403)
    named = {"TranscodeTemplateGroupId": group_id}
    assert _refused(customer, "UpdateTranscodeTemplateGroup", Name="x", **named) == locked
    more = json.dumps([_mp4("third", "LD")])
    assert (
        _refused(customer, "AddTranscodeTemplateGroup", TranscodeTemplateList=more, **named)
        == locked
    )
    assert (
        _refused(customer, "DeleteTranscodeTemplateGroup", ForceDelGroup="true", **named) == locked
    )
    customer.call("UpdateTranscodeTemplateGroup", Locked="Disabled", **named)
    unknown = "0" * 32
    gone = customer.call(
        "DeleteTranscodeTemplateGroup", TranscodeTemplateIds=f"{template_id},{unknown}", **named
    )
    assert gone["NonExistTranscodeTemplateIds"] == [unknown]
    assert len(_group(customer, group_id)["TranscodeTemplateList"]) == 1
    _delete(customer, group_id)
    missing = ("InvalidTranscodeTemplateGroup.NotFound", 404)
    assert _refused(customer, "GetTranscodeTemplateGroup", **named) == missing


def test_the_default_group_is_what_uploads_use(customer: Customer) -> None:
    group_id = _add_group(customer, _mp4("default", "LD"))
    customer.call("SetDefaultTranscodeTemplateGroup", TranscodeTemplateGroupId=group_id)
    try:
        assert _group(customer, group_id)["IsDefault"] == "Default"
        upload = customer.create("clip.mp4", "")
        assert customer.video(upload.video_id)["TemplateGroupId"] == group_id
        refused = _refused(
            customer,
            "DeleteTranscodeTemplateGroup",
            TranscodeTemplateGroupId=group_id,
            ForceDelGroup="true",
        )
        assert refused == ("Forbidden.DefaultTemplateGroup", 403)
    finally:
        customer.call("SetDefaultTranscodeTemplateGroup", TranscodeTemplateGroupId=NO_TRANSCODE)
    _delete(customer, group_id)


def test_groups_that_cannot_be_made(customer: Customer) -> None:
    def refused(**parameters: Any) -> tuple[str, int]:
        return _refused(customer, "AddTranscodeTemplateGroup", **parameters)

    assert refused() == ("MissingParameter", 400)
    plain = json.dumps([_mp4("plain", "SD")])
    assert refused(TranscodeTemplateGroupId=NO_TRANSCODE, TranscodeTemplateList=plain) == (
        "Forbidden.SpecialTemplateGroup", 403,
    )  # fmt: skip
    assert refused(TranscodeTemplateGroupId="0" * 32, TranscodeTemplateList=plain) == (
        "InvalidTranscodeTemplateGroup.NotFound", 404,
    )  # fmt: skip
    bad = json.dumps([_mp4("bad", "SD", Video=_VIDEO | {"Width": "20000"})])
    assert refused(Name="x", TranscodeTemplateList=bad) == ("InvalidParameter", 400)
    unknown = json.dumps([_mp4("marked", "SD", WatermarkIds=["0" * 32])])
    assert refused(Name="x", TranscodeTemplateList=unknown) == ("NoSuchResource", 404)
    many = json.dumps([_mp4("many", "SD", WatermarkIds=["1", "2", "3", "4", "5"])])
    assert refused(Name="x", TranscodeTemplateList=many) == ("WatermarkExceededMax", 400)
    full = json.dumps([_mp4(f"t{n}", "SD") for n in range(21)])
    assert refused(Name="x", TranscodeTemplateList=full) == ("TranscodeTemplateExceededMax", 400)


def test_watermarks(customer: Customer) -> None:
    url = _picture_url(customer)
    config = '{"Dx":"8","Dy":"0.1","Width":"0.2","ReferPos":"BottomRight"}'
    image = customer.call(
        "AddWatermark", Type="Image", Name="图片水印1", WatermarkConfig=config, FileUrl=url
    )["WatermarkInfo"]
    assert ID.fullmatch(image["WatermarkId"])
    assert (image["Type"], image["IsDefault"]) == ("Image", "NotDefault")
    assert json.loads(image["WatermarkConfig"]) == json.loads(config)
    assert requests.get(image["FileUrl"], timeout=10).content == png(40, 40)
    text_config = json.dumps({"Content": "水印测试", "FontColor": "Blue", "FontSize": 80})
    text = customer.call("AddWatermark", Type="Text", Name="text", WatermarkConfig=text_config)
    text_id = text["WatermarkInfo"]["WatermarkId"]
    assert "FileUrl" not in text["WatermarkInfo"]
    changed = customer.call(
        "UpdateWatermark",
        WatermarkId=text_id,
        Name="other",
        WatermarkConfig=json.dumps({"Content": "other"}),
    )["WatermarkInfo"]
    assert (changed["Name"], json.loads(changed["WatermarkConfig"])) == (
        "other", {"Content": "other"},
    )  # fmt: skip
    customer.call("SetDefaultWatermark", WatermarkId=text_id)
    found = customer.call("GetWatermark", WatermarkId=text_id)["WatermarkInfo"]
    assert (found["IsDefault"], found["AppId"]) == ("Default", "app-1000000")
    listed = [one["WatermarkId"] for one in customer.call("ListWatermark")["WatermarkInfos"]]
    assert listed[:2] == [text_id, image["WatermarkId"]]
    assert _refused(customer, "DeleteWatermark", WatermarkId=text_id)[1] == 403
    customer.call("DeleteWatermark", WatermarkId=image["WatermarkId"])
    nothing = ("NoSuchResource", 404)
    assert _refused(customer, "GetWatermark", WatermarkId=image["WatermarkId"]) == nothing
    for parameters, problem in (
        ({"Type": "Image", "WatermarkConfig": config}, ("MissingParameter", 400)),
        (
            {"Type": "Image", "WatermarkConfig": config, "FileUrl": "http://a.example/x.png"},
            nothing,
        ),
        # The file went with the watermark.
        ({"Type": "Image", "WatermarkConfig": config, "FileUrl": url}, nothing),
        ({"Type": "Text", "WatermarkConfig": '{"FontSize":"16"}'}, ("InvalidParameter", 400)),
        (
            {"Type": "Text", "WatermarkConfig": '{"Content":"x","FontColor":"Puce"}'},
            ("InvalidParameter", 400),
        ),
    ):
        assert _refused(customer, "AddWatermark", Name="x", **parameters) == problem


def test_a_group_makes_what_it_says(tea: Customer, tmp_path: Path) -> None:
    customer = tea
    url = _picture_url(customer)
    mark = customer.call(
        "AddWatermark",
        Type="Image",
        Name="mark",
        FileUrl=url,
        WatermarkConfig=json.dumps(
            {"Dx": "8", "Dy": "8", "Width": "40", "Height": "40", "ReferPos": "TopLeft"}
        ),
    )["WatermarkInfo"]["WatermarkId"]
    rule = "{MediaId}/{JobId}/film-{PlayDefinition}"
    hls = {
        "Container": {"Format": "m3u8"},
        "MuxConfig": {"Segment": {"Duration": "1"}},
        "TranscodeFileRegular": rule,
    }
    group_id = _add_group(
        customer,
        _mp4("marked", "SD", WatermarkIds=[mark]),
        _mp4("segments", "HD", **hls),
        _mp4("sound", "HQ", Container={"Format": "mp3"}, Audio=_AUDIO | {"Codec": "MP3"}),
        _mp4("too wide", "FHD", Video=_VIDEO | {"Width": "1920"},
             TransConfig={"IsCheckResoFail": "true"}),
    )  # fmt: skip
    film = customer.upload(clips.make("contract"), group_id)
    customer.wait(film)
    override = {
        "TranscodeTemplateList": [
            {
                "TranscodeTemplateId": _group(customer, group_id)["TranscodeTemplateList"][0][
                    "TranscodeTemplateId"
                ],
                "Video": {"Width": "480"},
                "TranscodeFileRegular": "{MediaId}/wide",
            }
        ]
    }
    submitted = customer.call(
        "SubmitTranscodeJobs",
        VideoId=film,
        TemplateGroupId=group_id,
        Priority="9",
        OverrideParams=json.dumps(override),
    )
    task_id = submitted["TranscodeTaskId"]
    job_ids = [job["JobId"] for job in submitted["TranscodeJobs"]["TranscodeJob"]]
    assert len(job_ids) == 4

    def task() -> dict[str, Any]:
        found: dict[str, Any] = customer.call("GetTranscodeTask", TranscodeTaskId=task_id)
        return dict(found["TranscodeTask"])

    customer.stack.until("the task ends", lambda: task()["TaskStatus"].startswith("Complete"), 120)
    ended = task()
    assert (ended["TaskStatus"], ended["Trigger"]) == ("CompletePartialSucc", "Manual")
    jobs = ended["TranscodeJobInfoList"]
    assert [job["TranscodeJobId"] for job in jobs] == job_ids
    assert [job["Definition"] for job in jobs] == ["SD", "HD", "HQ", "FHD"]
    marked, segments, sound, wide = jobs
    assert wide["TranscodeJobStatus"] == "TranscodeFail"
    assert wide["ErrorCode"] == "InvalidParameter.TargetExceedsSource"
    assert "exceeds the source" in wide["ErrorMessage"]
    out = marked["OutputFile"]
    assert (out["Width"], out["Height"], out["WatermarkIdList"]) == ("480", "270", [mark])
    assert out["OutputFileUrl"].endswith(f"/{film}/wide.mp4")
    assert segments["OutputFile"]["OutputFileUrl"].endswith(f"/{film}/{job_ids[1]}/film-sd.m3u8")
    assert "Width" not in sound["OutputFile"]
    file = tmp_path / "wide.mp4"
    file.write_bytes(customer.stack.object_bytes(f"{film}/wide.mp4"))
    made = decode(file)
    assert made.sizes == {(480, 270)}
    assert abs(made.seconds - 1) < 0.05
    played = customer.call("GetPlayInfo", VideoId=film, Definition="LD,SD,HQ")
    kinds = {(one["Format"], one["Definition"]) for one in played["PlayInfoList"]["PlayInfo"]}
    assert kinds >= {("mp4", "LD"), ("m3u8", "SD"), ("mp3", "HQ")}
    _check_summaries(customer, film, task_id, group_id)


def _check_summaries(customer: Customer, video_id: str, task_id: str, group_id: str) -> None:
    unknown = "f" * 32
    answer = customer.call("GetTranscodeSummary", VideoIds=f"{unknown},{video_id}")
    assert answer["NonExistVideoIds"] == [unknown]
    (summary,) = answer["TranscodeSummaryList"]
    assert (summary["TranscodeTemplateGroupId"], summary["TranscodeStatus"]) == (
        group_id, "CompletePartialSucc",
    )  # fmt: skip
    states = [job["TranscodeJobStatus"] for job in summary["TranscodeJobInfoSummaryList"]]
    assert states == ["TranscodeSuccess"] * 3 + ["TranscodeFail"]
    first = summary["TranscodeJobInfoSummaryList"][0]
    assert (first["Format"], first["Width"], first["TranscodeProgress"]) == ("mp4", "480", 100)
    newest, oldest = customer.call("ListTranscodeTask", VideoId=video_id)["TranscodeTaskList"]
    assert (newest["TranscodeTaskId"], newest["Trigger"]) == (task_id, "Manual")
    assert oldest["Trigger"] == "Auto"
    second = customer.call("ListTranscodeTask", VideoId=video_id, PageSize="1", PageNo="2")
    assert second["TranscodeTaskList"] == [oldest]
    before = customer.call(
        "ListTranscodeTask",
        VideoId=video_id,
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2020-01-02T00:00:00Z",
    )
    assert before["TranscodeTaskList"] == []
    backwards = _refused(
        customer,
        "ListTranscodeTask",
        VideoId=video_id,
        StartTime="2020-01-02T00:00:00Z",
        EndTime="2020-01-01T00:00:00Z",
    )
    assert backwards == ("InvalidParameter", 400)


def test_preprocessing_tells_of_itself(tea: Customer) -> None:
    video_id = tea.upload(clips.make("silent_video"), NO_TRANSCODE)
    tea.wait(video_id)
    made = tea.call("SubmitPreprocessJobs", VideoId=video_id, PreprocessType="LivePreprocess")
    ((job),) = made["PreprocessJobs"]["PreprocessJob"]
    assert ID.fullmatch(job["JobId"])

    def told() -> list[dict[str, Any]]:
        return tea.stack.rows(
            "SELECT payload FROM event WHERE event_type = 'transcode_complete' AND media_id = %s",
            video_id,
        )

    (event,) = tea.stack.until("it is told", told)
    assert json.loads(event["payload"])["preprocess"] is True
    # Players are not offered it.
    assert set(tea.streams(video_id)) == {"mp4"}
    assert tea.streams(video_id)["mp4"]["Definition"] == "OD"


def test_an_upload_goes_through_a_workflow_into_a_package(tea: Customer) -> None:
    package = {"PackageType": "HLSPackage", "PackageConfig": {"BandWidth": "500000"}}
    group_id = _add_group(
        tea,
        {
            "TemplateName": "packaged",
            "Type": "VideoPackage",
            "Definition": "LD",
            "Container": {"Format": "m3u8"},
            "MuxConfig": {"Segment": {"Duration": "1"}},
            "Video": _VIDEO,
            "Audio": _AUDIO,
            "PackageSetting": package,
        },
    )
    nodes = [
        {"name": "package", "kind": "transcode", "template": group_id},
        {"name": "source", "kind": "transcode", "template": NO_TRANSCODE, "after": "package"},
    ]
    workflow_id = _workflow(tea, json.dumps(nodes))
    assert workflow_id in _workflows(tea, "list")
    upload = tea.create("clip.mp4", "", WorkflowId=workflow_id)
    upload.send(clips.make("contract"))
    tea.wait(upload.video_id)
    tea.stack.until("the source is a stream", lambda: len(_streams(tea, upload.video_id)) == 3)
    made = _streams(tea, upload.video_id)
    assert set(made) == {"FD", "AUTO", "OD"}
    played = play(made["AUTO"]["PlayURL"])
    assert (played.width, played.height) == (320, 180)
    assert abs(played.seconds - 2) < 0.15
    submitted = tea.call("SubmitTranscodeJobs", VideoId=upload.video_id, TemplateGroupId=group_id)
    assert submitted["TranscodeJobs"]["TranscodeJob"] == []
    _workflows(tea, "deactivate", workflow_id)
    refused = _refused(tea, "SubmitWorkflowJob", WorkflowId=workflow_id, MediaId=upload.video_id)
    assert refused == ("NoSuchResource", 404)
    refused = _refused(
        tea, "CreateUploadVideo", Title="t", FileName="a.mp4", WorkflowId=workflow_id
    )
    assert refused == ("InvalidWorkflowId.NotFound", 404)


def _streams(customer: Customer, video_id: str) -> dict[str, dict[str, Any]]:
    found = customer.call("GetPlayInfo", VideoId=video_id)["PlayInfoList"]["PlayInfo"]
    return {stream["Definition"]: stream for stream in found}


def _workflow(customer: Customer, nodes: str) -> str:
    return _workflows(customer, "add", "tests", "-", "--active", text=nodes).strip()


def _workflows(customer: Customer, *arguments: str, text: str = "") -> str:
    """``python -m local workflows``, as an operator of the stack calls it."""
    action, *rest = arguments
    command = [sys.executable, "-m", "local", "workflows", "--data", str(customer.stack.data)]
    done = subprocess.run(
        [*command, action, *rest], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
