"""Uploaded playlists that name what is none of their business: refused, and nothing is fetched."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests import clips
from tests.e2e.callbacks import Callbacks
from tests.e2e.failures import expect_failure
from tests.events.receivers import Receiver, answers, receiver
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer

_HEAD = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:10\n"
_END = "#EXT-X-ENDLIST\n"


def media(uri: str, tag: str = "") -> str:
    """A media playlist of one segment, with a tag before it."""
    return f"{_HEAD}{tag}#EXTINF:10,\n{uri}\n{_END}"


def master(uri: str) -> str:
    return f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\n{uri}\n"


# {web} is a server of the test, {other} the id of another video.
HOSTILE = {
    "file_url": media("file:///etc/passwd"),
    "absolute_path": media("/etc/passwd"),
    "metadata_service": media("http://169.254.169.254/latest/meta-data/"),
    "own_network": media("{web}/segment.ts"),
    "network_path": media("//{host}/segment.ts"),
    "other_video": media("../{other}/original.mp4"),
    "other_video_escaped": media("%2e%2e/{other}/original.mp4"),
    "out_of_the_bucket": media("../../../../etc/passwd"),
    "concat": media("concat:{web}/a.ts|{web}/b.ts"),
    "data_url": media("data:text/plain,hello"),
    "key": media("segment.ts", '#EXT-X-KEY:METHOD=AES-128,URI="{web}/key"\n'),
    "key_in_a_file": media("segment.ts", '#EXT-X-KEY:METHOD=AES-128,URI="file:///etc/passwd"\n'),
    "init_segment": media("segment.ts", '#EXT-X-MAP:URI="{web}/init.mp4"\n'),
    "master_elsewhere": master("{web}/index.m3u8"),
    "itself": master("original.m3u8"),
    "segment_that_is_a_playlist": media("nested.m3u8"),
}
# Uploaded as an .mp4: what counts is the content, not the name.
DISGUISED = {
    "disguised": media("{web}/segment.ts"),
    "disguised_file": media("file:///etc/passwd"),
    "disguised_concat": "ffconcat version 1.0\nfile /etc/passwd\n",
}


@pytest.fixture(scope="module")
def web() -> Iterator[Receiver]:
    """A server that must not be asked for anything."""
    with receiver(answers(200, body=clips.TEXT)) as server:
        yield server


@pytest.fixture(scope="module")
def uploads(
    customer: Customer, callbacks: Callbacks, web: Receiver
) -> dict[str, tuple[str, bytes]]:
    """Id and content of every hostile upload; all at once."""
    other = customer.upload(clips.make("silent_video"), NO_TRANSCODE)

    def send(name: str) -> tuple[str, bytes]:
        host = f"127.0.0.1:{web.port}"
        text = {**HOSTILE, **DISGUISED}[name]
        for mark, value in {"web": f"http://{host}", "host": host, "other": other}.items():
            text = text.replace(f"{{{mark}}}", value)
        upload = customer.create("a.mp4" if name in DISGUISED else "a.m3u8", TRANSCODE)
        if name == "segment_that_is_a_playlist":
            nested = media(f"http://{host}/segment.ts").encode()
            upload.put(nested, f"{upload.address['ObjectPrefix']}/nested.m3u8")
        upload.put(text.encode())
        return upload.video_id, text.encode()

    names = [*HOSTILE, *DISGUISED]
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(names, pool.map(send, names), strict=True))


@pytest.mark.parametrize("name", [*HOSTILE, *DISGUISED])
def test_it_is_refused_and_kept(
    customer: Customer, callbacks: Callbacks, uploads: dict[str, tuple[str, bytes]], name: str
) -> None:
    video_id, content = uploads[name]
    if name == "segment_that_is_a_playlist":
        customer.wait(video_id, "TranscodeFail")
        return
    expect_failure(customer, callbacks, video_id, content)


def test_nothing_was_fetched(
    customer: Customer, uploads: dict[str, tuple[str, bytes]], web: Receiver
) -> None:
    for video_id, _ in uploads.values():
        customer.wait(video_id, "TranscodeFail")
    assert [request.path for request in web.requests] == []


def test_a_hostile_playlist_is_not_served_as_a_stream(customer: Customer, web: Receiver) -> None:
    """The group that transcodes nothing must not hand it on to players either."""
    upload = customer.create("a.m3u8", NO_TRANSCODE)
    upload.put(media(f"http://127.0.0.1:{web.port}/segment.ts").encode())
    customer.wait(upload.video_id, "TranscodeFail")
    assert web.requests == []


def test_an_upload_of_segments_cannot_leave_its_folder(customer: Customer) -> None:
    """The one credential for a playlist and its segments opens their folder alone."""
    upload = customer.create("a.m3u8", TRANSCODE)
    other = customer.create("b.m3u8", TRANSCODE)
    prefix = upload.address["ObjectPrefix"]
    assert prefix == f"upload/{upload.video_id}"
    upload.put(b"x", f"{prefix}/1.ts")
    for key in (f"{other.address['ObjectPrefix']}/1.ts", f"{upload.video_id}/1.ts", "1.ts"):
        with pytest.raises(ClientError) as refusal:
            upload.put(b"x", key)
        assert refusal.value.response["Error"]["Code"] == "AccessDenied"
