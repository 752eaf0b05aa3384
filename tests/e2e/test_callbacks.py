"""Events reach the customer: each once, signed, with the documented content."""

import json
from collections import Counter

import requests

from tests import clips
from tests.e2e.callbacks import TRANSCODED, Callbacks, receiving, settle
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer


def test_the_events_of_a_transcoded_upload(customer: Customer, callbacks: Callbacks) -> None:
    clip = clips.make("normal_720p")
    video_id = customer.upload(clip, TRANSCODE)
    callbacks.expect(customer, video_id, TRANSCODED)
    for event in callbacks.of(video_id):
        assert event.get("Status") == (
            None if event["EventType"] == "FileUploadComplete" else "success"
        )
        assert "Extend" not in event
    size = clip.stat().st_size
    assert callbacks.one(video_id, "FileUploadComplete")["Size"] == size
    analysis = callbacks.one(video_id, "VideoAnalysisComplete")
    assert (analysis["Width"], analysis["Height"], analysis["Fps"]) == (1280, 720, "25")
    assert analysis["Size"] == size
    assert abs(analysis["Duration"] - 5) < 0.1
    streams = customer.streams(video_id)
    told = callbacks.one(video_id, "TranscodeComplete")["StreamInfos"]
    assert sorted(stream["Format"] for stream in told) == ["m3u8", "mp4"]
    single = [e for e in callbacks.of(video_id) if e["EventType"] == "StreamTranscodeComplete"]
    for stream in [*told, *single]:
        playable = streams[stream["Format"]]
        assert stream["FileUrl"] == playable["PlayURL"].split("?")[0]
        for name in ("JobId", "Definition", "Width", "Height", "Size"):
            assert stream[name] == playable[name]
        assert stream["Encrypt"] is False
        assert requests.get(stream["FileUrl"], timeout=10).status_code == 403  # unsigned


def test_the_covers_are_told_of(customer: Customer, callbacks: Callbacks) -> None:
    video_id = customer.upload(clips.make("silent_video"), NO_TRANSCODE)
    callbacks.expect(
        customer,
        video_id,
        Counter(FileUploadComplete=1, VideoAnalysisComplete=1, SnapshotComplete=1),
    )
    event = callbacks.one(video_id, "SnapshotComplete")
    (group,) = event["SnapshotInfos"]
    listed = customer.call("ListSnapshots", VideoId=video_id)["MediaSnapshot"]
    assert (group["SnapshotType"], group["SnapshotCount"]) == ("CoverSnapshot", listed["Total"])
    assert (group["SnapshotRegular"], group["JobId"]) == (listed["Regular"], listed["JobId"])
    pattern = group["SnapshotFormat"]
    keys = {pattern.replace("{SnapshotCount}", f"{n:05d}") for n in range(1, listed["Total"] + 1)}
    assert set(customer.stack.objects(f"{video_id}/covers/")) == keys
    cover = customer.video(video_id)["CoverURL"].split("?")[0]
    assert event["CoverUrl"] == cover


def test_an_uploads_own_address_and_extend(customer: Customer, callbacks: Callbacks) -> None:
    extend = {"localId": "42", "note": "你好 \"&'"}
    with receiving() as own:
        settings = {
            "MessageCallback": {"CallbackType": "http", "CallbackURL": own.url},
            "Extend": extend,
        }
        video_id = customer.upload(
            clips.make("silent_video"), TRANSCODE, UserData=json.dumps(settings)
        )
        own.expect(customer, video_id, TRANSCODED)
        assert callbacks.of(video_id) == []
        for event in own.of(video_id):
            assert json.loads(event["Extend"]) == extend


def test_a_jobs_own_address(customer: Customer, callbacks: Callbacks) -> None:
    video_id = customer.upload(clips.make("silent_video"), NO_TRANSCODE)
    customer.wait(video_id)
    settle(customer, video_id)
    with receiving() as own:
        settings = json.dumps({"MessageCallback": {"CallbackURL": own.url}, "Extend": {"n": 1}})
        asked = {"VideoId": video_id, "UserData": settings}
        task = customer.call("SubmitTranscodeJobs", TemplateGroupId=TRANSCODE, **asked)
        customer.call("SubmitSnapshotJob", Count=2, **asked)
        own.expect(
            customer,
            video_id,
            Counter(StreamTranscodeComplete=2, TranscodeComplete=1, SnapshotComplete=1),
        )
        pictures = own.one(video_id, "SnapshotComplete")
        assert (pictures["SubType"], pictures["Extend"]) == ("SpecifiedTime", '{"n":1}')
        jobs = {job["JobId"] for job in task["TranscodeJobs"]["TranscodeJob"]}
        infos = own.one(video_id, "TranscodeComplete")["StreamInfos"]
        assert {stream["JobId"] for stream in infos} == jobs
    assert callbacks.counted(video_id) == Counter(
        FileUploadComplete=1, VideoAnalysisComplete=1, SnapshotComplete=1
    )


def test_an_upload_plays_when_it_is_told_of(customer: Customer) -> None:
    """With the group that transcodes nothing, receivers ask for the play URL at once."""
    with receiving() as own:
        settings = json.dumps({"MessageCallback": {"CallbackURL": own.url}})
        video_id = customer.upload(clips.make("normal_720p"), NO_TRANSCODE, UserData=settings)
        customer.stack.until(
            "the upload is told of", lambda: own.counted(video_id)["FileUploadComplete"]
        )
        assert set(customer.streams(video_id)) == {"mp4"}
        settle(customer, video_id)
