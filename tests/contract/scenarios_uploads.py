"""Scenarios of uploads and playback (VOD API manual 5, 6)."""

import json
import os

from chalicelib import ingest
from tests import clips
from tests.contract import failures
from tests.contract.scenario import (
    UNKNOWN_ID,
    Answer,
    Parameters,
    Scenario,
    asking,
    named,
)
from tests.contract.world import World
from tests.sources import file, serving_sources, status

# Never asked for anything: pulls that are submitted here are not run.
_SOURCE = "http://127.0.0.1:1/film.mp4"


def _upload(world: World) -> Parameters:
    return {"Title": "A clip", "FileName": "clip.mp4", "AppId": world.app_id}


def _pull(world: World) -> Parameters:
    return {"UploadURLs": f"{_SOURCE}?{os.urandom(4).hex()}", "AppId": world.app_id}


def _pulled(world: World) -> str:
    answer = world.must("UploadMediaByURL", **_pull(world))
    return str(answer["UploadJobs"][0]["JobId"])


def _asked_pull(world: World) -> Parameters:
    return {"JobIds": f"{_pulled(world)},{UNKNOWN_ID}"}


def _ended_pulls(world: World) -> Parameters:
    """One that succeeded and one that failed."""
    with serving_sources() as server:
        server.answers["/film.mp4"] = file(clips.make("contract").read_bytes())
        server.answers["/none.mp4"] = status(404)
        jobs = []
        for path in ("/film.mp4", "/none.mp4"):
            answer = world.must(
                "UploadMediaByURL",
                UploadURLs=server.url(path),
                UserData=json.dumps({"Extend": {"localId": "one"}}),
                AppId=world.app_id,
            )
            jobs.append(str(answer["UploadJobs"][0]["JobId"]))
            ingest.run_pull(jobs[-1])
    return {"JobIds": ",".join(jobs)}


def _multipart(world: World) -> Parameters:
    return {"MediaId": world.begin_multipart(), "MediaType": "video"}


def _registered(world: World) -> Parameters:
    url = world.object_in_bucket(f"imports/{os.urandom(4).hex()}.mp4")
    documents = [{"FileURL": url, "Title": "A film"}, {"FileURL": f"{url}x.mp4", "Title": "None"}]
    return {"RegisterMetadatas": json.dumps(documents)}


def _only_private(world: World) -> Answer:
    return world.ask("GetPlayInfo", {"VideoId": world.private_video()})


def _no_pull(world: World) -> Answer:
    return world.ask("UploadMediaByURL", {"UploadURLs": "ftp://example.com/film.mp4"})


SCENARIOS: dict[str, Scenario] = {
    "CreateUploadVideo": Scenario(
        (_upload,),
        {
            "Forbidden.InitFailed": failures.asking_without(
                "OPENVOD_UPLOAD_ROLE_ARN", "CreateUploadVideo", Title="x", FileName="clip.mp4"
            ),
            "AddVideoFailed": failures.unwritable_video,
        },
    ),
    "RefreshUploadVideo": Scenario(errors={"InvalidVideo.Damaged": failures.registered_elsewhere}),
    "CreateUploadImage": Scenario((lambda world: {"ImageType": "cover", "AppId": world.app_id},)),
    "CreateUploadAttachedMedia": Scenario(
        (lambda world: {"BusinessType": "watermark", "MediaExt": "png", "AppId": world.app_id},)
    ),
    "UploadMediaByURL": Scenario((_pull,), {"InvalidParameter.UploadURLs": _no_pull}),
    "GetURLUploadInfos": Scenario((_asked_pull, _ended_pulls)),
    "CancelUrlUploadJobs": Scenario((_asked_pull,)),
    "DeleteMultipartUpload": Scenario(
        (_multipart,),
        {
            "InvalidParameter": asking("DeleteMultipartUpload", "MediaId", MediaType="image"),
            "InvalidStorage.NotFound": failures.missing_bucket,
            "AccessDenied": failures.forbidden_bucket,
            "InvalidFile.NotFound": failures.without_source(
                "DeleteMultipartUpload", MediaType="video"
            ),
            "InvalidMultipartUpload.NotFound": asking(
                "DeleteMultipartUpload", "MediaId", MediaType="video"
            ),
        },
    ),
    "GetUploadDetails": Scenario(
        (lambda world: {"MediaIds": f"{world.values['VideoId']},{UNKNOWN_ID}"},),
        {
            "LimitExceeded.MediaIds": asking(
                "GetUploadDetails", MediaIds=",".join(f"{n:032x}" for n in range(21))
            )
        },
    ),
    "RegisterMedia": Scenario((_registered,)),
    "GetPlayInfo": Scenario(
        (
            named("VideoId"),
            named("VideoId", ResultType="Multiple"),
            lambda world: {"VideoId": world.private_video(), "ResultType": "Multiple"},
            lambda world: {"VideoId": world.values["HdrId"]},
        ),
        {
            "InvalidVideo.NoneStream": asking("GetPlayInfo", "VideoId", Formats="mpd"),
            "Forbidden.AliyunVoDEncryption": _only_private,
        },
    ),
    "GetVideoPlayAuth": Scenario(
        errors={"MissingVideoId": lambda world: world.ask("GetVideoPlayAuth")}
    ),
}
