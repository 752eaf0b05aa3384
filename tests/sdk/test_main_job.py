"""The whole of an app's main job: get a credential, upload, wait, play."""

from pathlib import Path

import requests

from tests import clips
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer
from tests.sdk.player import play


def test_an_upload_is_transcoded_and_plays(customer: Customer) -> None:
    clip = clips.make("normal_720p")
    upload = customer.create(clip.name, TRANSCODE, title=f"Main job with {customer.sdk.name}")
    assert customer.video(upload.video_id)["Status"] == "Uploading"
    upload.put(clip.read_bytes())
    video = customer.wait(upload.video_id)
    assert video["Size"] == clip.stat().st_size
    assert abs(video["Duration"] - 5) < 0.1
    streams = customer.streams(upload.video_id)
    assert set(streams) == {"m3u8", "mp4"}
    for stream in streams.values():
        played = play(stream["PlayURL"])
        assert abs(played.seconds - 5) < 0.15
        assert played.frames == 125
        assert played.has_sound
        assert (played.width, played.height) == (stream["Width"], stream["Height"])
        assert (stream["Width"], stream["Height"]) in ((720, 404), (720, 406))  # 16:9, even
        assert abs(float(stream["Duration"]) - played.seconds) < 0.15
        assert stream["Definition"] == "LD"
        assert stream["Status"] == "Normal"


def test_a_large_file_goes_up_in_parts_and_plays_as_it_is(customer: Customer) -> None:
    clip = clips.make("ten_minute_1080p")
    video_id = customer.upload(clip, NO_TRANSCODE, FileSize=clip.stat().st_size)
    video = customer.wait(video_id)
    stored = customer.stack.objects(f"upload/{video_id}/")
    ((key, (size, tag, _)),) = stored.items()
    assert size == clip.stat().st_size > 50 * 2**20
    parts = -(-size // (8 * 2**20))
    assert tag.strip('"').endswith(f"-{parts}"), "it was not uploaded in parts"
    assert abs(video["Duration"] - 600) < 1
    (stream,) = customer.streams(video_id).values()
    assert (stream["Format"], stream["Definition"]) == ("mp4", "OD")
    assert stream["Specification"] == "Original"
    assert stream["PlayURL"].split("?")[0].endswith(key)
    # The player seeks in place: the last bytes come without the first.
    tail = requests.get(stream["PlayURL"], headers={"Range": "bytes=-1000"}, timeout=10)
    assert tail.status_code == 206
    assert tail.content == clip.read_bytes()[-1000:]


def test_refreshing_an_upload_overwrites_the_source(customer: Customer) -> None:
    first = customer.create("clip.mp4", TRANSCODE)
    first.send(clips.make("silent_video"))
    assert abs(customer.wait(first.video_id)["Duration"] - 4) < 0.2
    second = customer.refresh(first.video_id)
    assert second.video_id == first.video_id
    assert second.address == first.address
    assert second.auth["AccessKeyId"] != first.auth["AccessKeyId"]
    assert second.auth["SecurityToken"] != first.auth["SecurityToken"]
    clip = clips.make("rotated_phone")
    second.send(clip)
    customer.stack.until(
        "the new source is taken", lambda: customer.video(first.video_id)["Size"] == _size(clip)
    )
    video = customer.wait(first.video_id)
    assert abs(video["Duration"] - 2) < 0.2
    for stream in customer.streams(first.video_id).values():
        assert abs(play(stream["PlayURL"]).seconds - 2) < 0.2


def _size(clip: Path) -> int:
    return clip.stat().st_size
