"""Deleting the snapshots of a video removes these and nothing else."""

from datetime import UTC, datetime

import boto3
import pytest

from chalicelib.library import MediaNotFound
from chalicelib.library.picture_deletion import PictureKind, delete_pictures
from chalicelib.settings import settings
from chalicelib.store import database, outputs
from chalicelib.store.outputs import SnapshotKind, SnapshotSet
from tests.pipeline.library import media_row, new_upload, object_keys, rows


def _pictures(account_id: str, media_id: str, kind: SnapshotKind, cells: bool = False) -> str:
    """A set of two pictures with their objects; returns its job's id."""
    job_id = f"{kind}-{media_id}"
    pattern = f"{media_id}/{kind}/{job_id}-{{SnapshotCount}}.jpg"
    now = datetime.now(UTC)
    made = SnapshotSet(
        job_id=job_id,
        account_id=account_id,
        media_id=media_id,
        kind=kind,
        key_pattern=pattern,
        snapshot_count=2,
        created_at=now,
        finished_at=now,
        cell_pattern=pattern.replace(f"/{kind}/", "/cells/") if cells else None,
        cell_count=2 if cells else None,
    )
    database.run(lambda tx: outputs.put_snapshots(tx, made))
    for name in (made.key_pattern, made.cell_pattern):
        for number in (1, 2) if name else ():
            key = outputs.numbered_key(name, number)
            boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=key, Body=b"x")
    return job_id


@pytest.fixture
def media_id(account_id: str) -> str:
    """A video with all kinds of pictures, one of which is its cover."""
    made = new_upload(account_id).media_id
    _pictures(account_id, made, "cover")
    _pictures(account_id, made, "normal")
    _pictures(account_id, made, "sprite", cells=True)
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE media SET cover_key = %(key)s WHERE media_id = %(media_id)s",
            key=f"{made}/cover/cover-{made}-00001.jpg",
            media_id=made,
        )
    )
    return made


def _left(media_id: str) -> dict[str, int]:
    """How many objects are left, by folder."""
    folders = [key.split("/")[1] for key in object_keys(f"{media_id}/")]
    return {name: folders.count(name) for name in sorted(set(folders))}


@pytest.mark.parametrize(
    ("kinds", "objects", "sets"),
    [
        ({"cover"}, {"cells": 2, "normal": 2, "sprite": 2}, ["normal", "sprite"]),
        ({"normal"}, {"cells": 2, "cover": 2, "sprite": 2}, ["cover", "sprite"]),
        ({"sprite"}, {"cells": 2, "cover": 2, "normal": 2}, ["cover", "normal", "sprite"]),
        ({"sprite_cell"}, {"cover": 2, "normal": 2, "sprite": 2}, ["cover", "normal", "sprite"]),
        ({"sprite", "sprite_cell"}, {"cover": 2, "normal": 2}, ["cover", "normal"]),
        ({"cover", "normal", "sprite", "sprite_cell", "webvtt"}, {}, []),
    ],
)
def test_pictures_go_by_their_kind(
    account_id: str,
    media_id: str,
    kinds: set[PictureKind],
    objects: dict[str, int],
    sets: list[str],
) -> None:
    assert delete_pictures(account_id, media_id, kinds) is True
    assert _left(media_id) == objects
    assert [row["kind"] for row in rows("snapshot_set", media_id, "kind")] == sets
    assert (media_row(media_id)["cover_key"] == "") == ("cover" in kinds)
    assert delete_pictures(account_id, media_id, kinds) is False


def test_only_the_owner_deletes_them(media_id: str) -> None:
    with pytest.raises(MediaNotFound):
        delete_pictures("another account", media_id, {"cover"})
