"""What opens a play URL, and what a manifest may lead to."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from chalicelib import playback
from chalicelib.identity import master_keys
from chalicelib.ingest.completion import complete_upload
from chalicelib.library import IllegalStatus
from chalicelib.mediaspec.hls import PlaylistInvalid
from chalicelib.playback import Forbidden, NoMatchingStream, Redirect, ServedManifest
from chalicelib.playback.play_info import PlayWishes
from chalicelib.playback.urls import is_authorised, plain_url, signed_url
from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID
from chalicelib.store import database, media
from chalicelib.store.media import MediaStatus
from chalicelib.store.objects import ObjectMissing
from tests import clips
from tests.pipeline.library import new_upload, put, rows, work_off


@pytest.fixture(autouse=True)
def _own_master_key(deployment: dict[str, str]) -> None:
    """Other tests' deployments wrap their master keys with keys of their own."""
    database.run(lambda tx: database.change(tx, "DELETE FROM master_key"))
    master_keys.forget()


def _opened(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.path, parts.query.removeprefix("auth_key=")


def test_a_signed_url_opens_its_own_path_until_it_expires() -> None:
    path, key = _opened(signed_url("a/b c.mp4", 100))
    assert path == "/play/a/b%20c.mp4"
    now = datetime.now(UTC).timestamp()
    assert is_authorised(path, key, now + 98)
    assert not is_authorised(path, key, now + 102)
    assert not is_authorised(path.replace("b", "c"), key, now)


@pytest.mark.parametrize("damage", ["", "1-2-3", "x-y-z-w", "9999999999-0-0-" + "0" * 32])
def test_anything_but_a_signature_opens_nothing(damage: str) -> None:
    path, _ = _opened(signed_url("a/b.mp4"))
    assert not is_authorised(path, damage)


def test_a_later_timestamp_needs_another_signature() -> None:
    path, key = _opened(signed_url("a/b.mp4", 10))
    timestamp, rest = key.split("-", 1)
    assert not is_authorised(path, f"{int(timestamp) + 1000}-{rest}")


def test_urls_signed_before_a_rotation_stay_good() -> None:
    path, key = _opened(signed_url("a/b.mp4"))
    master_keys.add_master_key()
    assert is_authorised(path, key)


def test_names_in_events_are_unsigned_and_keep_their_placeholder() -> None:
    assert plain_url("m/covers/x-{SnapshotCount}.jpg").endswith(
        "/play/m/covers/x-{SnapshotCount}.jpg"
    )
    with pytest.raises(Forbidden):
        playback.serve("/play/m/x.mp4", "")


def _video(account_id: str, group: str = "no-transcode") -> str:
    grant = new_upload(account_id, group)
    complete_upload(put(grant, clips.make("silent_video").read_bytes()))
    work_off()
    return grant.media_id


def test_a_file_is_redirected_to_its_bytes(account_id: str) -> None:
    media_id = _video(account_id)
    served = playback.serve(*_opened(signed_url(f"upload/{media_id}/original.mp4")))
    assert isinstance(served, Redirect)
    body = requests.get(served.url, headers={"Range": "bytes=4-7"}, timeout=10)
    assert (body.status_code, body.content) == (206, b"ftyp")


def test_a_manifest_comes_with_segments_that_open(account_id: str) -> None:
    media_id = _video(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    key = next(row["object_key"] for row in rows("stream", media_id) if row["format"] == "m3u8")
    served = playback.serve(*_opened(signed_url(key)))
    assert isinstance(served, ServedManifest)
    segments = re.findall(r"^http.*", served.text, re.MULTILINE)
    assert segments
    for segment in segments:
        assert requests.get(segment, timeout=10).content[:1] == b"\x47"


@pytest.mark.parametrize(
    "line", ["file:///etc/passwd", "http://169.254.169.254/x.ts", "../../upload/other/original.mp4"]
)
def test_a_manifest_leads_nowhere_but_into_its_own_folder(account_id: str, line: str) -> None:
    grant = new_upload(account_id, file_name="x.m3u8")
    put(grant, f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{line}\n#EXT-X-ENDLIST\n".encode())
    with pytest.raises(PlaylistInvalid):
        playback.serve(*_opened(signed_url(grant.key)))


def test_a_manifest_that_is_gone_is_missing() -> None:
    with pytest.raises(ObjectMissing):
        playback.serve(*_opened(signed_url("0/gone.m3u8")))


def test_the_newest_stream_of_a_kind_is_offered_unless_all_are_asked_for(account_id: str) -> None:
    media_id = _video(account_id)
    complete_again = rows("stream", media_id)[0]
    copy = complete_again | {
        "job_id": "0" * 31 + "1",
        "created_at": complete_again["created_at"] + timedelta(seconds=1),
    }
    names = ", ".join(copy)
    values = ", ".join(f"%({name})s" for name in copy)
    database.run(
        lambda tx: database.change(tx, f"INSERT INTO stream ({names}) VALUES ({values})", **copy)
    )
    newest = playback.play_info(account_id, media_id, PlayWishes()).streams
    assert [item.stream.job_id for item in newest] == [copy["job_id"]]
    assert len(playback.play_info(account_id, media_id, PlayWishes(every=True)).streams) == 2
    with pytest.raises(NoMatchingStream):
        playback.play_info(account_id, media_id, PlayWishes(formats=frozenset({"mp3"})))
    database.run(
        lambda tx: database.change(
            tx, "DELETE FROM stream WHERE job_id = %(job_id)s", job_id=copy["job_id"]
        )
    )


@pytest.mark.parametrize(
    "status", [MediaStatus.UPLOADED, MediaStatus.BLOCKED, MediaStatus.CHECKING]
)
def test_only_what_is_normal_plays(account_id: str, status: MediaStatus) -> None:
    media_id = _video(account_id)
    database.run(lambda tx: media.set_status(tx, media_id, status, datetime.now(UTC)))
    with pytest.raises(IllegalStatus):
        playback.play_info(account_id, media_id, PlayWishes())
    with pytest.raises(IllegalStatus):
        playback.issue_play_credential(account_id, media_id, 100, "vod:GetPlayInfo", "*")
