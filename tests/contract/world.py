"""An account with everything in it that the actions' scenarios speak of, made through the API.

Its media lie in an application of their own; one user may use this application, one may only read
it, one may use another application, so that isolation can be tried with every action.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3

from chalicelib import ingest
from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.identity.accounts import bootstrap, create_user
from chalicelib.ingest.completion import ArrivedObject
from chalicelib.processing.runner import run_next
from chalicelib.settings import settings
from chalicelib.store import database
from chalicelib.store.database import Transaction
from tests import clips
from tests.protocol.sending import v1

VERSION = "2017-03-21"
Key = tuple[str, str]

# Tables whose rows make up a media, and the columns of each that hold its own id.
_COPIED = {"media": "media_id", "stream": "job_id", "snapshot_set": "job_id"}


@dataclass
class World:
    """``values``: what a parameter of this name may be, unless a scenario says otherwise."""

    admin: Key
    owner: Key
    reader: Key
    stranger: Key
    account_id: str
    app_id: str
    other_app_id: str
    values: dict[str, str] = field(default_factory=dict)

    def ask(
        self, action: str, parameters: dict[str, str] | None = None, key: Key | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of one request, sent through the real dispatch; by the administrator."""
        response = answer(v1(key or self.admin, action, parameters, Version=VERSION))
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
            address["FileName"], len(body), put["ETag"].strip('"'), "0055AED6DCD90281E5"
        )
        assert ingest.complete_upload(arrived)
        work_off()
        return granted

    def video(self, status: str = "normal") -> str:
        """A video that a test may harm: a copy of the account's first, without bytes of its own."""
        return copy_media(self.values["VideoId"], status=status)

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


def copy_media(media_id: str, **changes: object) -> str:
    """Another media like this one, row by row; returns its id."""
    new_id = secrets.token_hex(16)

    def copy(tx: Transaction) -> None:
        for table, key in _COPIED.items():
            rows = database.many(
                tx, f"SELECT * FROM {table} WHERE media_id = %(media_id)s", media_id=media_id
            )
            for row in rows:
                own = {} if key == "media_id" else {key: secrets.token_hex(16)}
                _insert(tx, table, {**row, **own, "media_id": new_id})
        for name, value in changes.items():
            database.change(
                tx,
                f"UPDATE media SET {name} = %(value)s WHERE media_id = %(media_id)s",
                value=value,
                media_id=new_id,
            )

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
    world = World(admin, admin, admin, admin, account_id, "", "")
    world.app_id = str(world.must("CreateAppInfo", AppName="one", Description="of tests")["AppId"])
    world.other_app_id = str(world.must("CreateAppInfo", AppName="other")["AppId"])
    world.owner = _user(world, "owner", world.app_id, "VODAppFullAccess")
    world.reader = _user(world, "reader", world.app_id, "VODAppReadOnlyAccess")
    world.stranger = _user(world, "stranger", world.other_app_id, "VODAppFullAccess")
    _fill(world)
    return world


def _user(world: World, name: str, app_id: str, policy: str) -> Key:
    pair = create_user(world.account_id, name, ["AliyunVODFullAccess"])
    world.must(
        "AttachAppPolicyToIdentity",
        IdentityType="RamUser",
        IdentityName=name,
        AppId=app_id,
        PolicyNames=policy,
    )
    return pair.access_key_id, pair.access_key_secret


def _fill(world: World) -> None:
    granted = world.upload(
        "CreateUploadVideo",
        clips.make("contract").read_bytes(),
        Title="A clip",
        FileName="clip.mp4",
        Description="of tests",
        Tags="one,two",
        TemplateGroupId="VOD_NO_TRANSCODE",
        AppId=world.app_id,
    )
    video = str(granted["VideoId"])
    values = world.values
    values |= {"AppId": world.app_id, "VideoId": video, "VideoIds": video, "MediaIds": video}
    values |= {"MediaId": video, "StorageLocation": settings().media_bucket}
    group = "d3fa017ad15c0de0000000000000001d"
    task = world.must("SubmitTranscodeJobs", VideoId=video, TemplateGroupId=group)
    work_off()
    values |= {"TranscodeTaskId": str(task["TranscodeTaskId"])}
