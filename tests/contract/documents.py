"""JSON parameters with a place for everything that the facts say something of.

By the beginning of the paths of facts that they are for: some members do not go together, so there
are several documents of one parameter.
"""

import json
import os
from typing import Any

from tests.contract.facts import Action
from tests.contract.scenario import Make, Parameters
from tests.contract.template_documents import TEMPLATE_DOCUMENTS
from tests.contract.world import SNAPSHOTS, World

USER_DATA = json.dumps(
    {
        "MessageCallback": {"CallbackType": "http", "CallbackURL": "http://127.0.0.1:1/"},
        "Extend": {"localId": "one"},
        "AccelerateConfig": {"Type": "oss", "Domain": "http://up.example"},
    }
)


def with_user_data(make: Make) -> Make:
    """A request that also says where its events go."""
    return lambda world: make(world) | {"UserData": USER_DATA}


def _metadatas(world: World) -> Parameters:
    url = f"http://127.0.0.1:1/film.mp4?{os.urandom(4).hex()}"
    described = {"SourceURL": url, "Title": "A film", "Description": "of tests"}
    return {"UploadURLs": url, "UploadMetadatas": json.dumps([described]), "AppId": world.app_id}


def _registered(world: World) -> Parameters:
    described = {
        "FileURL": world.object_in_bucket(f"imports/{os.urandom(4).hex()}.mp4"),
        "Title": "A film",
        "Description": "of tests",
        "CoverURL": "http://pictures.example/1.png",
    }
    return {"RegisterMetadatas": json.dumps([described])}


def _content(name: str, make: Any) -> Make:
    def parameters(world: World) -> Parameters:
        described = {name: make(world), "Title": "another", "Description": "of tests"}
        return {"UpdateContent": json.dumps([described])}

    return parameters


def _picture_template(world: World) -> Parameters:
    config = {
        "SnapshotType": "SpriteSnapshot",
        "SnapshotConfig": {
            "FrameType": "normal",
            "Count": 5,
            "Interval": 1,
            "SpecifiedOffsetTime": 0,
            "Width": 64,
            "Height": 48,
            "SpriteSnapshotConfig": {
                "CellWidth": "64",
                "CellHeight": "48",
                "Padding": "0",
                "Margin": "0",
                "Color": "Black",
                "Columns": "2",
                "Lines": "2",
                "KeepCellPic": "keep",
            },
        },
    }
    return _template(world, config)


def _index_template(world: World) -> Parameters:
    settings = {**json.loads(SNAPSHOTS)["SnapshotConfig"], "Format": "vtt"}
    config = {
        "SnapshotType": "WebVttSnapshot",
        "SnapshotConfig": {**settings, "SubOut": {"IsSptFrag": "true"}},
    }
    return _template(world, config)


def _template(world: World, config: dict[str, Any]) -> Parameters:
    return {
        "Name": "pictures",
        "TemplateType": "Snapshot",
        "TemplateConfig": json.dumps(config),
        "AppId": world.app_id,
    }


def _changed_template(make: Make) -> Make:
    def parameters(world: World) -> Parameters:
        wanted = make(world)
        made = world.must("AddVodTemplate", **wanted)
        return {
            "VodTemplateId": str(made["VodTemplateId"]),
            "TemplateConfig": wanted["TemplateConfig"],
        }

    return parameters


_IMAGE = {
    "Dx": "9",
    "Dy": "9",
    "Width": "55",
    "Height": "55",
    "ReferPos": "BottomLeft",
    "Timeline": {"Start": "0", "Duration": "5"},
}
_TEXT = {
    "Content": "Text",
    "FontAlpha": "1",
    "Top": 2,
    "Left": 10,
    "FontSize": 25,
    "BorderWidth": 1,
}


def _mark(kind: str, config: dict[str, Any]) -> Make:
    def parameters(world: World) -> Parameters:
        file = {"FileUrl": world.values["FileUrl"]} if kind == "Image" else {}
        return {
            "Type": kind,
            "Name": "mark",
            "WatermarkConfig": json.dumps(config),
            "AppId": world.app_id,
            **file,
        }

    return parameters


def _changed_mark(kind: str, config: dict[str, Any]) -> Make:
    def parameters(world: World) -> Parameters:
        made = world.must("AddWatermark", **_mark(kind, config)(world))
        return {
            "WatermarkId": str(made["WatermarkInfo"]["WatermarkId"]),
            "Name": "mark",
            "WatermarkConfig": json.dumps(config),
        }

    return parameters


def _sprite(world: World) -> Parameters:
    config = {"Columns": "2", "Lines": "2", "KeepCellPic": "keep"}
    return {
        "VideoId": world.video(),
        "Count": "4",
        "Interval": "1",
        "SpriteSnapshotConfig": json.dumps(config),
    }


def _played(world: World) -> Parameters:
    return {"VideoId": world.values["VideoId"], "PlayConfig": "{}"}


# By action, and by the beginning of the paths.
DOCUMENTS: dict[str, dict[str, Make]] = {
    "UploadMediaByURL": {"UploadMetadatas": _metadatas},
    "RegisterMedia": {"RegisterMetadatas": _registered},
    "GetPlayInfo": {"PlayConfig": _played},
    "UpdateVideoInfos": {"UpdateContent": _content("VideoId", World.video)},
    "UpdateImageInfos": {"UpdateContent": _content("ImageId", World.new_image)},
    "UpdateAttachedMediaInfos": {"UpdateContent": _content("MediaId", World.new_attached)},
    **TEMPLATE_DOCUMENTS,
    "SubmitSnapshotJob": {"SpriteSnapshotConfig": _sprite},
    "AddVodTemplate": {
        "TemplateConfig": _picture_template,
        "TemplateConfig.SnapshotConfig.Format": _index_template,
        "TemplateConfig.SnapshotConfig.SubOut": _index_template,
    },
    "UpdateVodTemplate": {
        "TemplateConfig": _changed_template(_picture_template),
        "TemplateConfig.SnapshotConfig.Format": _changed_template(_index_template),
        "TemplateConfig.SnapshotConfig.SubOut": _changed_template(_index_template),
    },
    "AddWatermark": {
        "WatermarkConfig.Image:": _mark("Image", _IMAGE),
        "WatermarkConfig.Text:": _mark("Text", _TEXT),
    },
    "UpdateWatermark": {
        "WatermarkConfig.Image:": _changed_mark("Image", _IMAGE),
        "WatermarkConfig.Text:": _changed_mark("Text", _TEXT),
    },
}


def of(action: Action, base: Make) -> dict[str, Make]:
    """The documents of an action; ``base`` makes its good request."""
    known = DOCUMENTS.get(action.name, {})
    if any(path.startswith("UserData.") for path in action.inside):
        return {**known, "UserData": with_user_data(base)}
    return known
