"""Groups and watermarks in the pipeline: defaults, names, marks, and what is gone meanwhile."""

from typing import Any

import pytest

from chalicelib import ingest, processing
from chalicelib.ingest.completion import complete_upload
from chalicelib.ingest.uploads import NewUpload
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import TextWatermark
from chalicelib.processing import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.group_editing import MOST_GROUPS, TemplateDraft
from chalicelib.processing.group_jobs import Overrides
from chalicelib.processing.output_names import distinct_name, is_file_of, is_rule
from chalicelib.processing.submission import Wishes
from chalicelib.processing.template_groups import DEFAULT_WATERMARK, TemplateConfig
from chalicelib.processing.watermarks import Replacements, WatermarkDraft
from tests import clips
from tests.pipeline.library import APP, media_row, put, rows, work_off


def _config(container: str = "mp4", **more: Any) -> TemplateConfig:
    size = PictureSize(width=160, sides="long_short")
    video = VideoEncoding(preset="ultrafast", size=size)
    spec = RenditionSpec.model_validate(
        {"container": container, "video": video, "audio": AudioEncoding()}
    )
    return TemplateConfig(spec=spec, **more)


def _group(account_id: str, *configs: TemplateConfig) -> str:
    drafts = [TemplateDraft(f"t{n}", "LD", config, "{}") for n, config in enumerate(configs)]
    return processing.add_group(account_id, APP, "group", drafts)


def _upload(account_id: str, group_id: str, clip: str = "silent_video") -> str:
    wish = NewUpload(title="clip", file_name="clip.mp4", template_group_id=group_id)
    grant = ingest.create_upload(account_id, APP, wish)
    complete_upload(put(grant, clips.make(clip).read_bytes()))
    return grant.media_id


def _text(account_id: str, content: str) -> str:
    draft = WatermarkDraft("w", TextWatermark(text=content, font_size=40), "{}")
    return processing.add_watermark(account_id, APP, draft).row.watermark_id


def _specs(media_id: str) -> list[RenditionSpec]:
    found = [row for row in rows("job", media_id, "created_at") if row["kind"] == "transcode"]
    return [RenditionSpec.model_validate_json(row["spec"]) for row in found]


def _texts(spec: RenditionSpec) -> list[str]:
    assert spec.video is not None
    return [mark.text for mark in spec.video.watermarks if isinstance(mark, TextWatermark)]


def test_uploads_that_name_no_group_use_the_default_of_their_application(account_id: str) -> None:
    group_id = _group(account_id, _config())
    processing.set_default_group(account_id, group_id, APP)
    assert processing.find_group(account_id, "", APP).group_id == group_id
    assert processing.find_group(account_id, "", "another app").group_id == NO_TRANSCODE_GROUP_ID
    media_id = _upload(account_id, "")
    work_off()
    assert [row["definition"] for row in rows("stream", media_id)] == ["LD"]
    with pytest.raises(processing.TemplateGroupIsDefault):
        processing.delete_templates(account_id, group_id, ["x"])


def test_outputs_are_named_by_rules_and_nothing_is_written_over(account_id: str) -> None:
    rule = "{media}/films/{definition}"
    group_id = _group(
        account_id,
        _config(output_name=rule),
        _config("m3u8", output_name=rule),
        _config(output_name=rule),
    )
    media_id = _upload(account_id, group_id)
    work_off()
    keys = {row["object_key"] for row in rows("stream", media_id)}
    assert {f"{media_id}/films/ld.mp4", f"{media_id}/films/ld.m3u8"} < keys
    processing.submit_transcode(account_id, media_id, group_id, Wishes())
    processing.submit_transcode(account_id, media_id, group_id, Wishes())
    work_off()
    keys = {row["object_key"] for row in rows("stream", media_id)}
    assert len(keys) == 9
    assert all(key.startswith(f"{media_id}/films/ld") for key in keys)


@pytest.mark.parametrize(
    ("files", "key", "belongs"),
    [
        ("m/hd", "m/hd.m3u8", True),
        ("m/hd", "m/hd-00001.ts", True),
        ("m/hd", "m/hd-init.mp4", True),
        ("m/hd", "m/hd.mp4", False),
        ("m/hd", "m/hd-x.m3u8", False),
        ("m/hd.mp4", "m/hd.mp4", True),
        ("m/hd.mp4", "m/hd.m3u8", False),
        ("m/hd", distinct_name("m/hd", "job") + ".m3u8", False),
    ],
)
def test_the_files_of_a_rendition_are_told_from_others(files: str, key: str, belongs: bool) -> None:
    assert is_file_of(files, key) is belongs


@pytest.mark.parametrize(
    "rule",
    ["{media}", "x/{media}", "{media}/..", "{media}/a b", "{media}/{title}", "{media}/_a",
     "{media}/a-00001", "{media}/a-init", "{media}//a", "{media}/" + "a" * 121],
)  # fmt: skip
def test_what_is_no_rule(rule: str) -> None:
    assert not is_rule(rule)


def test_marks_are_those_of_the_moment_and_of_the_request(account_id: str) -> None:
    first, second = _text(account_id, "first"), _text(account_id, "second")
    group_id = _group(account_id, _config(watermark_ids=(DEFAULT_WATERMARK, first)))
    media_id = _upload(account_id, NO_TRANSCODE_GROUP_ID)
    work_off()
    processing.submit_transcode(account_id, media_id, group_id, Wishes())
    processing.set_default_watermark(account_id, second)
    replaced = Overrides(watermarks=Replacements(texts={first: "instead"}))
    processing.submit_transcode(account_id, media_id, group_id, Wishes(), replaced)
    assert [_texts(spec) for spec in _specs(media_id)] == [["first"], ["second", "instead"]]
    marks = [row["watermark_ids"] for row in rows("job", media_id, "created_at") if row["task_id"]]
    assert marks == [first, f"{second},{first}"]
    processing.delete_watermark(account_id, first)
    with pytest.raises(processing.WatermarkNotFound):
        processing.submit_transcode(account_id, media_id, group_id, Wishes())


def test_what_an_upload_asked_for_may_be_gone(account_id: str) -> None:
    mark = _text(account_id, "mark")
    marked, gone = _group(account_id, _config(watermark_ids=(mark,))), _group(account_id, _config())
    unmarked, lost = _upload(account_id, marked), _upload(account_id, gone)
    processing.delete_watermark(account_id, mark)
    processing.delete_group(account_id, gone)
    work_off()
    for media_id, code in ((unmarked, "WatermarkNotFound"), (lost, "TemplateGroupNotFound")):
        row = media_row(media_id)
        assert (row["status"], row["error_code"]) == ("transcode_failed", code)
        (task,) = rows("task", media_id)
        assert task["error_code"] == code


def test_a_group_without_templates_stores_only(account_id: str) -> None:
    group_id = _group(account_id)
    media_id = _upload(account_id, group_id)
    work_off()
    assert media_row(media_id)["status"] == "normal"
    assert rows("stream", media_id) == rows("task", media_id) == []
    with pytest.raises(processing.TemplateGroupEmpty):
        processing.submit_transcode(account_id, media_id, group_id, Wishes())


def test_groups_and_watermarks_are_counted_and_kept_apart(account_id: str) -> None:
    ids = [_group(account_id) for _ in range(MOST_GROUPS)]
    with pytest.raises(processing.TooManyTemplateGroups):
        _group(account_id)
    listed = processing.list_groups(account_id, APP)
    assert [group.group_id for group in listed.groups[2:]] == ids
    assert listed.default_id == NO_TRANSCODE_GROUP_ID
    stranger = f"{account_id}0"
    with pytest.raises(processing.TemplateGroupNotFound):
        processing.find_group(stranger, ids[0])
    with pytest.raises(processing.TemplateGroupNotFound):
        processing.delete_group(stranger, ids[0])
    with pytest.raises(processing.WatermarkNotFound):
        processing.view_watermark(stranger, _text(account_id, "x"))
