"""An account with everything in it that the actions' scenarios speak of, made through the API.

Its media lie in an application of their own; one user and one role may use this application, one
user may only read it, one user and one role may use another application, so that isolation can be
tried with every action.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3

from chalicelib import ingest
from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.identity.accounts import bootstrap, create_role, create_user
from chalicelib.ingest.completion import ArrivedObject
from chalicelib.processing.runner import run_next
from chalicelib.processing.workflows import Node, add_workflow
from chalicelib.settings import settings
from chalicelib.store import database, media, outputs, stream_keys
from chalicelib.store.database import Transaction
from chalicelib.store.media import MediaStatus
from chalicelib.store.stream_keys import StreamKey
from tests import clips
from tests.pictures import png
from tests.protocol.sending import v1

VERSION = "2017-03-21"
# With a token, the key of a role's session.
Key = tuple[str, str] | tuple[str, str, str]

# The name of groups of templates that nobody asks for again.
SPARE = "spare"
BUILT_IN_GROUP = "d3fa017ad15c0de0000000000000001d"
TEMPLATES = json.dumps(
    [
        {
            "TemplateName": "small",
            "Definition": "SD",
            "Container": {"Format": "mp4"},
            "Video": {"Codec": "H.264", "Bitrate": "400", "Fps": "25"},
            "Audio": {"Codec": "AAC", "Bitrate": "64", "Samplerate": "44100"},
        }
    ]
)
SNAPSHOTS = json.dumps(
    {
        "SnapshotType": "NormalSnapshot",
        "SnapshotConfig": {"Count": 2, "Interval": 1, "SpecifiedOffsetTime": 0},
    }
)
_ANIMATED = json.dumps(
    {
        "Name": "teaser",
        "Video": {"Width": "160", "Height": "128", "Fps": "5"},
        "Container": {"Format": "gif"},
        "Clip": {"TimeSpan": {"Seek": "00:00:00.000", "Duration": "1"}},
    }
)

_SPRITE = json.dumps({"Columns": "2", "Lines": "2"})

# Tables whose rows make up a media beside its record; their own ids are the jobs'.
_COPIED = ("stream", "snapshot_set")


@dataclass
class World:
    """``values``: what a parameter of this name may be, unless a scenario says otherwise."""

    admin: Key
    owner: Key
    reader: Key
    stranger: Key
    owner_role: Key
    stranger_role: Key
    account_id: str
    app_id: str
    other_app_id: str
    values: dict[str, str] = field(default_factory=dict)

    def ask(
        self, action: str, parameters: dict[str, str] | None = None, key: Key | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one request, sent through the real dispatch; by the administrator."""
        pair, token = _parts(key or self.admin)
        response = answer(v1(pair, action, parameters, token=token, Version=VERSION))
        body: dict[str, Any] = json.loads(response.body)
        return response.status, body

    def must(self, action: str, **parameters: str) -> dict[str, Any]:
        """As ``ask``, for what has to succeed."""
        status, body = self.ask(action, parameters)
        assert status == 200, f"{action}: {body}"
        return body

    def upload(self, action: str, body: bytes, **parameters: str) -> dict[str, Any]:
        """Create an upload, send the bytes, and let everything happen that follows."""
        granted = self.must(action, **parameters)
        address = json.loads(base64.b64decode(granted["UploadAddress"]))
        put = boto3.client("s3").put_object(
            Bucket=address["Bucket"], Key=address["FileName"], Body=body
        )
        arrived = ArrivedObject(
            address["FileName"],
            len(body),
            put["ETag"].strip('"'),
            "0055AED6DCD90281E5",
            source_ip="192.0.2.1",
        )
        ingest.complete_upload(arrived)
        work_off()
        return granted

    # ---- things that a test may harm ----------------------------------------------------------

    def video(self, status: str = "normal") -> str:
        """A copy of the account's first video, without bytes of its own."""
        return copy_media(self.values["VideoId"], status=MediaStatus(status))

    def transcoded_video(self) -> str:
        """A video whose source is none of its streams."""
        video = self.video()
        database.run(lambda tx: outputs.drop_originals(tx, video))
        return video

    def private_video(self) -> str:
        """A video of which every stream is encrypted for the vendor's own player."""
        video = self.video()

        def mark(tx: Transaction) -> None:
            for stream in outputs.streams_of(tx, video):
                key = StreamKey(
                    job_id=stream.job_id,
                    media_id=video,
                    kind="private",
                    ciphertext="",
                    key_uri="",
                    created_at=stream.created_at,
                )
                stream_keys.put(tx, key)

        database.run(mark)
        return video

    def new_image(self) -> str:
        """An image that was uploaded."""
        return copy_media(self.values["ImageId"])

    def new_attached(self) -> str:
        """Attached media that were uploaded."""
        return copy_media(self.values["AttachedId"])

    def new_group(self) -> str:
        """A group of transcode templates."""
        made = self.must(
            "AddTranscodeTemplateGroup",
            Name=SPARE,
            TranscodeTemplateList=TEMPLATES,
            AppId=self.app_id,
        )
        return str(made["TranscodeTemplateGroupId"])

    def drop_spare_groups(self) -> None:
        """Make room: an application takes twenty groups."""
        found = self.must("ListTranscodeTemplateGroup", AppId=self.app_id)
        for group in found["TranscodeTemplateGroupList"]:
            wanted = {"TranscodeTemplateGroupId": group["TranscodeTemplateGroupId"]}
            if group["Name"] != SPARE or wanted["TranscodeTemplateGroupId"] in self.known_ids:
                continue
            if group["Locked"] == "Enabled":
                self.must("UpdateTranscodeTemplateGroup", **wanted, Locked="Disabled")
            self.must("DeleteTranscodeTemplateGroup", **wanted, ForceDelGroup="true")

    def new_template(self, kind: str = "Snapshot", config: str = SNAPSHOTS) -> str:
        """A template for pictures."""
        made = self.must(
            "AddVodTemplate",
            Name="pictures",
            TemplateType=kind,
            TemplateConfig=config,
            AppId=self.app_id,
        )
        return str(made["VodTemplateId"])

    def new_watermark(self) -> str:
        """A text watermark."""
        made = self.must(
            "AddWatermark",
            Type="Text",
            Name="mark",
            WatermarkConfig=json.dumps({"Content": "Text", "FontSize": "25"}),
            AppId=self.app_id,
        )
        return str(made["WatermarkInfo"]["WatermarkId"])

    def begin_multipart(self) -> str:
        """A video with an upload in parts that nobody ends."""
        granted = self.must(
            "CreateUploadVideo", Title="parts", FileName="parts.mp4", AppId=self.app_id
        )
        address = json.loads(base64.b64decode(granted["UploadAddress"]))
        boto3.client("s3").create_multipart_upload(
            Bucket=address["Bucket"], Key=address["FileName"]
        )
        return str(granted["VideoId"])

    def object_in_bucket(self, key: str) -> str:
        """The URL of a clip that lies in the bucket and is no media yet."""
        bucket = settings().media_bucket
        boto3.client("s3").put_object(
            Bucket=bucket, Key=key, Body=clips.make("contract").read_bytes()
        )
        return f"{settings().storage_endpoint}/{bucket}/{key}"

    @property
    def known_ids(self) -> set[str]:
        """Ids that only those may see who may use the application."""
        return {value for name, value in self.values.items() if name.endswith("Id")} - {
            self.other_app_id
        }


def work_off() -> None:
    """Run every job there is."""
    while run_next("quick") or run_next("heavy"):
        pass


def forget_jobs() -> None:
    """Of requests whose jobs nobody wants to see run."""
    database.run(lambda tx: database.change(tx, "DELETE FROM job WHERE state = 'submitted'"))


def copy_media(media_id: str, **changes: object) -> str:
    """Another media like this one, with its streams and pictures; returns its id."""
    new_id = secrets.token_hex(16)

    def copy(tx: Transaction) -> None:
        record = media.get_any(tx, media_id)
        assert record is not None
        own = {"media_id": new_id, "source_key": record.source_key.replace(media_id, new_id)}
        media.insert(tx, record.model_copy(update={**own, **changes}))
        for table in _COPIED:
            rows = database.many(
                tx, f"SELECT * FROM {table} WHERE media_id = %(media_id)s", media_id=media_id
            )
            for row in rows:
                _insert(tx, table, {**row, "job_id": secrets.token_hex(16), "media_id": new_id})

    database.run(copy)
    return new_id


def _insert(tx: Transaction, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    database.change(tx, f"INSERT INTO {table} ({names}) VALUES ({values})", **row)


def make_world(account_id: str) -> World:
    """The account; takes a few seconds, since a real clip is analysed and transcoded."""
    pair = bootstrap(account_id)
    admin = (pair.access_key_id, pair.access_key_secret)
    world = World(*[admin] * 6, account_id, "", "")
    world.app_id = str(world.must("CreateAppInfo", AppName="one", Description="of tests")["AppId"])
    world.other_app_id = str(world.must("CreateAppInfo", AppName="other")["AppId"])
    world.owner = make_user(world, "owner", world.app_id, "VODAppFullAccess")
    world.reader = make_user(world, "reader", world.app_id, "VODAppReadOnlyAccess")
    world.stranger = make_user(world, "stranger", world.other_app_id, "VODAppFullAccess")
    world.owner_role = make_session(world, "owners", world.app_id, "VODAppFullAccess")
    world.stranger_role = make_session(world, "strangers", world.other_app_id, "VODAppFullAccess")
    _fill(world)
    return world


def _parts(key: Key) -> tuple[tuple[str, str], str]:
    return (key[0], key[1]), key[2] if len(key) == 3 else ""


def make_session(world: World, role: str, app_id: str, policy: str) -> Key:
    """The session of a role that may call every action, with a policy on an application."""
    arn = create_role(world.account_id, role, ["AliyunVODFullAccess"])
    grant(world, role, app_id, policy, kind="RamRole")
    wanted = {"RoleArn": arn, "RoleSessionName": "tests"}
    response = answer(v1(_parts(world.admin)[0], "AssumeRole", wanted, Version="2015-04-01"))
    given = json.loads(response.body)["Credentials"]
    return given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"]


def make_user(world: World, name: str, app_id: str, policy: str) -> Key:
    """A user who may call every action, with a policy on an application."""
    pair = create_user(world.account_id, name, ["AliyunVODFullAccess"])
    grant(world, name, app_id, policy)
    return pair.access_key_id, pair.access_key_secret


def grant(world: World, name: str, app_id: str, policy: str, kind: str = "RamUser") -> None:
    """Give a user, or a role, a policy on an application."""
    world.must(
        "AttachAppPolicyToIdentity",
        IdentityType=kind,
        IdentityName=name,
        AppId=app_id,
        PolicyNames=policy,
    )


def _fill(world: World) -> None:
    values = world.values
    values |= {"AppId": world.app_id, "StorageLocation": settings().media_bucket}
    values["CateId"] = str(world.must("AddCategory", CateName="films")["Category"]["CateId"])
    granted = world.upload(
        "CreateUploadVideo",
        clips.make("contract").read_bytes(),
        Title="A clip",
        FileName="clip.mp4",
        Description="of tests",
        Tags="one,two",
        CateId=values["CateId"],
        TemplateGroupId="VOD_NO_TRANSCODE",
        AppId=world.app_id,
    )
    video = str(granted["VideoId"])
    values |= dict.fromkeys(("VideoId", "VideoIds", "MediaId", "MediaIds"), video)
    _fill_files(world)
    _fill_templates(world)
    for action, more in (
        ("SubmitTranscodeJobs", {"TemplateGroupId": values["TranscodeTemplateGroupId"]}),
        ("SubmitDynamicImageJob", {"DynamicImageTemplateId": values["DynamicImageTemplateId"]}),
        ("SubmitSnapshotJob", {"Count": "4", "SpriteSnapshotConfig": _SPRITE}),
    ):
        made = world.must(action, VideoId=video, **more)
        values["TranscodeTaskId"] = str(made.get("TranscodeTaskId") or values["TranscodeTaskId"])
    work_off()


def _fill_files(world: World) -> None:
    described = {"Title": "A file", "Description": "of tests", "Tags": "one", "AppId": world.app_id}
    category = world.values["CateId"]
    image = world.upload(
        "CreateUploadImage",
        png(64, 48),
        ImageType="default",
        ImageExt="png",
        CateId=category,
        **described,
    )
    mark = world.upload(
        "CreateUploadAttachedMedia",
        png(32, 32),
        BusinessType="watermark",
        MediaExt="png",
        CateIds=category,
        **described,
    )
    for name, clip, file_name in (("AudioId", "mp3", "a.mp3"), ("HdrId", "hdr10", "a.mp4")):
        made = world.upload(
            "CreateUploadVideo",
            clips.make(clip).read_bytes(),
            FileName=file_name,
            CateId=category,
            CoverURL="http://pictures.example/1.png",
            TemplateGroupId="VOD_NO_TRANSCODE",
            **described,
        )
        world.values[name] = str(made["VideoId"])
    world.values |= {
        "ImageId": str(image["ImageId"]),
        "ImageIds": str(image["ImageId"]),
        "AttachedId": str(mark["MediaId"]),
        "FileUrl": str(mark["FileURL"]),
    }
    subtitle = world.upload(
        "CreateUploadAttachedMedia",
        b"1\n00:00:00,000 --> 00:00:01,000\nwords\n",
        BusinessType="subtitle",
        MediaExt="srt",
        **described,
    )
    world.values["SubtitleUrl"] = str(subtitle["FileURL"])


def _fill_templates(world: World) -> None:
    group = world.new_group()
    node = Node(name="transcode", kind="transcode", template=group)
    world.values |= {
        "TranscodeTemplateGroupId": group,
        "TemplateGroupId": group,
        "VodTemplateId": world.new_template(),
        "SnapshotTemplateId": world.new_template(),
        "DynamicImageTemplateId": world.new_template("DynamicImage", _ANIMATED),
        "WatermarkId": world.new_watermark(),
        "WorkflowId": add_workflow(world.account_id, world.app_id, "flow", [node], active=True),
    }
