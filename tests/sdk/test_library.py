"""Searching, listing, sorting into categories, changing and deleting, as an app does it."""

import json
import secrets
from typing import Any

import pytest

from tests import clips
from tests.sdk.conftest import Library
from tests.sdk.customer import NO_TRANSCODE, Customer
from tests.sdk.driver import ApiFailure

_UNKNOWN = "0" * 32


def _fails(customer: Customer, action: str, **parameters: Any) -> tuple[str, int, str]:
    with pytest.raises(ApiFailure) as caught:
        customer.call(action, **parameters)
    return caught.value.code, caught.value.status, caught.value.message


def _refused(customer: Customer, action: str, **parameters: Any) -> tuple[str, int]:
    return _fails(customer, action, **parameters)[:2]


def test_categories(customer: Customer) -> None:
    name = f"搞笑 {secrets.token_hex(4)}"
    made = customer.call("AddCategory", CateName=name)["Category"]
    assert made == {
        "CateId": made["CateId"],
        "CateName": name,
        "Level": 0,
        "ParentId": -1,
        "Type": "default",
    }
    child = customer.call("AddCategory", CateName="二级", ParentId=made["CateId"])["Category"]
    assert (child["Level"], child["ParentId"]) == (1, made["CateId"])
    leaf = customer.call("AddCategory", CateName="三级", ParentId=child["CateId"])["Category"]
    customer.call("UpdateCategory", CateId=child["CateId"], CateName="renamed")
    found = customer.call("GetCategories", CateId=made["CateId"])
    assert (found["SubTotal"], found["Category"]) == (1, made)
    assert found["SubCategories"]["Category"] == [{**child, "CateName": "renamed", "SubTotal": 1}]
    top = customer.call("GetCategories", PageSize=100)
    assert "Category" not in top
    assert made["CateId"] in [c["CateId"] for c in top["SubCategories"]["Category"]]
    materials = customer.call("GetCategories", Type="material")
    assert materials["SubTotal"] == len(materials["SubCategories"]["Category"]) > 0

    too_deep = {"CateName": "四级", "ParentId": leaf["CateId"]}
    assert _refused(customer, "AddCategory", **too_deep) == ("LevelExceededMax", 400)
    assert _fails(customer, "AddCategory", CateName="字" * 22)[0] == "LengthExceededMax"
    assert _fails(customer, "AddCategory", CateName="c", Type="material")[0] == "MissingParameter"
    built_in = materials["SubCategories"]["Category"][0]["CateId"]
    assert _refused(customer, "DeleteCategory", CateId=built_in) == ("Forbidden", 403)
    customer.call("DeleteCategory", CateId=made["CateId"])
    not_there = ("InvalidCateId.NotFound", 404)
    for category in (made, child, leaf):
        assert _refused(customer, "GetCategories", CateId=category["CateId"]) == not_there
    assert _refused(customer, "AddCategory", CateName="c", ParentId=made["CateId"]) == not_there
    assert _refused(customer, "UpdateCategory", CateName="c", CateId=made["CateId"]) == not_there
    assert _refused(customer, "DeleteCategory", CateId=made["CateId"]) == not_there


def test_changing_videos(customer: Customer) -> None:
    category = customer.call("AddCategory", CateName="changed")["Category"]
    first, second = (customer.create("a.mp4", title="before").video_id for _ in range(2))
    title, tags = "题" * 128, ",".join(f"标签{n}" for n in range(16))
    customer.call(
        "UpdateVideoInfo",
        VideoId=first,
        Title=title,
        Tags=tags,
        Description="述" * 1024,
        CoverURL="https://example.com/cover.jpg",
        CateId=category["CateId"],
    )
    video = customer.video(first)
    assert (video["Title"], video["Tags"], video["Description"]) == (title, tags, "述" * 1024)
    assert (video["CateId"], video["CateName"]) == (category["CateId"], "changed")
    assert video["CoverURL"] == "https://example.com/cover.jpg"
    customer.call("UpdateVideoInfo", VideoId=first, Title="only the title 🎬")
    video = customer.video(first)
    assert (video["Title"], video["Tags"]) == ("only the title 🎬", tags)

    content = [
        {"VideoId": second, "Title": "second", "Tags": "x"},
        {"VideoId": _UNKNOWN, "Title": "nobody"},
        {"VideoId": first, "Description": ""},
    ]
    done = customer.call("UpdateVideoInfos", UpdateContent=json.dumps(content))
    assert (done["NonExistVideoIds"], done["ForbiddenVideoIds"]) == ([_UNKNOWN], [])
    assert customer.video(second)["Title"] == "second"
    assert customer.video(first)["Description"] == ""

    assert _refused(customer, "UpdateVideoInfo", VideoId=_UNKNOWN, Title="t") == (
        "InvalidVideo.NotFound",
        404,
    )
    for name, value in (("Title", "题" * 129), ("Description", "x" * 1025), ("Tags", "长" * 33)):
        failure = _refused(customer, "UpdateVideoInfo", VideoId=first, **{name: value})
        assert failure == ("LengthExceededMax", 400)
    many = ",".join(map(str, range(17)))
    assert _fails(customer, "UpdateVideoInfo", VideoId=first, Tags=many)[0] == "TagsExceededMax"
    crowd = json.dumps([{"VideoId": first}] * 21)
    assert _fails(customer, "UpdateVideoInfos", UpdateContent=crowd)[0] == "CountExceededMax"
    wrong = json.dumps([{"Title": "whose?"}])
    assert _fails(customer, "UpdateVideoInfos", UpdateContent=wrong)[0] == "InvalidParameter"


_ALL_FIELDS = (
    "Title,Tags,Description,Status,CateId,CateName,Size,Duration,CoverURL,Snapshots,"
    "SpriteSnapshots,MediaSource,PreprocessStatus,ModificationTime,StorageLocation,AppId,"
    "DownloadSwitch,TranscodeMode,VideoId,CreationTime"
)


def test_searching(customer: Customer, library: Library) -> None:
    match = f"VideoId = '{library.film}'"
    found = customer.call("SearchMedia", Match=match)
    assert (found["Total"], len(found["ScrollToken"])) == (1, 32)
    (hit,) = found["MediaList"]
    created = hit["CreationTime"]
    assert hit == {
        "MediaId": library.film,
        "MediaType": "video",
        "CreationTime": created,
        "Video": {"VideoId": library.film, "CreationTime": created},
    }
    info = customer.video(library.film)
    (hit,) = customer.call("SearchMedia", Match=match, Fields=_ALL_FIELDS)["MediaList"]
    shown = hit["Video"]
    assert len(shown.pop("Snapshots")) == len(info["Snapshots"]["Snapshot"])
    assert shown.pop("CoverURL")
    same = ("Title", "Tags", "Description", "Status", "CateId", "Size", "Duration", "AppId")
    same += ("VideoId", "CreationTime", "ModificationTime", "StorageLocation")
    assert shown == {name: info[name] for name in same} | {
        "SpriteSnapshots": [],
        "MediaSource": "general",
        "PreprocessStatus": "UnPreprocess",
        "DownloadSwitch": "on",
        "TranscodeMode": "FastTranscode",
    }
    word = secrets.token_hex(8)
    ids = [customer.create("a.mp3", title=f"{word} {n} 音乐").video_id for n in range(3)]
    found = customer.call("SearchMedia", SearchType="audio", Match=f"Title = '{word}'", PageSize=2)
    assert [item["MediaId"] for item in found["MediaList"]] == [ids[2], ids[1]]
    assert [item["Audio"]["AudioId"] for item in found["MediaList"]] == [ids[2], ids[1]]
    rest = customer.call(
        "SearchMedia",
        SearchType="audio",
        Match=f"Title = '{word}'",
        PageSize=2,
        PageNo=2,
        ScrollToken=found["ScrollToken"],
    )
    assert (rest["Total"], [item["MediaId"] for item in rest["MediaList"]]) == (3, [ids[0]])
    turned = customer.call(
        "SearchMedia",
        SearchType="audio",
        Match=f"(Title = '{word} 2' or Title = '{word} 0') and Status in ('Uploading')",
        SortBy="CreationTime:Asc,ModificationTime:Desc",
    )
    assert [item["MediaId"] for item in turned["MediaList"]] == [ids[0], ids[2]]
    for kind in ("image", "attached"):
        nothing = customer.call("SearchMedia", SearchType=kind, Match=f"Title = '{word}'")
        assert (nothing["Total"], nothing["MediaList"]) == (0, [])


def test_searches_that_are_refused(customer: Customer) -> None:
    code, status, message = _fails(customer, "SearchMedia", Match="Title = 'a' and Titel = 'b'")
    assert (code, status) == ("ErrorMatchSyntax", 400)
    assert "The parameter Match.Titel has an error syntax, please check it." in message
    assert "position 17" in message
    expired = {"ScrollToken": "24e0fba7188fae707e146esa54****"}
    assert _refused(customer, "SearchMedia", **expired) == ("InvalidScrollToken.Expired", 400)
    two = "CreationTime:Desc,ModificationTime:Desc"
    assert _fails(customer, "SearchMedia", SortBy=two, **expired)[0] == "SortByExceededMax"
    for wrong in (
        {"Fields": "Title,Price"},
        {"Fields": "URL"},
        {"SortBy": "Title:Desc"},
        {"SortBy": "CreationTime"},
        {"SortBy": "CreationTime:Desc,CreationTime:Asc,ModificationTime:Asc,ModificationTime:Desc"},
        {"SearchType": "film"},
        {"PageSize": 101},
        {"PageNo": 0},
    ):
        assert _refused(customer, "SearchMedia", **wrong) == ("InvalidParameter", 400), wrong
    token = customer.call("SearchMedia")["ScrollToken"]
    far = _refused(customer, "SearchMedia", ScrollToken=token, PageNo=121)
    assert far == ("InvalidParameter", 400)


def test_listing(customer: Customer, library: Library) -> None:
    category = customer.call("AddCategory", CateName="listed")["Category"]["CateId"]
    ids = [customer.create("a.mp4", CateId=category).video_id for _ in range(3)]
    found = customer.call("GetVideoList", CateId=category, PageSize=2)
    assert found["Total"] == 3
    assert [v["VideoId"] for v in found["VideoList"]["Video"]] == [ids[2], ids[1]]
    shown = found["VideoList"]["Video"][0]
    info = customer.video(ids[2])
    for name in ("TemplateGroupId", "RegionId", "AuditStatus"):
        del info[name]
    assert shown == info
    assert shown["CateName"] == "listed"
    second = customer.call("GetVideoList", CateId=category, PageSize=2, PageNo=2)
    assert [v["VideoId"] for v in second["VideoList"]["Video"]] == [ids[0]]
    turned = customer.call(
        "GetVideoList",
        CateId=category,
        SortBy="CreationTime:Asc",
        Status="Normal,Uploading",
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2120-01-01T00:00:00Z",
        StorageLocation=shown["StorageLocation"],
    )
    assert [v["VideoId"] for v in turned["VideoList"]["Video"]] == ids
    everything = customer.call("GetVideoList", Status="Normal", PageSize=100)["VideoList"]["Video"]
    assert library.film in [v["VideoId"] for v in everything]

    nothing = ("InvalidVideo.NotFound", 404)
    assert _refused(customer, "GetVideoList", CateId=category, Status="Blocked") == nothing
    assert _refused(customer, "GetVideoList", StorageLocation="elsewhere") == nothing
    assert _refused(customer, "GetVideoList", PageNo=51, PageSize=100) == (
        "VideoListExceededMax",
        400,
    )
    for wrong in (
        {"Status": "Finished"},
        {"StartTime": "2020-01-01"},
        {"StartTime": "2020-01-02T00:00:00Z", "EndTime": "2020-01-01T00:00:00Z"},
        {"SortBy": "Title:Asc"},
        {"PageSize": 101},
    ):
        assert _refused(customer, "GetVideoList", **wrong) == ("InvalidParameter", 400), wrong


def _objects(customer: Customer, media_id: str) -> list[str]:
    return list(customer.stack.objects(f"upload/{media_id}/", f"{media_id}/"))


def test_deleting(customer: Customer) -> None:
    clip = clips.make("silent_video")
    original = customer.upload(clip, NO_TRANSCODE)
    customer.wait(original)
    customer.wait_for_covers(original)
    waiting = customer.create("never.mp4").video_id

    done = customer.call("DeleteMezzanines", VideoIds=f"{original},{waiting},{_UNKNOWN}")
    assert sorted(done["UnRemoveableVideoIds"]) == sorted([original, waiting])
    assert done["NonExistVideoIds"] == [_UNKNOWN]
    assert (
        customer.call("DeleteMezzanines", VideoIds=original, Force=True)["UnRemoveableVideoIds"]
        == []
    )
    mezzanine = customer.call("GetMezzanineInfo", VideoId=original)["Mezzanine"]
    assert mezzanine["Status"] == "Deleted"
    assert "FileURL" not in mezzanine
    assert all("/covers/" in key for key in _objects(customer, original))

    done = customer.call("DeleteVideo", VideoIds=f"{original},{_UNKNOWN}")
    assert (done["NonExistVideoIds"], done["ForbiddenVideoIds"]) == ([_UNKNOWN], [])
    assert _objects(customer, original) == []
    gone = ("InvalidVideo.NotFound", 404)
    assert _refused(customer, "GetVideoInfo", VideoId=original) == gone
    assert _refused(customer, "DeleteVideo", VideoIds=f"{original},{_UNKNOWN}") == gone
    found = customer.call("SearchMedia", Match=f"VideoId in ('{original}', '{waiting}')")
    assert [item["MediaId"] for item in found["MediaList"]] == [waiting]

    many = ",".join(secrets.token_hex(16) for _ in range(21))
    assert _refused(customer, "DeleteVideo", VideoIds=many) == ("VideoIdsExceededMax", 400)
    assert _refused(customer, "DeleteMezzanines", VideoIds=many) == ("InvalidParameter", 400)
    stream = {"VideoId": waiting, "JobIds": many}
    assert _refused(customer, "DeleteStream", **stream) == ("JobIdsExceededMax", 400)


def test_deleting_a_stream(customer: Customer) -> None:
    clip = customer.upload(clips.make("silent_video"))
    customer.wait(clip)
    streams = customer.streams(clip)
    before = set(_objects(customer, clip))
    gone = streams["m3u8"]["JobId"]
    both = f"{gone},{_UNKNOWN}"
    assert _refused(customer, "DeleteStream", VideoId=clip, JobIds=both) == (
        "InvalidStream.NotFound",
        404,
    )
    assert set(_objects(customer, clip)) >= before
    customer.call("DeleteStream", VideoId=clip, JobIds=gone)
    assert set(customer.streams(clip)) == {"mp4"}
    deleted = before - set(_objects(customer, clip))
    assert {key.rsplit(".", 1)[1] for key in deleted} == {"m3u8", "ts"}
    assert _fails(customer, "DeleteStream", VideoId=_UNKNOWN, JobIds=gone)[0] == (
        "InvalidVideo.NotFound"
    )
