"""Every action once with each SDK, and every field of its answer.

That nothing is lost between the wire and the SDK's models, and that every type is the declared
one, is checked at every call of every test: see ``driver.Sdk.call``.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from chalicelib.processing.template_groups import find_group
from tests import clips
from tests.sdk.conftest import Library
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer
from tests.sdk.driver import ApiFailure

ID = re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_create_upload_video(customer: Customer) -> None:
    upload = customer.create("D:\\clips\\video_01.MP4", TRANSCODE, title="标题 with a name")
    assert ID.fullmatch(upload.video_id)
    assert set(upload.address) == {"Endpoint", "Bucket", "FileName"}
    assert upload.address["Endpoint"] == customer.stack.info["s3_endpoint"]
    assert upload.address["Bucket"] == customer.stack.bucket
    assert upload.key == f"upload/{upload.video_id}/original.mp4"
    names = {"AccessKeyId", "AccessKeySecret", "SecurityToken", "Region"}
    assert set(upload.auth) == names | {"Expiration", "ExpireUTCTime"}
    assert upload.auth["Expiration"] == "3000"
    left = moment(upload.auth["ExpireUTCTime"]) - datetime.now(UTC)
    assert timedelta(seconds=2900) < left < timedelta(seconds=3030)
    assert customer.video(upload.video_id)["Title"] == "标题 with a name"


def test_refresh_upload_video(customer: Customer, library: Library) -> None:
    upload = customer.refresh(library.pending)
    assert upload.video_id == library.pending
    assert upload.key == f"upload/{library.pending}/original.mp4"
    assert upload.auth["Expiration"] == "3000"


def test_get_video_info(customer: Customer, library: Library) -> None:
    video = customer.call("GetVideoInfo", VideoId=library.film)["Video"]
    assert opens_picture(video.pop("CoverURL"))
    snapshots = video.pop("Snapshots")["Snapshot"]
    assert 1 <= len(snapshots) <= 8
    assert all(opens_picture(url) for url in snapshots)
    created, modified = moment(video.pop("CreationTime")), moment(video.pop("ModificationTime"))
    assert datetime.now(UTC) - timedelta(hours=1) < created <= modified <= datetime.now(UTC)
    assert abs(video.pop("Duration") - 5) < 0.1
    assert video.pop("StorageLocation").startswith(f"{customer.stack.bucket}.")
    assert video == {
        "VideoId": library.film,
        "Title": "A film",
        "Description": "A film for the tests",
        "Tags": "tests,films",
        "CateId": 1000,
        "Status": "Normal",
        "AuditStatus": "Normal",
        "Size": clips.make("normal_720p").stat().st_size,
        "TemplateGroupId": TRANSCODE,
        "RegionId": "cn-shanghai",
        "AppId": "app-1000000",
    }


def test_get_video_info_before_the_upload(customer: Customer, library: Library) -> None:
    video = customer.call("GetVideoInfo", VideoId=library.pending)["Video"]
    assert (video["Status"], video["Duration"], video["CoverURL"]) == ("Uploading", 0, "")
    assert video["Snapshots"] == {"Snapshot": []}


def test_get_video_infos(customer: Customer, library: Library) -> None:
    unknown = "0" * 32
    ids = f"{library.pending},{unknown},{library.film}"
    answer = customer.call("GetVideoInfos", VideoIds=ids)
    assert [video["VideoId"] for video in answer["VideoList"]] == [library.pending, library.film]
    assert answer["NonExistVideoIds"] == [unknown]
    film = answer["VideoList"][1]
    assert film["Title"] == "A film"
    assert 1 <= len(film["Snapshots"]) <= 8
    assert all(url.startswith(customer.stack.info["play_url"]) for url in film["Snapshots"])


def test_get_mezzanine_info(customer: Customer, library: Library) -> None:
    answer = customer.call(
        "GetMezzanineInfo",
        VideoId=library.film,
        AuthTimeout=600,
        OutputType="oss",
        AdditionType="video,audio",
    )
    source = answer["Mezzanine"]
    clip = clips.make("normal_720p")
    assert requests.get(source["FileURL"], timeout=10).content == clip.read_bytes()
    assert (source["Status"], source["OutputType"]) == ("Normal", "oss")
    assert source["FileName"] == "original.mp4"
    assert source["Size"] == clip.stat().st_size
    assert (source["Width"], source["Height"], source["Fps"]) == (1280, 720, "25.0000")
    assert abs(float(source["Duration"]) - 5) < 0.1
    ((video,), (audio,)) = (source["VideoStreamList"], source["AudioStreamList"])
    assert (video["CodecName"], video["Width"], video["Height"]) == ("h264", "1280", "720")
    assert (video["PixFmt"], video["HasBFrames"], video["Rotate"]) == ("yuv420p", "2", "0")
    assert (audio["CodecName"], audio["Channels"], audio["SampleRate"]) == ("aac", "6", "48000")
    assert audio["Lang"] == "eng"
    every = [*source.values(), *video.values(), *audio.values()]
    assert None not in every


def test_get_mezzanine_info_through_the_play_domain(customer: Customer, library: Library) -> None:
    source = customer.call("GetMezzanineInfo", VideoId=library.film)["Mezzanine"]
    assert source["OutputType"] == "cdn"
    assert source["FileURL"].startswith(f"{customer.stack.info['play_url']}/upload/")
    downloaded = requests.get(source["FileURL"], timeout=10).content
    assert downloaded == clips.make("normal_720p").read_bytes()
    assert source.get("VideoStreamList", []) == []


def test_get_play_info(customer: Customer, library: Library) -> None:
    answer = customer.call("GetPlayInfo", VideoId=library.film)
    base = answer["VideoBase"]
    assert opens_picture(base.pop("CoverURL"))
    assert TIME.fullmatch(base.pop("CreationTime"))
    assert abs(float(base.pop("Duration")) - 5) < 0.1
    assert base == {
        "VideoId": library.film,
        "Title": "A film",
        "Status": "Normal",
        "MediaType": "video",
    }
    streams = answer["PlayInfoList"]["PlayInfo"]
    assert sorted(stream["Format"] for stream in streams) == ["m3u8", "mp4"]
    for stream in streams:
        assert ID.fullmatch(stream["JobId"])
        assert (stream["StreamType"], stream["Definition"]) == ("video", "LD")
        assert (stream["Encrypt"], stream["NarrowBandType"]) == (0, "0")
        assert (stream["BitDepth"], stream["Fps"]) == (8, "25.0000")
        assert stream["Specification"] == "H264.SD"  # 720 pixels across: beyond 640x480
        assert stream["Size"] > 10_000
        assert 50 < float(stream["Bitrate"]) < 2000
        url = stream["PlayURL"].split("?")[0]
        assert url.startswith(f"{customer.stack.info['play_url']}/{library.film}/")
        assert url.endswith(f"-ld.{stream['Format']}")


def test_get_play_info_chooses_streams(customer: Customer, library: Library) -> None:
    chosen = {"Formats": "mp4", "Definition": "LD", "StreamType": "video", "ResultType": "Multiple"}
    wishes = {"OutputType": "oss", "AuthTimeout": 60, "PlayConfig": '{"PlayDomain":"a.example"}'}
    (stream,) = customer.streams(library.film, **chosen, **wishes).values()
    assert stream["Format"] == "mp4"
    assert stream["PlayURL"].startswith(customer.stack.info["s3_endpoint"])
    assert len(requests.get(stream["PlayURL"], timeout=10).content) == stream["Size"]


def test_get_video_play_auth(customer: Customer, library: Library) -> None:
    answer = customer.call("GetVideoPlayAuth", VideoId=library.film, AuthInfoTimeout=200)
    meta = answer["VideoMeta"]
    assert opens_picture(meta.pop("CoverURL"))
    assert abs(meta.pop("Duration") - 5) < 0.1
    assert meta == {"VideoId": library.film, "Title": "A film", "Status": "Normal"}
    assert len(answer["PlayAuth"]) > 100


def test_list_snapshots(customer: Customer, library: Library) -> None:
    found = customer.call("ListSnapshots", VideoId=library.film)["MediaSnapshot"]
    pictures = found["Snapshots"]["Snapshot"]
    assert 1 <= found["Total"] == len(pictures) <= 8
    assert [picture["Index"] for picture in pictures] == list(range(1, len(pictures) + 1))
    assert all(opens_picture(picture["Url"]) for picture in pictures)
    assert found["Regular"].count("{SnapshotCount}") == 1
    first = found["Regular"].replace("{SnapshotCount}", "00001")
    assert pictures[0]["Url"].startswith(f"{first}?auth_key=")
    assert ID.fullmatch(found["JobId"])
    assert TIME.fullmatch(found["CreationTime"])


def test_list_snapshots_by_pages(customer: Customer, library: Library) -> None:
    pages = [
        customer.call(
            "ListSnapshots",
            VideoId=library.film,
            SnapshotType="CoverSnapshot",
            PageSize="1",
            PageNo=str(number),
            AuthTimeout="3600",
        )["MediaSnapshot"]
        for number in (1, 2)
    ]
    total = pages[0]["Total"]
    assert total >= 2, "the film has too few covers for this test"
    assert [page["Snapshots"]["Snapshot"][0]["Index"] for page in pages] == [1, 2]
    beyond = customer.call(
        "ListSnapshots", VideoId=library.film, PageSize="1", PageNo=str(total + 1)
    )
    assert beyond["MediaSnapshot"]["Snapshots"]["Snapshot"] == []


def test_transcode_tasks(customer: Customer) -> None:
    """SubmitTranscodeJobs and GetTranscodeTask, on a video that was not transcoded before."""
    clip = clips.make("silent_video")
    video_id = customer.upload(clip, NO_TRANSCODE)
    customer.wait(video_id)
    answer = customer.call(
        "SubmitTranscodeJobs", VideoId=video_id, TemplateGroupId=TRANSCODE, Priority="9"
    )
    jobs = [job["JobId"] for job in answer["TranscodeJobs"]["TranscodeJob"]]
    assert len(jobs) == len(set(jobs)) == 2

    def completed() -> dict[str, Any] | None:
        task = customer.call("GetTranscodeTask", TranscodeTaskId=answer["TranscodeTaskId"])
        found: dict[str, Any] = task["TranscodeTask"]
        assert found["TaskStatus"] in ("Processing", "Partial", "CompleteAllSucc")
        return found if "CompleteTime" in found else None

    task = customer.stack.until("the task is complete", completed)
    assert (task["TaskStatus"], task["Trigger"]) == ("CompleteAllSucc", "Manual")
    assert task["TranscodeTemplateGroupId"] == TRANSCODE
    assert (task["VideoId"], task["TranscodeTaskId"]) == (video_id, answer["TranscodeTaskId"])
    done = task["TranscodeJobInfoList"]
    assert [job["TranscodeJobId"] for job in done] == jobs
    templates = [template.template_id for template in find_group("", TRANSCODE).templates]
    assert [job["TranscodeTemplateId"] for job in done] == templates
    for job in done:
        assert (job["TranscodeJobStatus"], job["TranscodeProgress"]) == ("TranscodeSuccess", 100)
        assert (job["Priority"], job["Definition"]) == ("9", "SD")
        output = job["OutputFile"]
        assert (output["Width"], output["Height"]) == ("640", "272")
        assert output["Filesize"] > 1000
        assert '"CodecName": "h264"' in output["VideoStreamList"]
        assert output["AudioStreamList"] == "[]"
    streams = customer.streams(video_id, ResultType="Multiple")
    assert {stream["JobId"] for stream in streams.values()} >= set(jobs)


def test_submit_snapshot_job(customer: Customer, library: Library) -> None:
    answer = customer.call(
        "SubmitSnapshotJob",
        VideoId=library.film,
        SpecifiedOffsetTime=1000,
        Count=3,
        Interval=1,
        Width="320",
        Height="180",
    )
    job_id = answer["SnapshotJob"]["JobId"]

    def listed() -> dict[str, Any] | None:
        try:
            answer = customer.call(
                "ListSnapshots", VideoId=library.film, SnapshotType="NormalSnapshot"
            )
        except ApiFailure as failure:
            assert failure.code == "NoSuchResource"
            return None
        found: dict[str, Any] = answer["MediaSnapshot"]
        return found if found["JobId"] == job_id else None

    found = customer.stack.until("the snapshots are listed", listed)
    assert found["Total"] == 3
    for picture in found["Snapshots"]["Snapshot"]:
        body = requests.get(picture["Url"], timeout=10).content
        assert jpeg_size(body) == (320, 180)


@pytest.fixture
def callback_settings(customer: Customer) -> Iterator[None]:
    """Puts the account's settings back as they were."""
    before = customer.call("GetMessageCallback")["MessageCallback"]
    yield
    nowhere = {"CallbackType": "HTTP", "CallbackURL": "http://nobody.example/", "AuthSwitch": "off"}
    customer.call("SetMessageCallback", **({**nowhere, **before}))


def test_message_callbacks(customer: Customer, callback_settings: None) -> None:
    chosen = {
        "CallbackType": "HTTP",
        "CallbackURL": "http://receiver.example/vod?from=openvod",
        "EventTypeList": "FileUploadComplete,TranscodeComplete",
        "AuthSwitch": "on",
        "AuthKey": "Secret0fCallbacks",
        "AppId": "app-1000000",
    }
    customer.call("SetMessageCallback", **chosen)
    found = customer.call("GetMessageCallback", AppId="app-1000000")["MessageCallback"]
    assert set(found.pop("EventTypeList").split(",")) == {"FileUploadComplete", "TranscodeComplete"}
    expected = {name: value for name, value in chosen.items() if name != "EventTypeList"}
    assert {name: value for name, value in found.items() if value} == expected


def test_message_callbacks_to_a_queue(customer: Customer, callback_settings: None) -> None:
    chosen = {
        "CallbackType": "MNS",
        "MnsEndpoint": "http://1000.mns.cn-shanghai.aliyuncs.com/",
        "MnsQueueName": "customers-events",
    }
    customer.call("SetMessageCallback", EventTypeList="ALL", **chosen)
    found = customer.call("GetMessageCallback")["MessageCallback"]
    assert chosen.items() <= found.items()


def opens_picture(url: str) -> bool:
    answer = requests.get(url, timeout=10)
    return answer.status_code == 200 and answer.content[:3] == b"\xff\xd8\xff"


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height out of the frame header."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
    return int.from_bytes(width), int.from_bytes(height)
