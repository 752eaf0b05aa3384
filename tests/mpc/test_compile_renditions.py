"""MPC's media parameters become renditions, or are refused with a reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.apis.huawei_mpc.compile_renditions import Treatment, compile_parameters
from chalicelib.apis.huawei_mpc.parameters import (
    AudioProcess,
    AudioTrack,
    AvParameters,
    TemplateParameters,
    VideoProcess,
)
from chalicelib.apis.protocol.huawei_rest.errors import RestError
from chalicelib.mediaspec.audio import AudioEncoding, Gain, Loudness
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding

_SOUND = {"channels": 2}


def read(**parts: Any) -> TemplateParameters:
    given: dict[str, Any] = {"common": {"pack_type": 4}, "video": {}, "audio": _SOUND} | parts
    return TemplateParameters.model_validate(
        {name: part for name, part in given.items() if part is not None}
    )


def specs(treatment: Treatment | None = None, **parts: Any) -> tuple[RenditionSpec, ...]:
    return compile_parameters(read(**parts), treatment)


def video(treatment: Treatment | None = None, pvc: bool = False, **members: Any) -> VideoEncoding:
    (spec,) = specs(treatment, video=members, common={"pack_type": 4, "PVC": pvc})
    assert spec.video is not None
    return spec.video


def audio(treatment: Treatment | None = None, **members: Any) -> AudioEncoding:
    (spec,) = specs(treatment, audio=_SOUND | members)
    assert spec.audio is not None
    return spec.audio


def test_the_manuals_defaults() -> None:
    (spec,) = specs()
    assert spec.container == "mp4"
    assert spec.video == VideoEncoding(
        codec="h264", profile="high", preset="veryfast", gop_seconds=5, b_frames=4
    )
    assert spec.audio == AudioEncoding(
        codec="aac", bitrate_kbps=None, sample_rate=None, channels=2, upmix=True
    )
    assert video(codec=2) == VideoEncoding(
        codec="h265", profile="main", preset="veryfast", gop_seconds=5, b_frames=7
    )


def test_the_encoders_settings() -> None:
    made = video(bitrate="700", level=15, preset=3, max_iframes_interval=2, bframes_count=0)
    assert (made.bitrate_kbps, made.level, made.preset) == (700, "5.1", "slow")
    assert (made.gop_seconds, made.b_frames) == (2, 0)
    assert [video(preset=number).preset for number in (1, 2, 3)] == ["veryfast", "medium", "slow"]
    profiles = [video(profile=number).profile for number in (1, 2, 3)]
    assert profiles == ["baseline", "main", "high"]


@pytest.mark.parametrize(
    ("codec", "level", "meant"),
    [
        *((1, 0, None), (1, 1, "1"), (1, 4, "1.3"), (1, 10, "3.2")),
        *((2, 4, "2"), (2, 11, "4"), (2, 10, "4"), (2, 13, "5"), (2, 15, "5.1")),
    ],
)
def test_levels_of_each_codec(codec: int, level: int, meant: str | None) -> None:
    assert video(codec=codec, level=level).level == meant


@pytest.mark.parametrize(
    ("given", "used"),
    [(0, 0), (5, 5), (60, 60), (1, 0), (4, 0), (61, 0), (-5, 0), ("24", 24), (10**9, 0)],
)
def test_a_frame_rate_out_of_range_is_adjusted(given: object, used: int) -> None:
    read_back = read(video={"frame_rate": given}).video
    assert read_back is not None
    assert read_back.frame_rate == used
    # Only ever a most: a source that is slower keeps its own.
    made = video(frame_rate=given)
    assert (made.max_fps, made.fps) == (used or None, None)


@pytest.mark.parametrize(
    ("codec", "profile", "used"), [(1, 4, 3), (2, 3, 4), (2, 1, 4), (1, 1, 1), (2, 4, 4), (1, 0, 3)]
)
def test_a_profile_of_the_other_codec_is_adjusted(codec: int, profile: int, used: int) -> None:
    adjusted = read(video={"codec": codec, "profile": profile}).video
    assert adjusted is not None
    assert adjusted.profile == used


def test_sizes() -> None:
    def size(width: int, height: int, **process: Any) -> PictureSize:
        return video(Treatment(video=VideoProcess(**process)), width=width, height=height).size

    assert size(0, 0) == PictureSize()
    assert size(640, 0) == PictureSize(width=640)
    assert size(640, 360) == PictureSize(width=640, height=360)
    assert size(640, 360, upsample=1) == PictureSize(width=640, height=360, enlarge=True)
    assert size(640, 360, adaptation="SHORT") == PictureSize(width=640, sides="long_short")
    assert size(360, 640, adaptation="LONG") == PictureSize(height=360, sides="long_short")
    turned = video(Treatment(video=VideoProcess(rotate=3)), black_cut=2)
    assert (turned.rotate, turned.crop) == (270, "borders")


def test_high_definition_at_a_low_rate() -> None:
    made = video(pvc=True, bitrate=900, preset=1)
    assert (made.narrowband, made.crf, made.maxrate_kbps) == (True, 26, 900)
    assert (made.bitrate_kbps, made.b_frames) == (None, None)
    adaptive = video(pvc=True, codec=2)
    assert (adaptive.crf, adaptive.maxrate_kbps) == (28, None)
    for truth, value in ((True, -3), (True, 1), (False, 0), (True, True)):
        assert read(common={"pack_type": 4, "PVC": value}).common.PVC is truth


def test_packaging() -> None:
    common = {"hls_interval": 3, "dash_interval": 6}
    hls, dash = specs(common=common | {"pack_type": 3})
    assert (hls.container, hls.segments.seconds) == ("m3u8", 3)
    assert (dash.container, dash.segments.seconds) == ("mpd", 6)
    (default,) = specs(common={"pack_type": "1"})
    assert default.segments.seconds == 5
    first = VideoProcess(hls_init_count=3, hls_init_interval=2)
    (opening,) = specs(Treatment(video=first), common={"pack_type": 1})
    assert (opening.segments.first_count, opening.segments.first_seconds) == (3, 2)
    (cut,) = specs(Treatment(seconds=7))
    assert cut.clip is not None
    assert (cut.clip.start, cut.clip.seconds) == (0, 7)


def test_sound() -> None:
    made = audio(codec=1, sample_rate=2, bitrate=64, channels=6)
    assert (made.sample_rate, made.bitrate_kbps, made.channels) == (22050, 64, 6)
    assert [audio(codec=code).profile for code in (1, 2, 3)] == [None, "aac_he", "aac_he_v2"]
    assert audio(codec=3, channels=1).profile == "aac_he"
    assert audio(codec=4).codec == "mp3"
    (adts,) = specs(video=None, common={"pack_type": 6})
    (mp3,) = specs(video={"output_policy": "discard"}, audio={"codec": 4, "channels": 1})
    assert (adts.container, adts.video, mp3.video) == ("aac", None, None)


def test_volumes_and_tracks() -> None:
    def heard(**process: Any) -> AudioEncoding:
        return audio(Treatment(audio=AudioProcess(**process)))

    assert heard(volume="auto").volume == Loudness(method="auto")
    assert heard(volume="dynamic", volume_expr=-15).volume == Gain(decibels=-15)
    assert heard(volume="original", volume_expr=3).volume is None

    def chosen(**track: Any) -> tuple[int | None, tuple[int, int] | None]:
        made = audio(Treatment(track=AudioTrack(**track)))
        return made.stream, made.left_right

    assert chosen(type=0, left=1, right=2) == (None, None)
    assert chosen(type=1, left=1, right=2) == (None, (1, 2))
    assert chosen(type=1, right=2) == (2, None)
    assert chosen(type=1, left=2, right=2) == (2, None)


def test_copies() -> None:
    policy = {"output_policy": "copy"}
    (spec,) = specs(video=policy, audio=policy)
    assert spec.video == VideoEncoding(codec="copy")
    assert spec.audio is not None
    assert spec.audio.codec == "copy"
    (half,) = specs(video=policy, audio={"output_policy": "discard"})
    assert half.audio is None


@pytest.mark.parametrize(
    "parts",
    [
        {"video": {"codec": 3}},
        {"video": {"bitrate": 30_001}},
        {"video": {"level": 16}},
        {"video": {"preset": 4}},
        {"video": {"max_iframes_interval": 11}},
        {"video": {"bframes_count": 9}},
        {"video": {"black_cut": 3}},
        {"video": {"width": 31}},
        {"video": {"width": 33, "height": 32}},
        {"video": {"height": 2882}},
        {"video": {"codec": 2, "height": 94}},
        {"video": {"output_policy": "keep"}},
        {"audio": {}},
        {"audio": {"channels": 3}},
        {"audio": {"channels": 2, "sample_rate": 7}},
        {"audio": {"channels": 2, "bitrate": 1001}},
        {"audio": {"channels": 2, "codec": 4, "sample_rate": 6}},
        {"common": {"pack_type": 0}},
        {"common": {}},
        {"common": {"pack_type": 1, "dash_interval": 1}},
    ],
)
def test_values_out_of_range(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(**parts)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"video": None, "audio": None}, "nothing is put out"),
        ({"common": {"pack_type": 5}}, "takes no video"),
        ({"common": {"pack_type": 6}}, "takes no video"),
        ({"video": None, "common": {"pack_type": 5}}, "mp3 does not hold aac"),
        ({"audio": {"codec": 4, "channels": 6}}, "two channels"),
        ({"audio": {"codec": 4, "channels": 2}, "common": {"pack_type": 2}}, "mpd does not hold"),
    ],
)
def test_what_contradicts_itself(parts: dict[str, Any], reason: str) -> None:
    with pytest.raises(RestError, match=reason) as refused:
        specs(**parts)
    assert refused.value.code == "MPC.10202"


def test_parameters_of_tasks_are_wider_and_narrower() -> None:
    def wire(**members: Any) -> AvParameters:
        return AvParameters.model_validate({"video": members, "common": {"pack_type": 4}})

    most = wire(bitrate=50_000).video
    assert most is not None
    assert most.bitrate == 50_000
    with pytest.raises(ValidationError):
        wire(codec=2, height=238)
    with pytest.raises(RestError) as refused:
        compile_parameters(wire(sr_factor=2))
    assert refused.value.code == "MPC.10051"
