"""Jobs run to one end, whatever happens to their workers and messages."""

import json
import threading
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chalicelib import processing
from chalicelib.ingest.completion import ArrivedObject, complete_upload
from chalicelib.library import IllegalStatus
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID, TemplateGroupNotFound, announcements
from chalicelib.processing.runner import follow_hint, run_next
from chalicelib.processing.submission import Wishes
from chalicelib.processing.timers import revive_jobs
from chalicelib.settings import settings
from chalicelib.store import database, jobs
from tests import clips
from tests.pipeline.library import (
    event_types,
    media_row,
    new_upload,
    object_keys,
    put,
    rows,
    work_off,
)


def _uploaded(account_id: str, group: str, clip: str = "silent_video") -> str:
    grant = new_upload(account_id, group)
    complete_upload(put(grant, clips.make(clip).read_bytes()))
    return grant.media_id


def test_a_video_goes_through_the_whole_pipeline(account_id: str) -> None:
    media_id = _uploaded(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    work_off()
    assert media_row(media_id)["status"] == "normal"
    streams = rows("stream", media_id, "format")
    made = [(row["format"], row["definition"]) for row in streams]
    assert made == [("m3u8", "LD"), ("mp4", "LD")]
    kept = object_keys(f"{media_id}/")
    assert all(row["object_key"] in kept for row in streams)
    covers = rows("snapshot_set", media_id)[0]
    assert media_row(media_id)["cover_key"] in kept
    assert len([key for key in kept if "/covers/" in key]) == covers["snapshot_count"]
    told = event_types(media_id)
    assert sorted(told) == [
        "file_upload_complete",
        "media_changed",
        "snapshot_complete",
        "stream_transcode_complete",
        "stream_transcode_complete",
        "transcode_complete",
        "video_analysis_complete",
    ]
    assert told.index("transcode_complete") > told.index("stream_transcode_complete")


def test_the_end_of_a_task_is_never_told_before_its_last_stream(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are recorded in one transaction: it breaks off between them, and neither is there."""
    media_id = _uploaded(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    while run_next("quick"):
        pass

    def breaks(*_: object) -> str:
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(announcements, "transcode_complete", breaks)
        run_next("heavy")
    told = event_types(media_id)
    assert told.count("stream_transcode_complete") == 1
    assert "transcode_complete" not in told
    # The pause before the second attempt is over.
    database.run(lambda tx: database.change(tx, "UPDATE job SET not_before = created_at"))
    work_off()
    told = event_types(media_id)
    assert told.count("stream_transcode_complete") == 2
    assert told.count("transcode_complete") == 1
    last = rows("event", media_id, "occurred_at, event_id")[-1]
    assert last["event_type"] == "transcode_complete"


def test_a_playable_upload_is_announced_when_it_plays(account_id: str) -> None:
    grant = new_upload(account_id)
    complete_upload(put(grant, clips.make("silent_video").read_bytes()))
    assert event_types(grant.media_id) == ["media_changed"]
    run_next("quick")
    assert media_row(grant.media_id)["status"] == "normal"
    assert "file_upload_complete" in event_types(grant.media_id)
    stream = rows("stream", grant.media_id)[0]
    assert (stream["definition"], stream["object_key"]) == ("OD", grant.key)


@pytest.mark.parametrize("group", ["no-transcode", DEFAULT_TRANSCODE_GROUP_ID])
def test_a_bad_source_fails_with_a_reason_and_stays(account_id: str, group: str) -> None:
    grant = new_upload(account_id, group)
    body = clips.make("text_named_mp4").read_bytes()
    complete_upload(put(grant, body))
    work_off()
    record = media_row(grant.media_id)
    assert (record["status"], record["error_code"]) == ("transcode_failed", "SourceBad")
    assert record["error_message"]
    assert object_keys(f"upload/{grant.media_id}/") == [grant.key]
    expected = {"media_changed", "file_upload_complete", "video_analysis_complete"}
    if group == DEFAULT_TRANSCODE_GROUP_ID:
        expected.add("transcode_complete")
        assert rows("task", grant.media_id)[0]["completed_at"] is not None
    assert set(event_types(grant.media_id)) == expected


def _probe_job(account_id: str) -> jobs.Job:
    grant = new_upload(account_id)
    complete_upload(put(grant, clips.make("silent_video").read_bytes()))
    return jobs.Job.model_validate(rows("job", grant.media_id)[0])


def _start(job: jobs.Job, owner: str, seconds: int) -> int:
    now = datetime.now(UTC)
    until = now + timedelta(seconds=seconds)
    return database.run(lambda tx: jobs.start(tx, job.job_id, owner, now, until))


def test_the_job_of_a_lost_worker_runs_again_and_ends_once(account_id: str) -> None:
    job = _probe_job(account_id)
    assert _start(job, "dead worker", seconds=-1) == 1
    assert run_next("quick") is False
    assert revive_jobs() >= 1
    assert work_off() >= 1
    told = event_types(job.media_id)
    # The dead worker comes back to life and reports: too late.
    late = database.run(
        lambda tx: jobs.succeed(tx, job.job_id, "dead worker", "{}", datetime.now(UTC))
    )
    assert late == 0
    assert event_types(job.media_id) == told
    assert told.count("video_analysis_complete") == 1


def test_two_workers_never_take_the_same_job(account_id: str) -> None:
    for _ in range(4):
        _probe_job(account_id)
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.append(run_next("quick"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    attempts = database.run(
        lambda tx: database.many(
            tx,
            "SELECT attempts FROM job WHERE account_id = %(account_id)s AND kind = 'probe'",
            account_id=account_id,
        )
    )
    assert sorted(row["attempts"] for row in attempts) == [1, 1, 1, 1]


def test_the_last_of_two_jobs_that_end_at_once_ends_the_task(account_id: str) -> None:
    media_id = _uploaded(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    run_next("quick")
    threads = [threading.Thread(target=run_next, args=("heavy",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    task = rows("task", media_id)[0]
    assert (task["finished"], task["succeeded"]) == (2, 2)
    assert task["completed_at"] is not None
    assert event_types(media_id).count("transcode_complete") == 1
    assert media_row(media_id)["status"] == "normal"


def test_higher_priority_runs_first(account_id: str) -> None:
    media_id = _uploaded(account_id, "no-transcode")
    work_off()
    for priority in (1, 10, 5):
        processing.submit_transcode(
            account_id, media_id, DEFAULT_TRANSCODE_GROUP_ID, Wishes(priority=priority)
        )
    first = database.run(lambda tx: jobs.next_submitted(tx, "heavy", datetime.now(UTC)))
    assert first is not None
    assert first.priority == 10


def test_a_job_that_kills_its_workers_is_given_up(account_id: str) -> None:
    job = _probe_job(account_id)
    for _ in range(settings().job_max_attempts):
        assert _start(job, "dies", seconds=-2) == 1
        revive_jobs(datetime.now(UTC) - timedelta(seconds=1))
    run_next("quick")
    record = rows("job", job.media_id)[0]
    assert (record["state"], record["error_code"]) == ("failed", "Internal")
    assert media_row(job.media_id)["status"] == "transcode_failed"


def test_a_source_that_vanished_is_tried_again_before_it_fails(account_id: str) -> None:
    grant = new_upload(account_id)
    complete_upload(ArrivedObject(grant.key, 10, "a" * 32, "01"))
    assert run_next("quick") is True
    record = rows("job", grant.media_id)[0]
    assert (record["state"], record["attempts"]) == ("submitted", 1)


def test_requests_for_work_are_checked(account_id: str) -> None:
    grant = new_upload(account_id)
    with pytest.raises(IllegalStatus):
        processing.submit_transcode(
            account_id, grant.media_id, DEFAULT_TRANSCODE_GROUP_ID, Wishes()
        )
    with pytest.raises(IllegalStatus):
        processing.submit_snapshots(account_id, grant.media_id, SnapshotSpec(), Wishes())
    with pytest.raises(TemplateGroupNotFound):
        processing.submit_transcode(account_id, grant.media_id, "f" * 32, Wishes())


def test_submitted_snapshots_are_taken(account_id: str) -> None:
    media_id = _uploaded(account_id, "no-transcode")
    work_off()
    spec = SnapshotSpec(frame="exact", count=3, interval_seconds=0, width=320)
    job = processing.submit_snapshots(account_id, media_id, spec, Wishes(extend='{"a":1}'))
    work_off()
    taken = next(row for row in rows("snapshot_set", media_id) if row["job_id"] == job.job_id)
    assert (taken["kind"], taken["snapshot_count"]) == ("normal", 3)
    events = rows("event", media_id, "occurred_at, event_id")
    assert events[-1]["extend"] == '{"a":1}'


def test_a_transcode_asked_for_too_early_waits_for_the_analysis(account_id: str) -> None:
    media_id = _uploaded(account_id, "no-transcode")
    processing.submit_transcode(account_id, media_id, DEFAULT_TRANSCODE_GROUP_ID, Wishes())
    assert run_next("heavy") is True
    waiting = [row for row in rows("job", media_id) if row["kind"] == "transcode"]
    assert {row["state"] for row in waiting} == {"submitted"}
    held_back = next(row for row in waiting if row["attempts"] == 1)
    assert held_back["not_before"] > datetime.now(UTC)
    database.run(lambda tx: database.change(tx, "UPDATE job SET not_before = created_at"))
    work_off()
    assert rows("task", media_id)[0]["succeeded"] == 2
    assert media_row(media_id)["status"] == "normal"


def test_the_source_can_be_made_a_stream_by_request(account_id: str) -> None:
    media_id = _uploaded(account_id, DEFAULT_TRANSCODE_GROUP_ID)
    work_off()
    task, work = processing.submit_transcode(account_id, media_id, "no-transcode", Wishes())
    work_off()
    streams = {row["job_id"]: row for row in rows("stream", media_id)}
    assert streams[work[0].job_id]["definition"] == "OD"
    ended = next(row for row in rows("task", media_id) if row["task_id"] == task.task_id)
    assert (ended["succeeded"], ended["completed_at"] is not None) == (1, True)


def test_a_job_whose_hint_went_to_another_gets_a_new_one(
    account_id: str, deployment: dict[str, str]
) -> None:
    queue = deployment["QuickJobsQueueUrl"]
    older, newer = _probe_job(account_id), _probe_job(account_id)
    boto3.client("sqs").purge_queue(QueueUrl=queue)
    follow_hint("quick", newer.job_id)
    states = [rows("job", job.media_id)[0]["state"] for job in (older, newer)]
    assert states == ["succeeded", "submitted"]
    hints = []
    while len(hints) < 3:  # the new hint, and that at the cover snapshots of the older media
        answer = boto3.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2)
        if not answer.get("Messages"):
            break
        hints += [json.loads(message["Body"])["job_id"] for message in answer["Messages"]]
    assert newer.job_id in hints
