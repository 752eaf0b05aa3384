"""Processes die at any moment, events get lost: nothing is lost and nothing happens twice.

On a stack of its own with short leases, so that what is lost is found within seconds.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError

from tests import clips
from tests.e2e.callbacks import TRANSCODED, Callbacks, receiving, settle
from tests.e2e.footprint import footprint, stray_objects
from tests.e2e.storage_events import held_back
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer
from tests.sdk.driver import ApiFailure, NoAnswer, Sdk
from tests.sdk.player import play
from tests.stack_fixture import Stack, stack_of_its_own

SECONDS = 20.0


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory, sdk: Sdk) -> Iterator[Customer]:
    settings = {
        "OPENVOD_JOB_LEASE_SECONDS": "3",
        "OPENVOD_LOST_UPLOAD_SECONDS": "2",
        "OPENVOD_LOCAL_TIMER_SECONDS": "0.5",
        "OPENVOD_LOCAL_HEAVY_WORKERS": "1",
    }
    with stack_of_its_own(tmp_path_factory.mktemp("fragile"), **settings) as stack:
        yield Customer(stack, sdk)


@pytest.fixture(scope="module")
def callbacks(customer: Customer) -> Iterator[Callbacks]:
    with receiving() as callbacks:
        callbacks.subscribe(customer)
        yield callbacks


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of video that take some seconds to transcode."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    clips.ffmpeg("-stream_loop", "3", "-i", clips.make("normal_720p"), "-c", "copy", path)
    return path


def transcodes(stack: Stack, video_id: str) -> list[dict[str, Any]]:
    query = "SELECT * FROM job WHERE media_id = %s AND kind = 'transcode' ORDER BY created_at"
    return stack.rows(query, video_id)


def is_under_way(stack: Stack, video_id: str, attempt: int = 1) -> bool:
    """Whether a transcode of this video runs, for this many times, and has got somewhere."""
    return any(
        job["state"] == "running" and job["progress"] > 0 and job["attempts"] == attempt
        for job in transcodes(stack, video_id)
    )


def check_one_result(customer: Customer, video_id: str, seconds: float) -> None:
    """One stream for each template, nothing beside them, and they play to the end."""
    stack = customer.stack
    assert [job["state"] for job in transcodes(stack, video_id)] == ["succeeded"] * 2
    streams = customer.call("GetPlayInfo", VideoId=video_id, ResultType="Multiple")
    found = streams["PlayInfoList"]["PlayInfo"]
    assert sorted(stream["Format"] for stream in found) == ["m3u8", "mp4"]
    assert stray_objects(stack, video_id) == set()
    for stream in found:
        assert abs(play(stream["PlayURL"]).seconds - seconds) < 0.5


def test_a_lost_storage_event(customer: Customer, callbacks: Callbacks) -> None:
    """The timer looks into the bucket; should the event come after all, it changes nothing."""
    with held_back(customer.stack) as events:
        video_id = customer.upload(clips.make("silent_video"), TRANSCODE)
        late = events.take()
        customer.wait(video_id)
        callbacks.expect(customer, video_id, TRANSCODED)
        before = footprint(customer.stack, video_id)
        events.deliver(late)
        settle(customer, video_id)
        assert footprint(customer.stack, video_id) == before
    assert stray_objects(customer.stack, video_id) == set()


def test_the_worker_is_killed_in_the_middle_of_a_transcode(
    customer: Customer, callbacks: Callbacks, long_clip: Path
) -> None:
    stack = customer.stack
    video_id = customer.upload(long_clip, TRANSCODE)
    stack.until("the transcode is under way", lambda: is_under_way(stack, video_id))
    kill_worker(stack)
    stack.until("it is under way again", lambda: is_under_way(stack, video_id, attempt=2))
    # At the worst moment: all is stored and nothing is recorded, because the record is locked.
    with psycopg.connect(stack.info["database_url"]) as lock:
        query = "SELECT job_id FROM job WHERE media_id = %s AND state = 'running' FOR UPDATE"
        assert lock.execute(query, [video_id]).fetchone()
        before = entries(stack, video_id)
        stack.until("all outputs are stored", lambda: entries(stack, video_id) - before)
        kill_worker(stack)
        lock.rollback()
    customer.wait(video_id)
    callbacks.expect(customer, video_id, TRANSCODED)
    assert max(job["attempts"] for job in transcodes(stack, video_id)) >= 3
    check_one_result(customer, video_id, SECONDS)


def entries(stack: Stack, video_id: str) -> set[str]:
    """The objects that players open; of each rendition it is stored last."""
    keys = stack.objects(f"{video_id}/")
    return {key for key in keys if key.endswith((".m3u8", ".mp4"))}


def kill_worker(stack: Stack) -> None:
    pid = stack.until("the worker runs", lambda: stack.pid("jobs-heavy-1"))
    os.kill(pid, signal.SIGKILL)
    stack.until("it is started again", lambda: stack.pid("jobs-heavy-1") not in (0, pid))


def test_every_process_is_killed_once(customer: Customer, callbacks: Callbacks) -> None:
    """Right after an upload each, when there is something to do for all of them."""
    stack = customer.stack
    names = [name for name in stack.process.present_info()["pids"] if name != "supervisor"]
    assert {"api", "storage-events", "deliveries", "timers", "postgres", "emulator"} <= set(names)
    uploads = []
    for name in names:
        pid = stack.pid(name)
        uploads.append(stack.until("an upload is taken", lambda: upload_if_possible(customer)))
        os.kill(pid, signal.SIGKILL)
        stack.until(f"{name} is started again", lambda n=name, p=pid: stack.pid(n) not in (0, p))
    stack.until("the API answers", lambda: upload_if_possible(customer))
    for video_id in uploads:
        customer.wait(video_id)
        callbacks.expect(customer, video_id, TRANSCODED)
        check_one_result(customer, video_id, 4.0)


def upload_if_possible(customer: Customer) -> str | None:
    """As customers do it: one that is refused for a moment is tried again from the beginning."""
    try:
        return customer.upload(clips.make("silent_video"), TRANSCODE)
    except (ApiFailure, NoAnswer, BotoCoreError, ClientError, S3UploadFailedError):
        return None


def test_everything_is_killed_at_once(
    customer: Customer, callbacks: Callbacks, long_clip: Path
) -> None:
    stack = customer.stack
    finished = customer.upload(clips.make("hevc_10bit"), TRANSCODE)
    customer.wait(finished)
    settle(customer, finished)
    before = footprint(stack, finished)
    under_way = customer.upload(long_clip, TRANSCODE)
    stack.until("a transcode is under way", lambda: is_under_way(stack, under_way))
    waiting = [customer.upload(clips.make("silent_video"), TRANSCODE) for _ in range(2)]
    # Nobody takes these uploads' events any more: the emulator's queues die with them inside.
    os.kill(stack.pid("storage-events"), signal.SIGSTOP)
    unheard = [customer.upload(clips.make("rotated_phone"), TRANSCODE) for _ in range(2)]
    half = customer.create("half.mp4", NO_TRANSCODE)
    place = {"Bucket": half.address["Bucket"], "Key": half.key}
    begun = half.s3().create_multipart_upload(**place)["UploadId"]
    half.s3().upload_part(**place, UploadId=begun, PartNumber=1, Body=b"x" * 5 * 2**20)
    key_before, port = stack.credentials, stack.port

    stack.kill_everything()
    stack.start(port)

    assert stack.credentials == key_before
    for video_id in (under_way, *waiting, *unheard):
        customer.wait(video_id, seconds=120)
        callbacks.expect(customer, video_id, TRANSCODED)
    for video_id in (under_way, *waiting, *unheard):
        seconds = {under_way: SECONDS, **dict.fromkeys(waiting, 4.0)}.get(video_id, 2.0)
        check_one_result(customer, video_id, seconds)
    assert without_times(footprint(stack, finished)) == without_times(before)
    check_one_result(customer, finished, 2.0)
    assert callbacks.counted(finished) == TRANSCODED
    again = customer.refresh(half.video_id)
    again.send(clips.make("silent_video"))
    customer.wait(half.video_id)
    expected = Counter(FileUploadComplete=1, VideoAnalysisComplete=1, SnapshotComplete=1)
    callbacks.expect(customer, half.video_id, expected)


def without_times(kept: dict[str, Any]) -> dict[str, Any]:
    """The emulator gives objects new times when it reads them back."""
    return kept | {"objects": {key: item[:2] for key, item in kept["objects"].items()}}
