"""Media as customers really have it, through the whole pipeline, all uploaded at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from tests import clips
from tests.e2e.callbacks import Callbacks
from tests.e2e.failures import expect_failure
from tests.e2e.playlists import segments_and_playlist, send_playlist
from tests.sdk.customer import NO_TRANSCODE, TRANSCODE, Customer, Upload
from tests.sdk.driver import ApiFailure
from tests.sdk.player import play


@dataclass(frozen=True)
class Odd:
    """A clip and what its renditions must be: (0, 0) stands for sound alone."""

    clip: str
    sizes: tuple[tuple[int, int], ...]
    seconds: float
    has_sound: bool = True
    shown: tuple[int, int] | None = None
    """The source as displayed, where that differs from how it is coded."""
    file_name: str = ""


TRANSCODED_CLIPS = {
    "name_with_emoji": Odd(
        "normal_720p", ((720, 404), (720, 406)), 5, file_name="我的 视频 😀.MP4"
    ),
    "silent": Odd("silent_video", ((640, 272),), 4, has_sound=False),
    "sound_alone": Odd("audio_only", ((0, 0),), 3),
    "sound_with_cover": Odd("mp3", ((0, 0),), 3),
    "phone_held_upright": Odd("rotated_phone", ((404, 720), (406, 720)), 2, shown=(720, 1280)),
    "interlaced_4_to_3": Odd("mpeg2_interlaced_43", ((720, 540),), 3),
    "ten_bits": Odd("hevc_10bit", ((640, 360),), 2),
    "variable_rate": Odd("variable_rate", ((640, 360),), 4),
    "odd_sides": Odd("odd_dimensions", ((640, 360), (642, 362), (640, 362)), 2, has_sound=False),
    "from_a_browser": Odd("webm_without_duration", ((320, 180),), 3),
    "high_dynamic_range": Odd("hdr10", ((320, 180),), 1, has_sound=False),
}

# Played as they are, by their extension; the last one is stored and nothing more.
AS_UPLOADED = {
    "webm": ("webm", "webm"),
    "flv": ("flv", "flv"),
    "mp3": ("mp3", "mp3"),
    "mpg": ("mpeg2_interlaced_43", None),
}

PLAYLIST = {"hls_transcoded": TRANSCODE, "hls_as_uploaded": NO_TRANSCODE}

BROKEN = {
    "text": "text_named_mp4",
    "nothing": "zero_byte",
    "cut_before_the_index": "truncated_moov_last",
}


def send_playlist_alone(customer: Customer) -> Upload:
    """A playlist without its segments; returns when it has been seen that they are not there."""
    upload = customer.create("index.m3u8", TRANSCODE)
    upload.send(segments_and_playlist(upload)[1])
    looked_for_again = (
        "SELECT 1 FROM media WHERE media_id = %s AND status = 'uploading'"
        " AND look_for_upload_at > created_at + interval '60 seconds'"
    )
    customer.stack.until(
        "the playlist waits for its segments",
        lambda: customer.stack.rows(looked_for_again, upload.video_id),
    )
    return upload


@pytest.fixture(scope="module")
def gallery(customer: Customer, callbacks: Callbacks) -> dict[str, str]:
    """The ids of all videos of this module by their names; uploaded, not awaited."""
    del callbacks  # subscribed before anything is uploaded
    early = send_playlist_alone(customer)
    sending = {name: (odd.clip, TRANSCODE, odd.file_name) for name, odd in TRANSCODED_CLIPS.items()}
    sending |= {name: (clip, NO_TRANSCODE, "") for name, (clip, _) in AS_UPLOADED.items()}
    sending |= {name: (clip, TRANSCODE, "") for name, clip in BROKEN.items()}
    sending |= {"cut_in_the_middle": ("truncated_moov_first", TRANSCODE, "")}

    def send(entry: tuple[str, str, str]) -> str:
        clip, group, file_name = entry
        path = clips.make(clip)
        return customer.upload(path, group, file_name=file_name or path.name)

    with ThreadPoolExecutor(8) as pool:
        files = pool.map(send, sending.values())
        lists = pool.map(lambda group: send_playlist(customer, group), PLAYLIST.values())
        ids = {
            **dict(zip(sending, files, strict=True)),
            **dict(zip(PLAYLIST, lists, strict=True)),
        }
    # Meanwhile the queue was busy with other work, which must not use up the attempts of this one.
    for segment, key in segments_and_playlist(early)[0]:
        early.send(segment, key)
    return ids | {"segments_after_playlist": early.video_id}


@pytest.mark.parametrize("name", TRANSCODED_CLIPS)
def test_it_is_transcoded_and_plays(customer: Customer, gallery: dict[str, str], name: str) -> None:
    odd, video_id = TRANSCODED_CLIPS[name], gallery[name]
    video = customer.wait(video_id)
    assert abs(video["Duration"] - odd.seconds) < 0.3
    sound_alone = odd.sizes == ((0, 0),)
    base = customer.call("GetPlayInfo", VideoId=video_id)["VideoBase"]
    assert base["MediaType"] == ("audio" if sound_alone else "video")
    streams = customer.streams(video_id)
    assert set(streams) == {"m3u8", "mp4"}
    for stream in streams.values():
        played = play(stream["PlayURL"])
        assert (played.width, played.height) in odd.sizes
        assert (stream.get("Width", 0), stream.get("Height", 0)) == (played.width, played.height)
        assert stream["StreamType"] == base["MediaType"]
        assert played.has_sound == odd.has_sound
        assert abs(played.seconds - odd.seconds) < 0.3
        if not sound_alone:
            assert (stream["BitDepth"], stream.get("HDRType")) == (8, None)
    if odd.shown:
        source = customer.call("GetMezzanineInfo", VideoId=video_id)["Mezzanine"]
        assert (source["Width"], source["Height"]) == odd.shown


@pytest.mark.parametrize("name", AS_UPLOADED)
def test_it_plays_as_it_was_uploaded(
    customer: Customer, gallery: dict[str, str], name: str
) -> None:
    clip, format_name = AS_UPLOADED[name]
    customer.wait(gallery[name])
    if format_name is None:
        with pytest.raises(ApiFailure) as refusal:
            customer.streams(gallery[name])
        assert refusal.value.code == "InvalidVideo.NoneStream"
        return
    (stream,) = customer.streams(gallery[name]).values()
    assert (stream["Format"], stream["Definition"]) == (format_name, "OD")
    assert abs(play(stream["PlayURL"]).seconds - 3) < 0.3
    assert requests.get(stream["PlayURL"], timeout=10).content == clips.make(clip).read_bytes()


@pytest.mark.parametrize("name", PLAYLIST)
def test_an_uploaded_playlist_plays(customer: Customer, gallery: dict[str, str], name: str) -> None:
    customer.wait(gallery[name])
    streams = customer.streams(gallery[name])
    assert set(streams) == ({"m3u8", "mp4"} if name == "hls_transcoded" else {"m3u8"})
    for stream in streams.values():
        played = play(stream["PlayURL"])
        assert abs(played.seconds - 6) < 0.2
        assert (played.width, played.height, played.has_sound) == (640, 360, True)
    # One upload of several objects is one video with one set of events.
    assert (
        len(
            customer.stack.rows(
                "SELECT 1 FROM job WHERE media_id = %s AND kind = 'probe'", gallery[name]
            )
        )
        == 1
    )


def test_a_playlist_that_arrives_before_its_segments(
    customer: Customer, gallery: dict[str, str]
) -> None:
    video_id = gallery["segments_after_playlist"]
    customer.wait(video_id)
    assert abs(play(customer.streams(video_id)["mp4"]["PlayURL"]).seconds - 6) < 0.2


def test_what_is_left_of_a_cut_file_plays(customer: Customer, gallery: dict[str, str]) -> None:
    video_id = gallery["cut_in_the_middle"]
    video = customer.wait(video_id)
    assert 1 < video["Duration"] < 4.5
    for stream in customer.streams(video_id).values():
        assert abs(play(stream["PlayURL"]).seconds - video["Duration"]) < 0.5


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_fails_and_stays(
    customer: Customer, callbacks: Callbacks, gallery: dict[str, str], name: str
) -> None:
    expect_failure(customer, callbacks, gallery[name], clips.make(BROKEN[name]).read_bytes())
