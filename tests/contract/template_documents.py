"""Documents of transcode templates, and of what one task changes in them (see ``documents``)."""

import json
from typing import Any

from tests.contract.scenario import Make, Parameters
from tests.contract.world import SPARE, TEMPLATES, World

_VIDEO = {
    "Codec": "H.264",
    "Remove": "false",
    "Bitrate": "400",
    "Height": "240",
    "Width": "320",
    "Fps": "25",
    "Gop": "100",
    "LongShortMode": "false",
    "Profile": "high",
    "Preset": "medium",
    "ScanMode": "progressive",
    "Bufsize": "6000",
    "Maxrate": "5000",
}
_AUDIO = {
    "Codec": "AAC",
    "Bitrate": "64",
    "Remove": "false",
    "Samplerate": "44100",
    "Channels": "2",
    "Profile": "aac_low",
    "Volume": {
        "Method": "dynamic",
        "IntegratedLoudnessTarget": "-6",
        "TruePeak": "-1",
        "LoudnessRangeTarget": "8",
    },
}
_WHOLE = {
    "Type": "Normal",
    "Definition": "SD",
    "TemplateName": "whole",
    "Video": _VIDEO,
    "Audio": _AUDIO,
    "Container": {"Format": "m3u8"},
    "MuxConfig": {"Segment": {"Duration": "10"}},
    "TransConfig": {
        "TransMode": "onepass",
        "IsCheckReso": "false",
        "IsCheckResoFail": "false",
        "IsCheckVideoBitrate": "false",
        "IsCheckVideoBitrateFail": "false",
        "IsCheckAudioBitrate": "false",
        "IsCheckAudioBitrateFail": "false",
    },
    "TranscodeFileRegular": "{MediaId}/{JobId}",
    "Clip": {"TimeSpan": {"Seek": "0", "Duration": "1"}},
    "Rotate": "0",
    "EncryptSetting": {"EncryptType": "AliyunVoDEncryption"},
}


def _whole(world: World) -> list[dict[str, Any]]:
    return [{**_WHOLE, "WatermarkIds": [world.values["WatermarkId"]]}]


def _with_constant_quality(_: World) -> list[dict[str, Any]]:
    video = {name: value for name, value in _VIDEO.items() if name not in ("Bitrate", "Maxrate")}
    return [{**_WHOLE, "Video": {**video, "Crf": "23"}}]


def _with_subtitles(world: World) -> list[dict[str, Any]]:
    subtitles = {"SubtitleUrl": world.values["SubtitleUrl"], "CharEncode": "UTF-8"}
    return [{**_WHOLE, "SubtitleList": [subtitles]}]


def _package(_: World) -> list[dict[str, Any]]:
    return [
        {
            "Type": "VideoPackage",
            "Definition": "SD",
            "TemplateName": "package",
            "Video": _VIDEO,
            "Audio": _AUDIO,
            "Container": {"Format": "m3u8"},
            "MuxConfig": {"Segment": {"Duration": "10"}},
            "PackageSetting": {
                "PackageType": "HLSPackage",
                "PackageConfig": {"BandWidth": "900000"},
            },
        }
    ]


def _packaged_subtitles(world: World) -> list[dict[str, Any]]:
    track = {
        "SubtitleUrlList": [world.values["SubtitleUrl"]],
        "Language": "cn",
        "Format": "vtt",
        "Name": "one",
    }
    package = {"PackageType": "HLSPackage", "SubtitleExtractConfigList": [track]}
    subtitles = {"Type": "SubtitlePackage", "TemplateName": "words", "PackageSetting": package}
    return [subtitles, *_package(world)]


_TEMPLATES: dict[str, Any] = {
    "TranscodeTemplateList": _whole,
    "TranscodeTemplateList.Video.Crf": _with_constant_quality,
    "TranscodeTemplateList.SubtitleList": _with_subtitles,
    "TranscodeTemplateList.PackageSetting": _package,
    "TranscodeTemplateList.PackageSetting.SubtitleExtractConfigList": _packaged_subtitles,
}


def _added(make: Any) -> Make:
    def parameters(world: World) -> Parameters:
        return {
            "Name": SPARE,
            "AppId": world.app_id,
            "TranscodeTemplateList": json.dumps(make(world)),
        }

    return parameters


def _updated(make: Any) -> Make:
    def parameters(world: World) -> Parameters:
        made = world.must("AddTranscodeTemplateGroup", **_added(make)(world))
        group = str(made["TranscodeTemplateGroupId"])
        shown = world.must("GetTranscodeTemplateGroup", TranscodeTemplateGroupId=group)
        stored = shown["TranscodeTemplateGroup"]["TranscodeTemplateList"]
        ids = {item["TemplateName"]: item["TranscodeTemplateId"] for item in stored}
        documents = [
            {**item, "TranscodeTemplateId": ids[item["TemplateName"]]} for item in make(world)
        ]
        return {
            "TranscodeTemplateGroupId": group,
            "TranscodeTemplateList": json.dumps(documents),
        }

    return parameters


def _overriding(make: Any) -> Make:
    """The same members, as changes for one task of a group that has them."""

    def parameters(world: World) -> Parameters:
        changed = _updated(make)(world)
        documents = json.loads(changed["TranscodeTemplateList"])
        return {
            "VideoId": world.video(),
            "TemplateGroupId": changed["TranscodeTemplateGroupId"],
            "OverrideParams": json.dumps({"TranscodeTemplateList": documents}),
        }

    return parameters


def _overriding_pictures(world: World) -> Parameters:
    marks = [{"WatermarkId": world.values["WatermarkId"], "Content": "another"}]
    return _submitted(world, {"Watermarks": marks}, json.loads(TEMPLATES))


def _overriding_subtitles(world: World) -> Parameters:
    subtitle = {"SubtitleUrl": world.values["SubtitleUrl"], "CharEncode": "UTF-8"}
    return _submitted(
        world, {"SubtitleSetting": {"SubtitleList": [subtitle]}}, _with_subtitles(world)
    )


def _overriding_packaged(world: World) -> Parameters:
    track = {
        "SubtitlePackageTemplateId": "x",
        "Language": "cn",
        "SubtitleUrl": world.values["SubtitleUrl"],
    }
    change = {"PackageSubtitleSetting": [{"PackageSubtitleList": [track]}]}
    return _submitted(world, change, json.loads(TEMPLATES))


def _submitted(world: World, change: dict[str, Any], templates: list[dict[str, Any]]) -> Parameters:
    made = world.must("AddTranscodeTemplateGroup", **_added(lambda _: templates)(world))
    return {
        "VideoId": world.video(),
        "TemplateGroupId": str(made["TranscodeTemplateGroupId"]),
        "OverrideParams": json.dumps(change),
    }


def _encrypted(world: World) -> Parameters:
    made = world.must("AddTranscodeTemplateGroup", **_added(_for_standard_keys)(world))
    config = {
        "CipherText": "ZmFrZQ==",
        "DecryptKeyUri": "http://keys.example/?k=1",
        "KeyServiceType": "KMS",
    }
    return {
        "VideoId": world.video(),
        "TemplateGroupId": str(made["TranscodeTemplateGroupId"]),
        "EncryptConfig": json.dumps(config),
    }


def _for_standard_keys(_: World) -> list[dict[str, Any]]:
    return [{name: value for name, value in _WHOLE.items() if name != "EncryptSetting"}]


_OVERRIDES: dict[str, Make] = {
    **{f"OverrideParams.{name}": _overriding(make) for name, make in _TEMPLATES.items()},
    "OverrideParams.Watermarks": _overriding_pictures,
    "OverrideParams.SubtitleSetting": _overriding_subtitles,
    "OverrideParams.PackageSubtitleSetting": _overriding_packaged,
    "EncryptConfig": _encrypted,
}

TEMPLATE_DOCUMENTS: dict[str, dict[str, Make]] = {
    "AddTranscodeTemplateGroup": {name: _added(make) for name, make in _TEMPLATES.items()},
    "UpdateTranscodeTemplateGroup": {name: _updated(make) for name, make in _TEMPLATES.items()},
    "SubmitTranscodeJobs": _OVERRIDES,
}
