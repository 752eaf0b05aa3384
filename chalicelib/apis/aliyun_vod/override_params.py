"""OverrideParams of SubmitTranscodeJobs: what one request changes in a group (VOD API manual 17.3).

Templates are changed as documents and compiled anew, so that an override is checked as a template
is. Subtitles are replaced only where the template has some.
"""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.file_urls import own_file
from chalicelib.apis.aliyun_vod.template_views import source_of
from chalicelib.apis.aliyun_vod.transcode_compiler import compile_template, read_template
from chalicelib.apis.aliyun_vod.transcode_documents import Document, JsonPart, SubtitlePart
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.processing.group_jobs import NO_OVERRIDES, Overrides
from chalicelib.processing.template_groups import TemplateConfig, TemplateGroup
from chalicelib.processing.watermarks import Replacements

_NAME = "OverrideParams"
_MEMBERS = ("Video", "Audio", "Clip", "Rotate", "TranscodeFileRegular")
# Of these an override may give single members, as the manual's sample does.
_MERGED = ("Video", "Audio")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class WatermarkOverride(Document):
    """Another file for an image, another content for a text."""

    WatermarkId: str
    FileUrl: str | None = None
    Content: Annotated[str, Field(max_length=1024)] | None = None


class SubtitlesPart(Document):
    """Other subtitles to be drawn into the picture."""

    SubtitleList: Annotated[
        tuple[SubtitlePart, ...], Field(min_length=1, max_length=4), BeforeValidator(_listed)
    ]


class PackageSubtitle(Document):
    """Another file for one language of packaged subtitles."""

    SubtitlePackageTemplateId: str
    Language: str
    SubtitleUrl: str


class PackageSubtitlesPart(Document):
    """Other files for packaged subtitles."""

    PackageSubtitleList: tuple[PackageSubtitle, ...]


class OverrideParams(Document):
    """Everything that a request may change."""

    Watermarks: Annotated[tuple[WatermarkOverride, ...], JsonPart] = ()
    SubtitleSetting: Annotated[SubtitlesPart | None, JsonPart] = None
    # A list in the manual's table, one object in its sample.
    PackageSubtitleSetting: Annotated[
        tuple[PackageSubtitlesPart, ...], BeforeValidator(_listed), JsonPart
    ] = ()
    TranscodeTemplateList: Annotated[tuple[dict[str, Any], ...], JsonPart] = ()


NOTHING = OverrideParams()


def overrides_of(account_id: str, group: TemplateGroup, params: OverrideParams) -> Overrides:
    """What the parameters change in the group. Raises ApiError."""
    if params == NOTHING:
        return NO_OVERRIDES
    changed = _changed_documents(group, params)
    return Overrides(
        templates={
            template_id: _compiled(account_id, document)
            for template_id, document in changed.items()
        },
        watermarks=_watermarks(account_id, params),
    )


def _compiled(account_id: str, document: dict[str, Any]) -> TemplateConfig:
    template = read_template(_NAME, document)
    return compile_template(_NAME, template, lambda url: own_file(account_id, _NAME, url))


def _changed_documents(group: TemplateGroup, params: OverrideParams) -> dict[str, dict[str, Any]]:
    """The documents of the templates that are not as they were, by template id."""
    stored = {template.template_id: source_of(template) for template in group.templates}
    changed: dict[str, dict[str, Any]] = {}
    for raw in params.TranscodeTemplateList:
        template_id = raw.get("TranscodeTemplateId")
        if not isinstance(template_id, str) or template_id not in stored:
            raise no_such_resource("TranscodeTemplateId")
        if stored[template_id].get("Definition") == "OD":
            raise invalid_parameter(_NAME, "A template of the definition OD cannot be changed.")
        # Members that cannot be overridden have no effect; what they say has to be right even so.
        read_template(_NAME, {**stored[template_id], **raw})
        changed[template_id] = _merged(stored[template_id], raw)
    for template_id, document in stored.items():
        current = changed.get(template_id, document)
        with_subtitles = _with_subtitles(template_id, current, params)
        if with_subtitles is not current:
            changed[template_id] = with_subtitles
    return changed


def _merged(document: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    merged = dict(document)
    for name in _MEMBERS:
        if raw.get(name) in (None, ""):
            continue
        value = raw[name]
        if name in _MERGED:
            value = {**_object(document.get(name)), **_object(value)}
        merged[name] = value
    return merged


def _with_subtitles(
    template_id: str, document: dict[str, Any], params: OverrideParams
) -> dict[str, Any]:
    has_subtitles = document.get("SubtitleList") or document.get("SubtitleUrl")
    if params.SubtitleSetting is not None and has_subtitles:
        replaced = [part.model_dump() for part in params.SubtitleSetting.SubtitleList]
        return {**document, "SubtitleList": replaced}
    files = {
        item.Language: item.SubtitleUrl
        for setting in params.PackageSubtitleSetting
        for item in setting.PackageSubtitleList
        if item.SubtitlePackageTemplateId == template_id
    }
    if not files:
        return document
    package = _object(document.get("PackageSetting"))
    tracks = package.get("SubtitleExtractConfigList") or []
    tracks = json.loads(tracks) if isinstance(tracks, str) else tracks
    package["SubtitleExtractConfigList"] = [
        {**track, "SubtitleUrlList": [files[track["Language"]]]}
        if track.get("Language") in files
        else track
        for track in tracks
    ]
    return {**document, "PackageSetting": package}


def _object(value: Any) -> dict[str, Any]:
    """A part of a document: an object, or the text of one."""
    try:
        found = json.loads(value) if isinstance(value, str) and value else value or {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise invalid_parameter(_NAME, "A part of a template must be a JSON object.")
    return dict(found)


def _watermarks(account_id: str, params: OverrideParams) -> Replacements:
    replaced = Replacements()
    for item in params.Watermarks:
        view = processing.view_watermark(account_id, item.WatermarkId)
        if view.row.kind == "image":
            if item.FileUrl is None:
                raise invalid_parameter(_NAME, "An image watermark needs a FileUrl.")
            replaced.files[item.WatermarkId] = own_file(account_id, "FileUrl", item.FileUrl)
        else:
            if item.Content is None:
                raise invalid_parameter(_NAME, "A text watermark needs a Content.")
            replaced.texts[item.WatermarkId] = item.Content
    return replaced
