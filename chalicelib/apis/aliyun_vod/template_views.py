"""Template groups as this vendor's answers show them (VOD API manual 8.2.4, 8.2.5)."""

import json
from typing import Any

from chalicelib.apis.aliyun_vod.formats import utc, wire_group_id
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.processing.template_groups import (
    Template,
    TemplateGroup,
)


class TranscodeTemplateGroupBrief(RpcResult):
    """A group without its templates."""

    TranscodeTemplateGroupId: str
    Name: str
    IsDefault: str
    Locked: str
    AppId: str
    CreationTime: str
    ModifyTime: str


class TranscodeTemplateView(RpcResult):
    """A template: its parts are JSON inside text, as they were written."""

    TranscodeTemplateId: str
    TemplateName: str
    Definition: str | None = None
    Type: str = "Normal"
    Video: str | None = None
    Audio: str | None = None
    Container: str | None = None
    MuxConfig: str | None = None
    TransConfig: str | None = None
    TranscodeFileRegular: str | None = None
    Clip: str | None = None
    Rotate: str | None = None
    EncryptSetting: str | None = None
    PackageSetting: str | None = None
    SubtitleList: str | None = None
    WatermarkIds: tuple[str, ...] | None = None
    OpeningList: str | None = None
    TailSlateList: str | None = None
    UserData: str | None = None


class TranscodeTemplateGroupView(TranscodeTemplateGroupBrief):
    """A group with its templates."""

    TranscodeTemplateList: list[TranscodeTemplateView]


def group_brief(group: TemplateGroup, default: bool, app_id: str) -> TranscodeTemplateGroupBrief:
    """A group without its templates; ``app_id`` is shown for the built-in ones."""
    return TranscodeTemplateGroupBrief(**_brief(group, default, app_id))


def group_view(group: TemplateGroup, default: bool, app_id: str) -> TranscodeTemplateGroupView:
    """A group with its templates."""
    return TranscodeTemplateGroupView(
        **_brief(group, default, app_id),
        TranscodeTemplateList=[_template(template) for template in group.templates],
    )


def source_of(template: Template) -> dict[str, Any]:
    """The document that the template was made of."""
    if template.source:
        document: dict[str, Any] = json.loads(template.source)
        return document
    return _built_in(template)


def _brief(group: TemplateGroup, default: bool, app_id: str) -> dict[str, str]:
    return {
        "TranscodeTemplateGroupId": wire_group_id(group.group_id),
        "Name": group.name,
        "IsDefault": "Default" if default else "NotDefault",
        "Locked": "Enabled" if group.locked else "Disabled",
        "AppId": group.app_id or app_id,
        "CreationTime": utc(group.created_at),
        "ModifyTime": utc(group.modified_at),
    }


def _template(template: Template) -> TranscodeTemplateView:
    members: dict[str, Any] = {}
    for name, value in source_of(template).items():
        if name in TranscodeTemplateView.model_fields and value not in (None, ""):
            members[name] = value if name == "WatermarkIds" else _as_text(value)
    return TranscodeTemplateView(
        **members | {"TranscodeTemplateId": template.template_id, "TemplateName": template.name}
    )


def _as_text(value: Any) -> str:
    """A part that was given as text stays as it was."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _built_in(template: Template) -> dict[str, Any]:
    """The document that would make the built-in standard definition."""
    container = template.spec.container if template.spec else ""
    document: dict[str, Any] = {
        "Definition": "SD",
        "Container": {"Format": container},
        "Video": {
            "Codec": "H.264",
            "Width": "720",
            "Crf": "24",
            "Maxrate": "1200",
            "Bufsize": "2400",
            "MaxFps": "30",
            "Profile": "high",
            "Preset": "veryfast",
            "Remove": "false",
        },
        "Audio": {"Codec": "AAC", "Bitrate": "96", "Samplerate": "44100", "Remove": "false"},
        "TransConfig": {"IsCheckReso": "true"},
    }
    if container == "m3u8":
        document["MuxConfig"] = {"Segment": {"Duration": "10"}}
    return document
