"""Ways in beside CreateUploadVideo, as an app uses them through each SDK."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests import clips, sources
from tests.pictures import png
from tests.sdk.customer import NO_TRANSCODE, Customer, Upload, decoded
from tests.sdk.driver import ApiFailure
from tests.sources import SourceServer, serving_sources
from tests.stack_fixture import known_secrets

_MIB = 1024 * 1024
# In the query of a URL that is pulled from: no log may show it.
_SIGNATURE = "s1gn4ture0fAsource"


@pytest.fixture(scope="module")
def server() -> Iterator[SourceServer]:
    with serving_sources() as running:
        running.answers["/clip.mp4"] = sources.file(clips.make("silent_video").read_bytes())
        running.answers["/gone.mp4"] = sources.status(404)
        yield running


def _grant(made: dict[str, Any], id_field: str) -> Upload:
    return Upload(made[id_field], decoded(made["UploadAddress"]), decoded(made["UploadAuth"]))


def _events(customer: Customer, event_type: str, media_id: str) -> list[dict[str, Any]]:
    return customer.stack.rows(
        "SELECT * FROM event WHERE event_type = %s AND media_id = %s", event_type, media_id
    )


def _gone(customer: Customer, key: str) -> bool:
    return customer.stack.objects(key) == {}


def test_an_image(customer: Customer) -> None:
    made = customer.call(
        "CreateUploadImage", ImageType="default", ImageExt="png", Title="图片", Tags="a,b"
    )
    upload = _grant(made, "ImageId")
    assert upload.key == f"upload/image/{upload.video_id}.png"
    assert made["FileURL"].endswith(f"/{customer.stack.bucket}/{upload.key}")
    before = customer.call("GetImageInfo", ImageId=upload.video_id)["ImageInfo"]
    assert before["Status"] == "Uploading"
    upload.put(png(64, 48))
    customer.stack.until(
        "the image is announced",
        lambda: _events(customer, "image_upload_complete", upload.video_id),
    )
    assert requests.get(made["ImageURL"], timeout=10).content == png(64, 48)
    category = customer.call("AddCategory", CateName=f"pictures {customer.sdk.name}")["Category"]
    changes = [
        {"ImageId": upload.video_id, "Title": "", "Tags": "c", "CateId": category["CateId"]},
        {"ImageId": "none", "Title": "x"},
    ]
    unknown = customer.call("UpdateImageInfos", UpdateContent=json.dumps(changes))
    assert unknown["NonExistImageIds"] == {"ImageId": ["none"]}
    image = customer.call("GetImageInfo", ImageId=upload.video_id)["ImageInfo"]
    source = image.pop("Mezzanine")
    assert (source["Width"], source["Height"]) == (64, 48)
    assert source["FileSize"] == str(len(png(64, 48)))
    assert requests.get(source["FileURL"], timeout=10).content == png(64, 48)
    assert requests.get(image.pop("URL"), timeout=10).content == png(64, 48)
    assert image.pop("StorageLocation").startswith(customer.stack.bucket)
    assert image.pop("CreationTime") == before["CreationTime"]
    assert image == {
        "ImageId": upload.video_id,
        "Title": "",
        "Description": "",
        "Tags": "c",
        "CateId": category["CateId"],
        "CateName": f"pictures {customer.sdk.name}",
        "ImageType": "NormalSnapshot",
        "Status": "Normal",
        "AppId": "app-1000000",
    }
    customer.call("DeleteImage", DeleteImageType="ImageURL", ImageURLs=made["ImageURL"])
    assert _gone(customer, upload.key)
    for wish in ({"ImageIds": upload.video_id}, {"ImageIds": "none"}):
        with pytest.raises(ApiFailure) as refused:
            customer.call("DeleteImage", DeleteImageType="ImageId", **wish)
        assert (refused.value.code, refused.value.status) == ("NoSuchResource", 404)
    assert _events(customer, "media_changed", upload.video_id) == []


def test_auxiliary_media(customer: Customer) -> None:
    made = customer.call(
        "CreateUploadAttachedMedia", BusinessType="subtitle", MediaExt="vtt", Title="字幕"
    )
    upload = _grant(made, "MediaId")
    assert upload.key == f"upload/subtitle/{upload.video_id}.vtt"
    upload.put(b"WEBVTT\n")
    customer.stack.until(
        "the subtitle is announced",
        lambda: _events(customer, "attached_media_upload_complete", upload.video_id),
    )
    assert requests.get(made["MediaURL"], timeout=10).content == b"WEBVTT\n"
    category = customer.call("AddCategory", CateName=f"words {customer.sdk.name}")["Category"]
    changes = [
        {"MediaId": upload.video_id, "Description": "d", "CateIds": str(category["CateId"])},
        {"MediaId": "none", "Title": "x"},
    ]
    unknown = customer.call("UpdateAttachedMediaInfos", UpdateContent=json.dumps(changes))
    assert unknown["NonExistMediaIds"] == ["none"]
    found = customer.call("GetAttachedMediaInfo", MediaIds=f"{upload.video_id},none")
    assert found["NonExistMediaIds"] == ["none"]
    (media,) = found["AttachedMediaList"]
    assert requests.get(media.pop("URL"), timeout=10).content == b"WEBVTT\n"
    for name in ("StorageLocation", "CreationTime", "ModificationTime"):
        assert media.pop(name)
    assert media == {
        "MediaId": upload.video_id,
        "Type": "subtitle",
        "Title": "字幕",
        "Description": "d",
        "Tags": "",
        "Status": "Normal",
        "AppId": "app-1000000",
        "Categories": [
            {
                "CateId": category["CateId"],
                "CateName": f"words {customer.sdk.name}",
                "Level": 0,
                "ParentId": -1,
            }
        ],
    }
    gone = customer.call("DeleteAttachedMedia", MediaIds=f"{upload.video_id},none")
    assert gone["NonExistMediaIds"] == ["none"]
    assert _gone(customer, upload.key)
    with pytest.raises(ApiFailure) as refused:
        customer.call("CreateUploadAttachedMedia", BusinessType="subtitle", MediaExt="png")
    assert (refused.value.code, refused.value.status) == ("InvalidParameter", 400)
    with pytest.raises(ApiFailure) as refused:
        customer.call("GetAttachedMediaInfo", MediaIds=",".join(map(str, range(21))))
    assert (refused.value.code, refused.value.status) == ("ExceededMax", 400)


def _info(customer: Customer, job_id: str) -> dict[str, Any]:
    (info,) = customer.call("GetURLUploadInfos", JobIds=job_id)["URLUploadInfoList"]
    found: dict[str, Any] = info
    return found


def _ended(customer: Customer, job_id: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        info = _info(customer, job_id)
        return info if "CompleteTime" in info else None

    return customer.stack.until(f"pull {job_id} ends", ended, 90)


def test_pulls_from_urls(customer: Customer, server: SourceServer) -> None:
    known_secrets.add(_SIGNATURE)
    good, bad = (
        server.url(f"/clip.mp4?sig={_SIGNATURE}%2Bb,c"),
        server.url(f"/gone.mp4?{customer.sdk.name}"),
    )
    metadata = [{"SourceURL": good, "Title": "Pulled", "Tags": "x,y", "FileExtension": "mp4"}]
    user_data = json.dumps({"Extend": {"id": 7}, "AccelerateConfig": {"Type": "oss"}})
    jobs = customer.call(
        "UploadMediaByURL",
        UploadURLs=",".join(quote(url, safe="") for url in (good, bad)),
        UploadMetadatas=json.dumps(metadata),
        TemplateGroupId=NO_TRANSCODE,
        UserData=user_data,
    )["UploadJobs"]
    assert [job["SourceURL"] for job in jobs] == [good, bad]
    info = _ended(customer, jobs[0]["JobId"])
    video = customer.wait(info["MediaId"])
    size = len(clips.make("silent_video").read_bytes())
    assert info | {"CreationTime": "", "CompleteTime": ""} == {
        "JobId": jobs[0]["JobId"],
        "UploadURL": good,
        "Status": "SUCCESS",
        "CreationTime": "",
        "CompleteTime": "",
        "MediaId": video["VideoId"],
        "FileSize": str(size),
        "UserData": user_data,
    }
    assert (video["Title"], video["Tags"], video["Size"]) == ("Pulled", "x,y", size)
    failed = _ended(customer, jobs[1]["JobId"])
    assert (failed["Status"], failed["ErrorCode"]) == ("DOWNLOAD_FAIL", "URLInvalidError")
    assert "404" in failed["ErrorMessage"]
    assert "MediaId" not in failed
    by_url = customer.call(
        "GetURLUploadInfos", UploadURLs=f"{quote(bad, safe='')},http://no.where/"
    )
    assert [info["JobId"] for info in by_url["URLUploadInfoList"]] == [jobs[1]["JobId"]]
    assert by_url["NonExists"] == ["http://no.where/"]
    cancelled = customer.call("CancelUrlUploadJobs", JobIds=f"{jobs[0]['JobId']},none")
    assert (cancelled["CanceledJobs"], cancelled["NonExists"]) == ([], ["none"])
    (details,) = customer.call("GetUploadDetails", MediaIds=info["MediaId"])["UploadDetails"]
    assert (details["UploadSource"], details["UploadRatio"]) == ("URLUpload", 1.0)


def test_the_progress_of_an_upload_in_parts_and_its_end(customer: Customer) -> None:
    upload = customer.create("long.mp4", NO_TRANSCODE, FileSize=10 * _MIB)
    s3, where = upload.s3(), {"Bucket": upload.address["Bucket"], "Key": upload.key}
    begun = s3.create_multipart_upload(**where)["UploadId"]
    s3.upload_part(**where, UploadId=begun, PartNumber=1, Body=bytes(5 * _MIB))

    def details() -> dict[str, Any]:
        found = customer.call("GetUploadDetails", MediaIds=f"{upload.video_id},none")
        assert (found["NonExistMediaIds"], found["ForbiddenMediaIds"]) == (["none"], [])
        (detail,) = found["UploadDetails"]
        return dict(detail)

    seen = details()
    assert (seen["UploadSize"], seen["UploadRatio"], seen["FileSize"]) == (
        5 * _MIB,
        0.5,
        10 * _MIB,
    )
    assert (seen["Status"], seen["UploadStatus"]) == ("Uploading", "UPLOADING")
    customer.call("DeleteMultipartUpload", MediaId=upload.video_id, MediaType="video")
    assert details()["UploadSize"] == 0
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.upload_part(**where, UploadId=begun, PartNumber=2, Body=b"x")
    with pytest.raises(ApiFailure) as refused:
        customer.call("DeleteMultipartUpload", MediaId=upload.video_id, MediaType="video")
    assert (refused.value.code, refused.value.status) == ("InvalidMultipartUpload.NotFound", 400)


def test_files_that_lie_in_the_bucket_already(customer: Customer) -> None:
    stack = customer.stack
    body = clips.make("silent_video").read_bytes()
    key = f"archive/{customer.sdk.name}/clip.mp4"
    stack.aws("s3").put_object(Bucket=stack.bucket, Key=key, Body=body)
    here = f"{stack.info['s3_endpoint']}/{stack.bucket}/"
    wanted = [
        {"FileURL": f"{here}{key}", "Title": "kept"},
        {"FileURL": f"{here}no.mp4", "Title": "t"},
    ]
    first = customer.call("RegisterMedia", RegisterMetadatas=json.dumps(wanted))
    assert first["FailedFileURLs"] == [f"{here}no.mp4"]
    (registered,) = first["RegisteredMediaList"]
    assert registered | {"MediaId": ""} == {
        "MediaId": "",
        "FileURL": f"{here}{key}",
        "NewRegister": True,
    }
    video = customer.wait(registered["MediaId"])
    assert (video["Title"], video["Size"]) == ("kept", len(body))
    again = customer.call("RegisterMedia", RegisterMetadatas=json.dumps(wanted[:1]))
    assert again["RegisteredMediaList"] == [registered | {"NewRegister": False}]
    source = customer.call("GetMezzanineInfo", VideoId=registered["MediaId"])["Mezzanine"]
    by_its_address = json.dumps([{"FileURL": source["FileURL"], "Title": "t"}])
    (known,) = customer.call("RegisterMedia", RegisterMetadatas=by_its_address)[
        "RegisteredMediaList"
    ]
    assert (known["MediaId"], known["NewRegister"]) == (registered["MediaId"], False)
