"""Scenarios of media assets (VOD API manual 7)."""

import json
import os

from tests.contract import failures
from tests.contract.scenario import UNKNOWN_ID, Answer, Make, Parameters, Scenario, asking, named
from tests.contract.world import World

_TOO_MANY = ",".join(f"{number:032x}" for number in range(21))


def _new_category(world: World, **more: str) -> str:
    made = world.must("AddCategory", CateName=os.urandom(4).hex(), **more)
    return str(made["Category"]["CateId"])


def _fourth_level(world: World) -> Answer:
    third = _new_category(world, ParentId=_new_category(world, ParentId=_new_category(world)))
    return world.ask("AddCategory", {"CateName": "deeper", "ParentId": third})


def _hundred_and_first(world: World) -> Answer:
    parent = _new_category(world)
    for _ in range(100):
        _new_category(world, ParentId=parent)
    return world.ask("AddCategory", {"CateName": "one more", "ParentId": parent})


def _updated(world: World) -> Parameters:
    return {
        "VideoId": world.video(),
        "Title": "另一个",
        "Tags": "three",
        "CateId": world.values["CateId"],
    }


_FOUND = "Title,Tags,Description,Status,CreationTime,ModificationTime,StorageLocation,AppId"
_FOUND_FILE = f"{_FOUND},URL"
_FOUND_VIDEO = (
    f"{_FOUND},CateId,CateName,CoverURL,Size,Duration,MediaSource,PreprocessStatus,Snapshots,"
    "SpriteSnapshots,TranscodeMode,DownloadSwitch"
)
_FIELDS = {
    "video": f"{_FOUND_VIDEO},VideoId",
    "audio": f"{_FOUND_VIDEO},AudioId",
    "image": f"{_FOUND_FILE},ImageId,CateId,CateName",
    "attached": f"{_FOUND_FILE},MediaId,BusinessType,Categories",
}


def _searched(kind: str, name: str, value: str) -> Make:
    """Everything that can be returned of one media."""
    return lambda world: {
        "SearchType": kind,
        "Fields": _FIELDS[kind],
        "Match": f"{name} = '{world.values[value]}'",
    }


def _several(name: str, *ids: str) -> str:
    return json.dumps([{name: item, "Title": "another"} for item in ids])


def _updated_videos(world: World) -> Parameters:
    return {"UpdateContent": _several("VideoId", world.video(), UNKNOWN_ID)}


def _mezzanines(world: World) -> Parameters:
    ids = (world.transcoded_video(), world.video(), UNKNOWN_ID)
    return {"VideoIds": ",".join(ids)}


def _stream(world: World) -> Parameters:
    video = world.video()
    played = world.must("GetPlayInfo", VideoId=video)["PlayInfoList"]["PlayInfo"]
    return {"VideoId": video, "JobIds": played[0]["JobId"]}


def _deleted_videos(world: World) -> Parameters:
    return {"VideoIds": f"{world.video()},{UNKNOWN_ID}"}


def _images(world: World) -> Parameters:
    return {"UpdateContent": _several("ImageId", world.new_image(), UNKNOWN_ID)}


def _deleted_images(world: World) -> Parameters:
    return {"DeleteImageType": "ImageId", "ImageIds": world.new_image()}


def _attached(world: World) -> Parameters:
    return {"UpdateContent": _several("MediaId", world.new_attached(), UNKNOWN_ID)}


def _deleted_attached(world: World) -> Parameters:
    return {"MediaIds": f"{world.new_attached()},{UNKNOWN_ID}"}


SCENARIOS: dict[str, Scenario] = {
    "SearchMedia": Scenario(
        (
            _searched("video", "VideoId", "VideoId"),
            _searched("audio", "AudioId", "AudioId"),
            _searched("image", "ImageId", "ImageId"),
            _searched("attached", "MediaId", "AttachedId"),
            lambda world: {},
        ),
        {
            "SortByExceededMax": asking(
                "SearchMedia", ScrollToken="x" * 32, SortBy="CreationTime:Desc,ModificationTime:Asc"
            ),
            "ErrorMatchSyntax": asking("SearchMedia", Match="Title = "),
            "InvalidScrollToken.Expired": asking("SearchMedia", ScrollToken="x" * 32),
        },
    ),
    "AddCategory": Scenario(
        (lambda world: {"CateName": os.urandom(4).hex(), "ParentId": world.values["CateId"]},),
        {"LevelExceededMax": _fourth_level, "SubTotalExceededMax": _hundred_and_first},
    ),
    "UpdateCategory": Scenario(
        (lambda world: {"CateId": _new_category(world), "CateName": os.urandom(4).hex()},)
    ),
    "DeleteCategory": Scenario((lambda world: {"CateId": _new_category(world)},)),
    "GetCategories": Scenario((lambda world: {}, named("CateId"))),
    "GetVideoInfos": Scenario(
        (lambda world: {"VideoIds": f"{world.values['VideoId']},{UNKNOWN_ID}"},)
    ),
    "GetVideoList": Scenario(
        (lambda world: {}, named("CateId")),
        {
            "VideoListExceededMax": asking("GetVideoList", PageNo="51", PageSize="100"),
            "InvalidVideo.NotFound": asking("GetVideoList", Status="Blocked"),
        },
    ),
    "GetMezzanineInfo": Scenario(
        (
            named("VideoId", AdditionType="video,audio"),
            lambda world: {"VideoId": world.values["HdrId"], "AdditionType": "video"},
        ),
        {"InvalidFile.NotFound": failures.lost_source},
    ),
    "UpdateVideoInfo": Scenario((_updated,)),
    "UpdateVideoInfos": Scenario((_updated_videos,), limited=(_updated_videos,)),
    "DeleteMezzanines": Scenario((_mezzanines,)),
    "DeleteStream": Scenario(
        (_stream,),
        {
            "JobIdsExceededMax": asking("DeleteStream", "VideoId", JobIds=_TOO_MANY),
            "DeleteStreamFailed": failures.undeletable_stream,
            "InvalidStream.NotFound": asking("DeleteStream", "VideoId", JobIds=UNKNOWN_ID),
        },
    ),
    "DeleteVideo": Scenario(
        (_deleted_videos,),
        {
            "VideoIdsExceededMax": asking("DeleteVideo", VideoIds=_TOO_MANY),
            "DeleteVideoFailed": failures.undeletable_video,
        },
        limited=(_deleted_videos,),
    ),
    "GetImageInfo": Scenario((named("ImageId"),)),
    "UpdateImageInfos": Scenario((_images,)),
    "DeleteImage": Scenario(
        (_deleted_images,),
        {"NoSuchResource": asking("DeleteImage", DeleteImageType="ImageId", ImageIds=UNKNOWN_ID)},
    ),
    "GetAttachedMediaInfo": Scenario(
        (lambda world: {"MediaIds": f"{world.values['AttachedId']},{UNKNOWN_ID}"},),
        {"ExceededMax": asking("GetAttachedMediaInfo", MediaIds=_TOO_MANY)},
    ),
    "UpdateAttachedMediaInfos": Scenario((_attached,)),
    "DeleteAttachedMedia": Scenario((_deleted_attached,)),
    "ListSnapshots": Scenario(
        errors={
            "NoSuchResource": lambda world: world.ask(
                "ListSnapshots",
                {"VideoId": world.video(), "SnapshotType": "WebVttSnapshot"},
            )
        }
    ),
    "ListDynamicImage": Scenario((named("VideoId"),)),
    "DeleteDynamicImage": Scenario(
        (lambda world: {"VideoId": world.values["VideoId"], "DynamicImageIds": UNKNOWN_ID},)
    ),
}
