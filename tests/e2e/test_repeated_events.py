"""Storage events come twice, late and out of order: each upload still counts once."""

import pytest

from tests import clips
from tests.e2e.callbacks import TRANSCODED, Callbacks, settle
from tests.e2e.footprint import footprint, stray_objects
from tests.e2e.storage_events import held_back
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer


@pytest.mark.parametrize("group", [TRANSCODE, NO_TRANSCODE])
def test_an_event_that_comes_again_changes_nothing(
    customer: Customer, callbacks: Callbacks, group: str
) -> None:
    with held_back(customer.stack) as events:
        video_id = customer.upload(clips.make("silent_video"), group)
        told = events.take()
        assert customer.video(video_id)["Status"] == "Uploading"
        events.deliver(told, times=2)  # both before anything is done
        assert customer.video(video_id)["Status"] != "Uploading"
        customer.wait(video_id)
        customer.wait_for_covers(video_id)
        settle(customer, video_id)
        before = footprint(customer.stack, video_id)
        heard = callbacks.of(video_id)
        events.deliver(told, times=2)  # and again when everything is
        settle(customer, video_id)
        assert footprint(customer.stack, video_id) == before
        assert callbacks.of(video_id) == heard
    if group == TRANSCODE:
        assert callbacks.counted(video_id) == TRANSCODED
    # One more than those of the video: that the medium was created.
    assert len(before["event"]) == len(heard) + 1 == len(before["delivery"])
    assert stray_objects(customer.stack, video_id) == set()


def test_events_of_an_overwritten_source_come_in_the_wrong_order(
    customer: Customer, callbacks: Callbacks
) -> None:
    with held_back(customer.stack) as events:
        upload = customer.create("a.mp4", NO_TRANSCODE)
        upload.send(clips.make("silent_video"))
        first = events.take()
        upload.send(clips.make("hevc_10bit"))
        second = events.take()
        events.deliver(second)
        customer.wait(upload.video_id)
        settle(customer, upload.video_id)
        before = footprint(customer.stack, upload.video_id)
        events.deliver(first)
        settle(customer, upload.video_id)
        assert footprint(customer.stack, upload.video_id) == before
    assert abs(customer.video(upload.video_id)["Duration"] - 2) < 0.2


def test_events_about_nothing_of_ours_are_dropped(customer: Customer) -> None:
    """Objects that no upload was granted for, and messages that are no events."""
    stack = customer.stack
    s3 = stack.aws("s3")
    with held_back(stack) as events:
        s3.put_object(Bucket=stack.bucket, Key="upload/nobody/original.mp4", Body=b"x")
        stray = events.take()
        before = stack.rows("SELECT count(*) FROM media")
        for body in (stray, "{", "[]", '{"Records":[{}]}', '{"Event":"s3:TestEvent"}'):
            events.deliver(body)
        assert stack.rows("SELECT count(*) FROM media") == before
    s3.delete_object(Bucket=stack.bucket, Key="upload/nobody/original.mp4")
    dead = stack.info["queue_urls"]["StorageEventsQueueUrl"].replace("events", "events-dead")
    attributes = stack.aws("sqs").get_queue_attributes(
        QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0"
