"""Errors as the SDKs show them to an app: the manual's codes and HTTP statuses."""

from typing import Any

import pytest

from tests import clips
from tests.sdk.conftest import Library
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer
from tests.sdk.driver import ApiFailure

NOBODY = "0" * 32
OF_A_VIDEO = (
    "RefreshUploadVideo",
    "GetVideoInfo",
    "GetMezzanineInfo",
    "GetPlayInfo",
    "GetVideoPlayAuth",
    "ListSnapshots",
    "SubmitSnapshotJob",
)


def refusal(customer: Customer, action: str, **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ApiFailure) as refused:
        customer.call(action, **parameters)
    assert refused.value.message
    return refused.value.code, refused.value.status


@pytest.mark.parametrize("action", OF_A_VIDEO)
def test_an_unknown_video(customer: Customer, action: str) -> None:
    assert refusal(customer, action, VideoId=NOBODY) == ("InvalidVideo.NotFound", 404)


def test_an_unknown_video_in_other_actions(customer: Customer) -> None:
    unknown = ("InvalidVideo.NotFound", 404)
    assert refusal(customer, "GetVideoInfos", VideoIds=f"{NOBODY},{'1' * 32}") == unknown
    asked = {"VideoId": NOBODY, "TemplateGroupId": TRANSCODE}
    assert refusal(customer, "SubmitTranscodeJobs", **asked) == unknown


CREATE = {"Title": "A title", "FileName": "a.mp4"}


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"Title": "a" * 129}, "LengthExceededMax", 400),
        ({"Title": "视" * 129}, "LengthExceededMax", 400),
        ({"Title": "好 😀"}, "IllegalCharacters", 400),
        ({"Title": "a\x01b"}, "IllegalCharacters", 400),
        ({"Description": "d" * 1025}, "LengthExceededMax", 400),
        ({"Description": "😀"}, "IllegalCharacters", 400),
        ({"Tags": "好,😀"}, "IllegalCharacters", 400),
        ({"Tags": ",".join(f"t{n}" for n in range(17))}, "TagsExceededMax", 400),
        ({"Tags": "t" * 33}, "LengthExceededMax", 400),
        ({"FileName": "a.exe"}, "InvalidFileName.Extension", 400),
        ({"FileName": "mp4"}, "InvalidFileName.Extension", 400),
        ({"TemplateGroupId": "f" * 32}, "InvalidTemplateGroupId.NotFound", 404),
        ({"StorageLocation": "out-1.oss-cn-shanghai.aliyuncs.com"}, "InvalidStorage.NotFound", 404),
        ({"AppId": "app-2000000"}, "Forbidden.OperateApp", 403),
        ({"UserData": "{"}, "InvalidParameter", 400),
        ({"FileSize": -1}, "InvalidParameter", 400),
    ],
)
def test_create_upload_video_refuses(
    customer: Customer, changes: dict[str, Any], code: str, status: int
) -> None:
    assert refusal(customer, "CreateUploadVideo", **{**CREATE, **changes}) == (code, status)


@pytest.mark.parametrize("absent", ["Title", "FileName"])
def test_create_upload_video_needs(customer: Customer, absent: str) -> None:
    given = {name: value for name, value in CREATE.items() if name != absent}
    assert refusal(customer, "CreateUploadVideo", **given) == ("MissingParameter", 400)


@pytest.mark.parametrize(
    "given",
    [
        {"Title": "视" * 128},
        {"Title": "𠮷野家 — ﷽ ½"},
        {"Tags": ",".join("t" * 31 + chr(97 + n) for n in range(16))},
        {"Description": "述" * 1024},
        {"FileName": "/a/b c/我的 视频 😀.MP4"},
        {"FileName": "a.b.MoV"},
    ],
)
def test_create_upload_video_accepts(customer: Customer, given: dict[str, str]) -> None:
    upload = customer.create(file_name=given.get("FileName", "a.mp4"), **_others(given))
    video = customer.video(upload.video_id)
    for name in {"Title", "Tags", "Description"} & given.keys():
        assert video[name] == given[name]


def _others(given: dict[str, str]) -> dict[str, str]:
    names = {"Title": "title"}
    return {names.get(name, name): value for name, value in given.items() if name != "FileName"}


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("GetVideoPlayAuth", "MissingVideoId", 400),
        ("GetPlayInfo", "MissingParameter", 400),
        ("GetVideoInfo", "MissingParameter", 400),
        ("RefreshUploadVideo", "MissingParameter", 400),
        ("GetVideoInfos", "MissingParameter", 400),
        ("GetTranscodeTask", "MissingParameter", 400),
    ],
)
def test_a_missing_parameter(customer: Customer, action: str, code: str, status: int) -> None:
    assert refusal(customer, action) == (code, status)


@pytest.mark.parametrize(
    ("action", "status", "more"),
    [
        ("GetPlayInfo", 403, {}),
        ("GetVideoPlayAuth", 403, {}),
        ("ListSnapshots", 400, {}),
        ("SubmitSnapshotJob", 400, {"Count": 1}),
        ("SubmitTranscodeJobs", 400, {"TemplateGroupId": TRANSCODE}),
    ],
)
def test_a_video_that_is_not_uploaded_yet(
    customer: Customer, library: Library, action: str, status: int, more: dict[str, Any]
) -> None:
    refused = refusal(customer, action, VideoId=library.pending, **more)
    assert refused == ("Forbidden.IllegalStatus", status)


@pytest.mark.parametrize(
    ("action", "parameters", "code", "status"),
    [
        ("GetPlayInfo", {"Formats": "mp3"}, "InvalidVideo.NoneStream", 404),
        ("GetPlayInfo", {"Definition": "4K"}, "InvalidVideo.NoneStream", 404),
        (
            "GetPlayInfo",
            {"PlayConfig": '{"EncryptType":"HLSEncryption"}'},
            "InvalidVideo.NoneStream",
            404,
        ),
        ("GetPlayInfo", {"Formats": "avi"}, "InvalidParameter", 400),
        ("GetPlayInfo", {"OutputType": "ftp"}, "InvalidParameter", 400),
        ("GetPlayInfo", {"AuthTimeout": 0}, "InvalidParameter", 400),
        ("GetVideoPlayAuth", {"AuthInfoTimeout": 99}, "InvalidParameter", 400),
        ("GetVideoPlayAuth", {"AuthInfoTimeout": 3001}, "InvalidParameter", 400),
        ("ListSnapshots", {"SnapshotType": "SpriteSnapshot"}, "NoSuchResource", 404),
        ("ListSnapshots", {"PageSize": "101"}, "InvalidParameter", 400),
        ("SubmitTranscodeJobs", {"TemplateGroupId": "f" * 32}, "NoSuchResource", 404),
        ("SubmitTranscodeJobs", {}, "MissingParameter", 400),
        ("SubmitSnapshotJob", {"SnapshotTemplateId": "f" * 32}, "NoSuchResource", 404),
        ("SubmitSnapshotJob", {"Width": "7"}, "InvalidParameter", 400),
    ],
)
def test_what_a_finished_video_refuses(
    customer: Customer,
    library: Library,
    action: str,
    parameters: dict[str, Any],
    code: str,
    status: int,
) -> None:
    assert refusal(customer, action, VideoId=library.film, **parameters) == (code, status)


def test_an_unknown_task(customer: Customer) -> None:
    refused = refusal(customer, "GetTranscodeTask", TranscodeTaskId=NOBODY)
    assert refused == ("NoSuchResource", 404)


def test_more_than_twenty_ids(customer: Customer) -> None:
    ids = ",".join(f"{number:032x}" for number in range(21))
    assert refusal(customer, "GetVideoInfos", VideoIds=ids) == ("InvalidParameter", 400)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CallbackURL": "ftp://receiver.example/"}, "InvalidParameter"),
        ({"CallbackURL": "http://receiver.example/" + "a" * 256}, "LengthExceededMax"),
        ({"EventTypeList": "FileUploadComplete,NoSuchEvent"}, "InvalidParameter"),
        ({"AuthKey": "nouppercase1"}, "InvalidParameter"),
        ({"AuthSwitch": "maybe"}, "InvalidParameter"),
        ({"CallbackType": "SMS"}, "InvalidParameter"),
    ],
)
def test_set_message_callback_refuses(
    customer: Customer, changes: dict[str, str], code: str
) -> None:
    before = customer.call("GetMessageCallback")["MessageCallback"]
    asked = {"CallbackType": "HTTP", "CallbackURL": "http://receiver.example/", **changes}
    assert refusal(customer, "SetMessageCallback", **asked) == (code, 400)
    assert customer.call("GetMessageCallback")["MessageCallback"] == before


def test_a_wrong_secret(tea: Customer, legacy: Customer, library: Library) -> None:
    key = {**tea.stack.credentials, "access_key_secret": "x" * 30}
    # The older SDK compares the server's string to sign with its own, and knows better then.
    for customer, code in ((tea, "SignatureDoesNotMatch"), (legacy, "InvalidAccessKeySecret")):
        asked = {"credentials": key, "VideoId": library.film}
        assert refusal(customer, "GetVideoInfo", **asked) == (code, 400)


def test_an_unknown_key(customer: Customer, library: Library) -> None:
    key = {"access_key_id": "LTAInobodyhasthiskey", "access_key_secret": "x" * 30}
    refused = refusal(customer, "GetVideoInfo", credentials=key, VideoId=library.film)
    assert refused == ("InvalidAccessKeyId.NotFound", 404)


def test_a_video_without_covers_of_its_own(customer: Customer) -> None:
    video_id = customer.upload(clips.make("audio_only"), NO_TRANSCODE)
    customer.wait(video_id)
    assert refusal(customer, "ListSnapshots", VideoId=video_id) == ("NoSuchResource", 404)
