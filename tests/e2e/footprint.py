"""Everything that OpenVOD keeps of some videos, to be compared before and after."""

from typing import Any

from tests.stack_fixture import Stack

_TABLES = ("media", "task", "job", "stream", "snapshot_set", "event", "delivery")


def footprint(stack: Stack, *video_ids: str) -> dict[str, Any]:
    """The rows of every table, and the objects with their tags and times."""
    found: dict[str, Any] = {
        table: sorted(
            stack.rows(f"SELECT * FROM {table} WHERE media_id = ANY(%s)", list(video_ids)), key=str
        )
        for table in _TABLES
    }
    prefixes = [f"{folder}{video_id}/" for video_id in video_ids for folder in ("", "upload/")]
    return found | {"objects": stack.objects(*prefixes)}


def stray_objects(stack: Stack, video_id: str) -> set[str]:
    """Objects of a video that none of its streams and pictures consists of."""
    known = set()
    for stream in stack.rows("SELECT object_key FROM stream WHERE media_id = %s", video_id):
        key = stream["object_key"]
        known.add(key)
        if key.endswith(".m3u8"):
            folder = key.rsplit("/", 1)[0]
            lines = stack.object_bytes(key).decode().splitlines()
            known |= {f"{folder}/{line}" for line in lines if line and not line.startswith("#")}
    for made in stack.rows("SELECT * FROM snapshot_set WHERE media_id = %s", video_id):
        known |= {
            made["key_pattern"].replace("{SnapshotCount}", f"{number:05d}")
            for number in range(1, made["snapshot_count"] + 1)
        }
    there = set(stack.objects(f"{video_id}/"))
    assert known - {f"upload/{video_id}/original.mp4"} <= there, f"missing: {known - there}"
    return there - known
