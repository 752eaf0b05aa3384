"""MPC's templates, template groups and watermark templates through the official SDK."""

from typing import Any

import pytest

from tests.sdk.mpc import MpcCustomer

_VIDEO = {
    "codec": 1,
    "bitrate": 6000,
    "profile": 3,
    "level": 15,
    "preset": 3,
    "max_iframes_interval": 5,
    "black_cut": 0,
    "bframes_count": 4,
    "frame_rate": 1,
    "width": 1920,
    "height": 1080,
}
_AUDIO = {"codec": 1, "sample_rate": 4, "bitrate": 128, "channels": 2}
_COMMON = {"PVC": False, "hls_interval": 5, "dash_interval": 5, "pack_type": 1}
_GROUP = {
    "videos": [
        {"width": 480, "height": 270, "bitrate": 200},
        {"width": 1280, "height": 720, "bitrate": 700},
    ],
    "audio": {"codec": 1, "sample_rate": 1, "channels": 2, "bitrate": 0},
    "video_common": {"codec": 1, "profile": 3, "level": 15, "preset": 3, "frame_rate": 0},
    "common": {"PVC": False, "pack_type": 1, "hls_interval": 5, "dash_interval": 5},
}
_UNKNOWN = 4_000_000_000_000_000


def _template(name: str, **changes: Any) -> dict[str, Any]:
    given = {"template_name": name, "video": _VIDEO, "audio": _AUDIO, "common": _COMMON, **changes}
    return {key: value for key, value in given.items() if value is not None}


def _made(mpc: MpcCustomer, name: str, **changes: Any) -> int:
    answer = mpc.answer("create_trans_template", _template(name, **changes))
    assert answer.status == 201
    number: int = answer.body["template_id"]
    assert 0 < number < 2**53
    return number


def _read(mpc: MpcCustomer, number: int) -> dict[str, Any]:
    answer = mpc.call("list_template", template_id=[number])
    assert answer["total"] == 1
    (found,) = answer["template_array"]
    assert found["template_id"] == number
    template: dict[str, Any] = found["template"]
    return template


def test_a_template_is_kept_as_it_was_given(mpc: MpcCustomer) -> None:
    number = _made(mpc, "the manual's sample")
    template = _read(mpc, number)
    assert template["template_name"] == "the manual's sample"
    # Of the sample, the frame rate alone is out of range: it is adjusted.
    assert template["video"] == _VIDEO | {"frame_rate": 0, "output_policy": "transcode"}
    assert template["audio"] == _AUDIO | {"output_policy": "transcode"}
    assert template["common"] == _COMMON


def test_a_template_is_changed_and_forgotten(mpc: MpcCustomer) -> None:
    number = _made(mpc, "short-lived")
    audio_only = {"template_name": "renamed", "audio": _AUDIO, "common": {"pack_type": 6}}
    answer = mpc.answer("update_trans_template", {"template_id": number, **audio_only})
    assert (answer.status, answer.body) == (204, {})
    template = _read(mpc, number)
    assert "video" not in template
    assert (template["template_name"], template["common"]["pack_type"]) == ("renamed", 6)
    again = _made(mpc, "short-lived")  # the old name is free
    assert mpc.answer("delete_template", {"template_id": number}).status == 204
    assert mpc.failure("list_template", template_id=[number]) == (403, "MPC.10212")
    assert mpc.failure("delete_template", template_id=number) == (403, "MPC.10212")
    both = mpc.call("list_template", template_id=[number, again])
    assert [one["template_id"] for one in both["template_array"]] == [again]


def test_templates_are_paged_newest_first(mpc: MpcCustomer) -> None:
    numbers = [_made(mpc, f"paged {place}") for place in range(3)]
    first = mpc.call("list_template", page=0, size=2)
    second = mpc.call("list_template", page=1, size=1)
    assert [one["template_id"] for one in first["template_array"]] == numbers[:0:-1]
    assert [one["template_id"] for one in second["template_array"]] == [numbers[1]]
    assert first["total"] == second["total"] >= 3


@pytest.mark.parametrize(
    "changes",
    [
        {"video": {"output_policy": "discard"}, "audio": {"output_policy": "discard"}},
        {"video": None, "audio": None},
        {"common": {"pack_type": 5}},
        {"common": {"pack_type": 7}},
        {"common": {"PVC": True}},
        {"common": _COMMON | {"hls_interval": 11}},
        {"audio": _AUDIO | {"codec": 4, "sample_rate": 6}},
        {"audio": _AUDIO | {"channels": 3}},
        {"audio": _AUDIO | {"bitrate": 7}},
        {"audio": _AUDIO | {"codec": 4, "channels": 6}, "video": None, "common": {"pack_type": 5}},
        {"video": _VIDEO | {"bitrate": 39}},
        {"video": _VIDEO | {"width": 1921}},
        {"video": _VIDEO | {"codec": 2, "width": 318}},
        {"video": _VIDEO | {"max_iframes_interval": 1}},
        {"video": _VIDEO | {"bframes_count": 9}},
        {"template_name": ""},
    ],
)
def test_what_no_template_may_be(mpc: MpcCustomer, changes: dict[str, Any]) -> None:
    given = {"template_name": "wrong"} | changes
    wrong = _template(**{"name" if key == "template_name" else key: v for key, v in given.items()})
    assert mpc.failure("create_trans_template", **wrong) == (403, "MPC.10202")
    update = wrong | {"template_id": _UNKNOWN}
    assert mpc.failure("update_trans_template", **update) == (403, "MPC.10202")


def test_names_of_templates_differ(mpc: MpcCustomer) -> None:
    _made(mpc, "taken")
    other = _made(mpc, "not taken")
    assert mpc.failure("create_trans_template", **_template("taken")) == (403, "MPC.10091")
    renamed = _template("taken") | {"template_id": other}
    assert mpc.failure("update_trans_template", **renamed) == (403, "MPC.10091")
    unknown = _template("new") | {"template_id": _UNKNOWN}
    assert mpc.failure("update_trans_template", **unknown) == (403, "MPC.10089")


def test_wrong_queries(mpc: MpcCustomer) -> None:
    assert mpc.failure("list_template", page=0, size=101) == (403, "MPC.10202")
    assert mpc.failure("list_template", template_id=list(range(11))) == (403, "MPC.10202")
    assert mpc.failure("list_template_group", page=-1) == (403, "MPC.10202")
    assert mpc.failure("list_template_group", group_id=["none"]) == (403, "MPC.10212")
    assert mpc.failure("list_watermark_template", size=0) == (403, "MPC.10202")


def test_a_group_has_a_template_for_each_output(mpc: MpcCustomer) -> None:
    answer = mpc.answer("create_template_group", {"name": "six out", **_GROUP})
    assert answer.status == 201
    group = answer.body["template_group"]
    assert len(group["group_id"]) == 32
    assert len(set(group["template_ids"])) == 2
    assert [video["template_id"] for video in group["videos"]] == group["template_ids"]
    assert [video["width"] for video in group["videos"]] == [480, 1280]
    assert group["audio"] == _GROUP["audio"] | {"output_policy": "transcode"}
    assert group["video_common"]["output_policy"] == "transcode"
    assert (group["video_common"]["preset"], group["video_common"]["bframes_count"]) == (3, 4)
    assert group["common"] == _GROUP["common"]
    # Its templates are templates, but appear in no page of them and go with the group alone.
    member = _read(mpc, group["template_ids"][1])
    assert (member["video"]["width"], member["video"]["bitrate"]) == (1280, 700)
    assert member["video"]["level"] == 15
    page = mpc.call("list_template", page=0, size=100)["template_array"]
    assert not {one["template_id"] for one in page} & set(group["template_ids"])
    gone = mpc.failure("delete_template", template_id=group["template_ids"][0])
    assert gone == (403, "MPC.10212")
    assert mpc.call("list_template_group", group_id=[group["group_id"]]) == {
        "template_group_list": [group],
        "total": 1,
    }
    named = mpc.call("list_template_group", group_name=["six out", "no such"])
    assert (named["template_group_list"], named["total"]) == ([group], 1)
    page = mpc.call("list_template_group", page=0, size=1)
    assert [one["group_id"] for one in page["template_group_list"]] == [group["group_id"]]


def test_a_group_is_changed_and_forgotten(mpc: MpcCustomer) -> None:
    made = mpc.call("create_template_group", name="changing", **_GROUP)["template_group"]
    known = {"group_id": made["group_id"]}
    videos = [*_GROUP["videos"], {"width": 640, "height": 360, "bitrate": 0}]
    assert mpc.answer("update_template_group", known | {"videos": videos}).status == 204
    (more,) = mpc.call("list_template_group", group_id=[made["group_id"]])["template_group_list"]
    assert more["template_ids"][:2] == made["template_ids"]
    assert len(more["template_ids"]) == 3
    assert (more["name"], more["audio"]) == ("changing", made["audio"])
    changes = {"name": "changed", "videos": videos[2:], "common": {"pack_type": 4}}
    assert mpc.answer("update_template_group", known | changes).status == 204
    (less,) = mpc.call("list_template_group", group_name=["changed"])["template_group_list"]
    assert less["template_ids"] == made["template_ids"][:1]
    assert less["common"]["pack_type"] == 4
    assert _read(mpc, made["template_ids"][0])["video"]["width"] == 640
    assert mpc.answer("delete_template_group", known).status == 204
    assert mpc.failure("delete_template_group", **known) == (400, "MPC.10212")
    assert mpc.failure("update_template_group", **known) == (400, "MPC.10212")
    assert mpc.failure("list_template", template_id=less["template_ids"]) == (403, "MPC.10212")


def test_what_no_group_may_be(mpc: MpcCustomer) -> None:
    seven = _GROUP | {"videos": _GROUP["videos"][:1] * 7}
    assert mpc.failure("create_template_group", name="seven", **seven) == (400, "MPC.10202")
    odd = _GROUP | {"videos": [{"width": 481, "height": 270, "bitrate": 200}]}
    assert mpc.failure("create_template_group", name="odd", **odd) == (400, "MPC.10202")
    without = {"name": "without", "videos": _GROUP["videos"]}
    assert mpc.failure("create_template_group", **without) == (400, "MPC.10202")
    mpc.call("create_template_group", name="twice", **_GROUP)
    assert mpc.failure("create_template_group", name="twice", **_GROUP) == (400, "MPC.10230")


def test_a_watermark_template_lives(mpc: MpcCustomer) -> None:
    given = {
        "template_name": "watermark_1920*1080_10*10_ BottomLeft",
        "type": "Image",
        "image_process": "Grayed",
        "width": "0.12349",
        "height": "1080",
        "dx": "10",
        "dy": "0.1",
        "referpos": "BottomLeft",
        "timeline_start": "6",
        "timeline_duration": "8",
    }
    answer = mpc.answer("create_watermark_template", given)
    assert answer.status == 201
    number = answer.body["template_id"]
    (read,) = mpc.call("list_watermark_template", template_id=[number])["templates"]
    # Of a share, four decimals count.
    assert read == given | {"width": "0.1234", "base": "output", "template_id": number}
    changed = {"template_id": number, "template_name": "changed", "dx": "0.5", "base": "input"}
    assert mpc.answer("update_watermark_template", changed).status == 204
    page = mpc.call("list_watermark_template", page=0, size=1)
    assert page["templates"] == [
        {
            "dx": "0.5",
            "dy": "0",
            "referpos": "TopRight",
            "timeline_start": "0",
            "timeline_duration": "ToEND",
            "image_process": "Original",
            "base": "input",
            "template_id": number,
            "template_name": "changed",
            "type": "Image",
        }
    ]
    assert page["total"] >= 1
    assert mpc.answer("delete_watermark_template", {"template_id": number}).status == 204
    assert mpc.failure("delete_watermark_template", template_id=number) == (403, "MPC.10212")
    assert mpc.failure("update_watermark_template", **changed) == (403, "MPC.10089")
    gone = mpc.call("list_watermark_template", template_id=[number])
    assert gone == {"templates": [], "total": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"dx": "4097"},
        {"dx": "-1"},
        {"width": "7"},
        {"width": "1.5"},
        {"referpos": "Middle"},
        {"type": "Text"},
        {"image_process": "Blurred"},
        {"timeline_duration": "later"},
        {"template_name": "x" * 65},
    ],
)
def test_what_no_watermark_template_may_be(mpc: MpcCustomer, wrong: dict[str, Any]) -> None:
    assert mpc.failure("create_watermark_template", **wrong) == (403, "MPC.10202")
    update = wrong | {"template_id": _UNKNOWN}
    assert mpc.failure("update_watermark_template", **update) == (403, "MPC.10202")
