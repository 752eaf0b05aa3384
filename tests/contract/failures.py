"""Failures that no request can bring about by what it says: the database, the bucket, the setup."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from chalicelib.settings import settings
from chalicelib.store import aws, database
from tests.contract.scenario import Answer, Provoke, setting
from tests.contract.world import World


@contextmanager
def refusing_rows(table: str, column: str, value: str) -> Iterator[None]:
    """The database takes no new row with this value."""

    def run(statement: str) -> None:
        database.run(lambda tx: database.change(tx, statement))

    run(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK ({column} <> '{value}') NOT VALID")
    try:
        yield
    finally:
        run(f"ALTER TABLE {table} DROP CONSTRAINT refused")


@contextmanager
def without_rights_on_the_bucket() -> Iterator[None]:
    """The function's own credentials are good for nothing but to list other buckets."""
    iam = boto3.client("iam")
    name = f"nobody-{secrets.token_hex(4)}"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    iam.put_user_policy(
        UserName=name,
        PolicyName="little",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    given = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    before = {name: os.environ[name] for name in given}
    try:
        os.environ.update(given)
        _new_client()
        yield
    finally:
        os.environ.update(before)
        _new_client()


def _new_client() -> None:
    aws._session.cache_clear()
    aws.s3.cache_clear()


def asking_without(name: str, action: str, **parameters: str) -> Provoke:
    """A request to a deployment in which a setting is missing."""

    def provoke(world: World) -> Answer:
        with setting(name, ""):
            return world.ask(action, parameters)

    return provoke


def undeletable_video(world: World) -> Answer:
    """What is to be deleted cannot be written down."""
    video = world.video()
    with refusing_rows("deletion", "media_id", video):
        return world.ask("DeleteVideo", {"VideoIds": video})


def undeletable_stream(world: World) -> Answer:
    """What is to be deleted cannot be written down."""
    video = world.video()
    played = world.must("GetPlayInfo", VideoId=video)["PlayInfoList"]["PlayInfo"]
    with refusing_rows("deletion", "media_id", video):
        return world.ask("DeleteStream", {"VideoId": video, "JobIds": played[0]["JobId"]})


def unwritable_video(world: World) -> Answer:
    """The record cannot be written."""
    with refusing_rows("media", "title", "unlucky"):
        return world.ask("CreateUploadVideo", {"Title": "unlucky", "FileName": "clip.mp4"})


def forbidden_bucket(world: World) -> Answer:
    """The bucket does not let the function in."""
    parameters = {"MediaId": world.values["VideoId"], "MediaType": "video"}
    with without_rights_on_the_bucket():
        return world.ask("DeleteMultipartUpload", parameters)


def missing_bucket(world: World) -> Answer:
    """The bucket that the settings name is not there."""
    parameters = {"MediaId": world.values["VideoId"], "MediaType": "video"}
    with setting("OPENVOD_MEDIA_BUCKET", f"{settings().media_bucket}-gone"):
        return world.ask("DeleteMultipartUpload", parameters)


def without_source(action: str, **more: str) -> Provoke:
    """A request for a video whose source was deleted through the API."""

    def provoke(world: World) -> Answer:
        video = world.transcoded_video()
        world.must("DeleteMezzanines", VideoIds=video)
        name = "MediaId" if action == "DeleteMultipartUpload" else "VideoId"
        return world.ask(action, {name: video, **more})

    return provoke


def lost_source(world: World) -> Answer:
    """A request for a video whose bytes are gone from the bucket though nobody deleted them."""
    return world.ask("GetMezzanineInfo", {"VideoId": world.video()})


def registered_elsewhere(world: World) -> Answer:
    """A request to upload again what was not uploaded."""
    url = world.object_in_bucket(f"imports/{secrets.token_hex(4)}.mp4")
    made = world.must(
        "RegisterMedia", RegisterMetadatas=json.dumps([{"FileURL": url, "Title": "A"}])
    )
    return world.ask("RefreshUploadVideo", {"VideoId": made["RegisteredMediaList"][0]["MediaId"]})
