"""Pulls from URLs: what comes, and how they go on."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib import ingest
from chalicelib.ingest import NewUpload, WantedPull, pull_transfer
from chalicelib.ingest.completion import ArrivedObject, complete_upload
from chalicelib.settings import settings
from chalicelib.store import database, pulls
from chalicelib.store.pulls import Pull, PullState
from tests import clips, sources
from tests.pipeline.library import APP, event_types, media_row, rows, work_off
from tests.pipeline.pulling import due_now, failing, noise, payloads, pulled, state, stored, submit
from tests.sources import SourceServer

_MIB = 1024 * 1024


def test_a_pull_becomes_an_upload_like_any_other(account_id: str, server: SourceServer) -> None:
    clip = clips.make("silent_video").read_bytes()
    server.answers["/a/clip.MP4"] = sources.file(clip)
    url = server.url("/a/clip.MP4?token=secret")
    (pull,) = submit(account_id, url, user_data='{"Extend":"x"}')
    assert (pull.state, rows("media", pull.media_id)) == (PullState.PENDING, [])
    ingest.run_pull(pull.job_id)
    ended = state(pull)
    assert (ended.state, ended.total_size, ended.pulled_size) == (
        PullState.SUCCEEDED,
        len(clip),
        len(clip),
    )
    assert stored(pull) == clip
    work_off()
    record = media_row(pull.media_id)
    assert (record["status"], record["title"], record["file_name"], record["upload_source"]) == (
        "normal",
        "pulled",
        "clip.MP4",
        "url",
    )
    assert sorted(event_types(pull.media_id)) == [
        "file_upload_complete",
        "snapshot_complete",
        "url_upload_complete",
        "video_analysis_complete",
    ]
    assert payloads(account_id) == [
        {
            "status": "success",
            "error_code": None,
            "error_message": None,
            "job_id": pull.job_id,
            "source_url": url,
            "size": len(clip),
            "media_id": pull.media_id,
        }
    ]


def test_everything_that_comes_twice_changes_nothing(account_id: str, server: SourceServer) -> None:
    server.answers["/twice.mp4"] = sources.file(b"x" * 1000)
    pull = pulled(account_id, server.url("/twice.mp4"))
    assert ingest.run_pull(pull.job_id) is False
    record = media_row(pull.media_id)
    late = ArrivedObject(record["source_key"], 1000, record["source_etag"], "0055AED6DCD90281E5")
    assert complete_upload(late) is False
    assert len(payloads(account_id)) == 1
    assert [row["generation"] for row in rows("media", pull.media_id)] == [1]


def test_the_event_of_the_bucket_may_be_faster_than_the_record(account_id: str) -> None:
    (pull,) = submit(account_id, "http://127.0.0.1:1/x.mp4")
    key = f"upload/{pull.media_id}/original.mp4"
    assert complete_upload(ArrivedObject(key, 5, "e", "01")) is False


def test_a_connection_that_breaks_off_is_gone_on_with_where_it_was(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_transfer, "PART_BYTES", 5 * _MIB)
    body = noise(11 * _MIB)
    server.answers["/breaks.mp4"] = sources.file(body, first=5 * _MIB + 1000)
    pull = pulled(account_id, server.url("/breaks.mp4"))
    assert (pull.state, stored(pull) == body) == (PullState.SUCCEEDED, True)
    assert server.ranges("/breaks.mp4") == ["", f"bytes={5 * _MIB}-", f"bytes={10 * _MIB}-"]


def test_another_run_goes_on_where_the_slice_of_the_last_one_ended(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch, setting: Any
) -> None:
    monkeypatch.setattr(pull_transfer, "PART_BYTES", 5 * _MIB)
    monkeypatch.setattr(pull_transfer, "_NOTE_SECONDS", 0.0)
    body = noise(6 * _MIB)
    server.answers["/slices.mp4"] = sources.file(body)
    (pull,) = submit(account_id, server.url("/slices.mp4"))
    beats = iter([False] * 90 + [True])
    held_beat = pull_transfer.Held.beat

    def beat(self: pull_transfer.Held, size: int) -> None:
        held_beat(self, size)
        if next(beats, False):
            raise pull_transfer.HandOver

    monkeypatch.setattr(pull_transfer.Held, "beat", beat)
    ingest.run_pull(pull.job_id)
    between = state(pull)
    assert (between.state, between.lease_owner, between.attempts) == (PullState.DOWNLOADING, "", 0)
    ingest.run_pull(pull.job_id)
    assert state(pull).state is PullState.SUCCEEDED
    assert stored(pull) == body
    assert server.ranges("/slices.mp4") == ["", f"bytes={5 * _MIB}-"]


def test_a_source_that_changed_is_read_from_its_beginning(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_transfer, "PART_BYTES", 5 * _MIB)
    old, new = noise(7 * _MIB), noise(6 * _MIB)[::-1]

    def changing(handler: Any) -> None:
        sources.file(old, first=6 * _MIB)(handler)
        server.answers["/changes.mp4"] = sources.file(new, etag='"v2"')

    server.answers["/changes.mp4"] = changing
    pull = pulled(account_id, server.url("/changes.mp4"))
    assert (pull.state, pull.total_size) == (PullState.SUCCEEDED, len(new))
    assert stored(pull) == new


@pytest.mark.parametrize("kind", [sources.chunked, sources.gzipped])
def test_bodies_without_a_length_of_their_own(
    account_id: str, server: SourceServer, kind: Any
) -> None:
    body = noise(200_000)
    server.answers["/odd.mp4"] = kind(body)
    pull = pulled(account_id, server.url("/odd.mp4"))
    assert (pull.state, pull.total_size, stored(pull) == body) == (
        PullState.SUCCEEDED,
        len(body),
        True,
    )


def test_a_body_that_is_shorter_than_its_length_is_never_taken_for_whole(
    account_id: str, server: SourceServer, setting: Any
) -> None:
    setting(pull_max_attempts=2)
    server.answers["/short.mp4"] = sources.file(b"x" * 1000, etag="", first=900)
    (pull,) = submit(account_id, server.url("/short.mp4"))
    ended = failing(pull)
    assert (ended.state, ended.error_code) == (PullState.DOWNLOAD_FAILED, "UrlInvalid")
    assert ended.error_message == "the answer ended before its length"
    assert len(server.ranges("/short.mp4")) == 2
    assert rows("media", pull.media_id) == []
    (told,) = payloads(account_id)
    assert (told["status"], told["error_code"], told["media_id"]) == ("fail", "UrlInvalid", "")
    listed = boto3.client("s3").list_multipart_uploads(
        Bucket=settings().media_bucket, Prefix=f"upload/{pull.media_id}/"
    )
    assert listed.get("Uploads", []) == []


def test_an_empty_source_is_refused(account_id: str, server: SourceServer) -> None:
    server.answers["/empty.mp4"] = sources.status(200)
    assert pulled(account_id, server.url("/empty.mp4")).error_message == "the source is empty"


def test_a_pull_has_a_time_limit_over_all_its_runs(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_transfer, "_NOTE_SECONDS", 0.0)
    server.answers["/late.mp4"] = sources.file(b"x" * 1000)
    (pull,) = submit(account_id, server.url("/late.mp4"))
    long_ago = datetime.now(UTC) - timedelta(days=2)
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE url_pull SET started_at = %(then)s WHERE job_id = %(job_id)s",
            then=long_ago,
            job_id=pull.job_id,
        )
    )
    ingest.run_pull(pull.job_id)
    assert state(pull).error_code == "TimeLimitExceeded"


def test_a_server_in_trouble_is_asked_again(account_id: str, server: SourceServer) -> None:
    server.answers["/busy.mp4"] = sources.status(503)
    (pull,) = submit(account_id, server.url("/busy.mp4"))
    ingest.run_pull(pull.job_id)
    waiting = state(pull)
    assert (waiting.finished_at, waiting.attempts) == (None, 1)
    assert waiting.not_before > datetime.now(UTC)
    assert ingest.run_pull(pull.job_id) is False
    server.answers["/busy.mp4"] = sources.file(b"x" * 100)
    due_now(pull)
    ingest.run_pull(pull.job_id)
    assert state(pull).state is PullState.SUCCEEDED


def test_the_timer_frees_what_a_lost_puller_held(account_id: str, server: SourceServer) -> None:
    server.answers["/lost.mp4"] = sources.file(b"x" * 100)
    (pull,) = submit(account_id, server.url("/lost.mp4"))
    now = datetime.now(UTC)
    ended = now - timedelta(seconds=1)
    assert database.run(lambda tx: pulls.take(tx, pull.job_id, "dead", now, ended))
    assert ingest.run_pull(pull.job_id) is False
    assert ingest.revive_pulls() >= 1
    assert ingest.run_pull(pull.job_id) is True
    assert (state(pull).state, state(pull).attempts) == (PullState.SUCCEEDED, 2)


def test_the_timer_forgets_pulls_that_ended_long_ago(
    account_id: str, server: SourceServer, setting: Any
) -> None:
    server.answers["/kept.mp4"] = sources.file(b"x" * 100)
    ended = [pulled(account_id, server.url(path)) for path in ("/kept.mp4", "/none.mp4")]
    assert all(one.finished_at for one in ended)
    (waiting,) = submit(account_id, server.url("/kept.mp4"))
    setting(pull_retention_days=2)
    assert ingest.forget_pulls(datetime.now(UTC) + timedelta(days=1)) == 0
    assert ingest.forget_pulls(datetime.now(UTC) + timedelta(days=3)) >= 2
    asked = [one.job_id for one in (*ended, waiting)]
    found, missing = ingest.find_pulls(account_id, job_ids=asked)
    assert [one.job_id for one in found] == [waiting.job_id]
    assert missing == [one.job_id for one in ended]
    assert media_row(ended[0].media_id)["status"] == "uploaded"


def _hls(server: SourceServer, path: str) -> dict[str, bytes]:
    """A master playlist with one media playlist, which names its segments by full addresses."""
    playlist = clips.make("hls_source")
    segments = {one.name: one.read_bytes() for one in sorted(playlist.parent.glob("*.ts"))}
    text = playlist.read_text()
    for name, body in segments.items():
        server.answers[f"{path}/parts/{name}"] = sources.file(body)
        text = text.replace(name, server.url(f"{path}/parts/{name}?token=t"))
    server.answers[f"{path}/list/media.m3u8"] = sources.file(text.encode())
    master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\nlist/media.m3u8\n"
    server.answers[f"{path}/index.m3u8"] = sources.file(master.encode())
    return segments


def test_a_playlist_is_pulled_with_all_that_it_names(account_id: str, server: SourceServer) -> None:
    segments = _hls(server, "/hls")
    server.answers["/vod"] = sources.redirect("/hls/index.m3u8")
    upload = NewUpload(title="t", file_name="", template_group_id="")
    (pull,) = ingest.submit_pulls(
        account_id, APP, [WantedPull(server.url("/vod"), upload, extension="m3u8")]
    )
    missing = server.answers.pop(f"/hls/parts/{max(segments)}")
    ingest.run_pull(pull.job_id)
    assert state(pull).error_message.endswith("404")
    (again,) = ingest.submit_pulls(
        account_id, APP, [WantedPull(server.url("/vod"), upload, extension="m3u8")]
    )
    server.answers[f"/hls/parts/{max(segments)}"] = sources.status(503)
    ingest.run_pull(again.job_id)
    assert state(again).finished_at is None
    server.answers[f"/hls/parts/{max(segments)}"] = missing
    due_now(again)
    ingest.run_pull(again.job_id)
    assert state(again).state is PullState.SUCCEEDED
    first = f"/hls/parts/{min(segments)}?token=t"
    asked = [one.path for one in server.asked].count(first)
    assert asked == 2  # once for each of the two pulls
    work_off()
    record = media_row(again.media_id)
    assert (record["status"], record["extension"]) == ("normal", "m3u8")
    assert json.loads(record["facts"])["duration"] > 1


def test_fifty_pulls_at_once(account_id: str, server: SourceServer) -> None:
    """By four pullers, as on one machine; every one ends once."""
    urls = [server.url(f"/many/{number}.mp4") for number in range(50)]
    for number in range(50):
        server.answers[f"/many/{number}.mp4"] = sources.file(bytes([number]) * 1000)
    wanted = [
        pull for start in (0, 20, 40) for pull in submit(account_id, *urls[start : start + 20])
    ]

    def work(pull: Pull) -> None:
        ingest.run_pull(pull.job_id)

    with ThreadPoolExecutor(4, initializer=database.close) as pool:
        list(pool.map(work, [*wanted, *wanted]))
    assert {state(pull).state for pull in wanted} == {PullState.SUCCEEDED}
    assert sorted(told["job_id"] for told in payloads(account_id)) == sorted(
        pull.job_id for pull in wanted
    )
