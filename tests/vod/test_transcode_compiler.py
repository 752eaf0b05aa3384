"""TranscodeTemplate documents become renditions, or are refused with a reason."""

import json
from typing import Any

import pytest

from chalicelib.apis.aliyun_vod.transcode_compiler import (
    compile_template,
    definition_of,
    read_template,
)
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.mediaspec.audio import Loudness
from chalicelib.mediaspec.clip import Clip
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.processing.template_groups import DEFAULT_WATERMARK, TemplateConfig

_PLAIN: dict[str, Any] = {
    "TemplateName": "plain",
    "Definition": "SD",
    "Container": {"Format": "mp4"},
    "Video": {"Codec": "H.264", "Bitrate": "900", "Width": "960", "Fps": "30", "Remove": "false"},
    "Audio": {"Codec": "AAC", "Bitrate": "128", "Samplerate": "44100"},
}
_HLS = {"Container": {"Format": "m3u8"}, "MuxConfig": {"Segment": {"Duration": "6"}}}


def _compiled(**changes: Any) -> TemplateConfig:
    document = {name: value for name, value in {**_PLAIN, **changes}.items() if value is not None}
    template = read_template("TranscodeTemplateList", document)
    return compile_template("TranscodeTemplateList", template, lambda url: f"key of {url}")


def _spec(**changes: Any) -> RenditionSpec:
    spec = _compiled(**changes).spec
    assert spec is not None
    return spec


def _video(**members: Any) -> dict[str, Any]:
    return {"Codec": "H.264", "Bitrate": "900", **members}


def test_the_plain_template() -> None:
    spec = _spec()
    assert spec.container == "mp4"
    assert spec.video is not None
    assert spec.audio is not None
    video = spec.video
    assert (video.codec, video.bitrate_kbps, video.crf, video.fps) == ("h264", 900, None, 30)
    assert video.size == PictureSize(width=960, sides="long_short", enlarge=True)
    assert (video.profile, video.preset) == ("high", "medium")
    assert (spec.audio.codec, spec.audio.bitrate_kbps, spec.audio.channels) == ("aac", 128, 2)


def test_parts_may_be_json_inside_text() -> None:
    as_text = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in (_PLAIN | _HLS).items()
    }
    assert _compiled(**as_text) == _compiled(**_HLS)


def test_empty_texts_count_as_not_given() -> None:
    assert _compiled(Video=_video(Height="", Crf=""), Rotate="") == _compiled(Video=_video())


def test_quality_goes_before_the_bitrate() -> None:
    video = _spec(Video=_video(Crf="20", Maxrate="2000", Bufsize="4000")).video
    assert video is not None
    assert (video.crf, video.bitrate_kbps) == (20, None)
    assert (video.maxrate_kbps, video.bufsize_kb) == (2000, 4000)
    default = _spec(Video={"Codec": "H.265"}).video
    assert default is not None
    assert (default.codec, default.crf) == ("h265", 26)


@pytest.mark.parametrize(
    ("mark", "played"),
    [
        ("LD", "FD"),
        ("SD", "LD"),
        ("HD", "SD"),
        ("FHD", "HD"),
        ("2K", "2K"),
        ("OD", "OD"),
        ("HQ", "HQ"),
        ("FHD-NBV1", "HD"),
    ],
)
def test_definitions_of_players_are_not_those_of_templates(mark: str, played: str) -> None:
    assert definition_of(read_template("x", _PLAIN | {"Definition": mark})) == played


def test_hls_with_private_encryption_and_a_name() -> None:
    config = _compiled(
        **_HLS,
        EncryptSetting={"EncryptType": "AliyunVoDEncryption"},
        TranscodeFileRegular="{MediaId}/{JobId}/stream-{PlayDefinition}",
        WatermarkIds=["USER_DEFAULT_WATERMARK", "w1"],
    )
    assert config.spec is not None
    assert config.spec.segments.seconds == 6
    assert config.encrypted
    assert config.output_name == "{media}/{job}/stream-{definition}"
    assert config.watermark_ids == (DEFAULT_WATERMARK, "w1")
    # Effective for HLS alone.
    assert not _compiled(EncryptSetting={"EncryptType": "AliyunVoDEncryption"}).encrypted


def test_the_original_is_packed_anew_and_nothing_else() -> None:
    spec = _spec(Definition="OD", Video=None, Audio=None)
    assert spec.video is not None
    assert spec.audio is not None
    assert (spec.video.codec, spec.audio.codec) == ("copy", "copy")


def test_sound_alone() -> None:
    audio = {"Codec": "MP3", "Bitrate": "320", "Volume": {"Method": "dynamic", "TruePeak": "-2"}}
    spec = _spec(Definition="HQ", Container={"Format": "mp3"}, Video=None, Audio=audio)
    assert spec.video is None
    assert spec.audio is not None
    assert spec.audio.codec == "mp3"
    assert spec.audio.volume == Loudness(method="dynamic", peak_db=-2, target_lufs=-6, range_lu=8)
    assert _spec(Video=_video(Remove="true")).video is None
    silent = _spec(Audio={"Codec": "AAC", "Bitrate": "64", "Remove": True})
    assert silent.audio is None


def test_a_gif() -> None:
    spec = _spec(Container={"Format": "gif"}, Video={"Codec": "GIF", "Width": 320, "Fps": 10})
    assert spec.video is not None
    assert (spec.video.codec, spec.video.fps, spec.audio) == ("gif", 10, None)


def test_narrowband_settings_are_built_in() -> None:
    spec = _spec(**_HLS, Definition="HD-NBV1", Video=_video(Width="640", Bitrate="9000"))
    video = spec.video
    assert video is not None
    assert video.narrowband
    assert video.size == PictureSize(width=1280, sides="long_short")
    assert (video.bitrate_kbps, video.maxrate_kbps) == (None, 1500)
    with pytest.raises(ApiError, match="needs the container flv, m3u8 or mp4"):
        _compiled(Definition="LD-NBV1", Container={"Format": "ts"})


def test_conditions_clip_rotation_and_treatment() -> None:
    spec = _spec(
        TransConfig={
            "TransMode": "twopass",
            "IsCheckReso": "true",
            "IsCheckVideoBitrate": "true",
            "IsCheckVideoBitrateFail": "true",
        },
        Clip={"TimeSpan": {"Seek": "00:00:01.500", "Duration": "5"}},
        Rotate="270",
        Video=_video(
            Crop="640:360:0:10",
            Pad="1280:720:0:60",
            LongShortMode="false",
            Height="720",
            Width="1280",
            ScanMode="progressive",
            Gop="250",
            PixFmt="yuv420p",
        ),
    )
    assert (spec.conditions.resolution, spec.conditions.video_bitrate) == ("cap", "refuse")
    assert spec.conditions.audio_bitrate == "allow"
    assert spec.clip == Clip(start=1.5, seconds=5)
    video = spec.video
    assert video is not None
    assert (video.rotate, video.rate_mode, video.gop_frames) == (270, "two_pass", 250)
    assert video.size == PictureSize(width=1280, height=720, enlarge=True)
    assert (video.scan, video.pix_fmt) == ("progressive", "yuv420p")
    assert video.crop is not None
    assert video.pad is not None
    ended = _spec(Clip={"TimeSpan": {"Seek": 1, "Duration": 5, "End": "2.5"}})
    assert ended.clip == Clip(start=1, drop_end=2.5)


def test_other_files_are_resolved() -> None:
    spec = _spec(
        SubtitleList=[{"SubtitleUrl": "sub", "CharEncode": "GBK"}],
        OpeningList=[{"OpenUrl": "open"}],
        TailSlateList=json.dumps([{"TailUrl": "tail", "Width": "-1", "IsMergeAudio": "false"}]),
    )
    assert spec.video is not None
    (subtitles,) = spec.video.subtitles
    assert (subtitles.file, subtitles.encoding) == ("key of sub", "gbk")
    assert [part.file for part in (*spec.before, *spec.after)] == ["key of open", "key of tail"]
    assert (spec.after[0].width, spec.after[0].sound) == (None, False)
    beside = _spec(SubtitleUrl="sub", CharEncode="UTF-8").video
    assert beside is not None
    assert beside.subtitles[0].encoding == "utf-8"


def test_packages() -> None:
    bandwidth = {"PackageType": "HLSPackage", "PackageConfig": {"BandWidth": "900000"}}
    video = _compiled(**_HLS, Type="VideoPackage", PackageSetting=bandwidth)
    assert video.package is not None
    assert video.package.max_bandwidth == 900_000
    track = {"SubtitleUrlList": ["cn"], "Language": "zh-CN", "Format": "vtt", "Name": "中文"}
    subtitles = _compiled(
        Type="SubtitlePackage",
        PackageSetting={"PackageType": "HLSPackage", "SubtitleExtractConfigList": [track]},
    )
    assert subtitles.spec is None
    assert subtitles.package is not None
    assert subtitles.package.subtitles[0].file == "key of cn"
    with pytest.raises(ApiError, match="takes no PackageSetting"):
        _compiled(**_HLS, PackageSetting=bandwidth)
    with pytest.raises(ApiError, match="needs the container m3u8"):
        _compiled(Type="VideoPackage", PackageSetting=bandwidth)
    dash = bandwidth | {"PackageType": "DASHPackage"}
    presentation = _compiled(
        **_HLS | {"Container": {"Format": "mpd"}}, Type="VideoPackage", PackageSetting=dash
    )
    assert presentation.spec is not None
    assert presentation.spec.container == "mpd"
    assert presentation.package is not None
    assert (presentation.package.kind, presentation.spec.segments.seconds) == (
        "dash",
        video.spec.segments.seconds if video.spec else None,
    )
    with pytest.raises(ApiError, match="needs the container mpd"):
        _compiled(**_HLS, Type="VideoPackage", PackageSetting=dash)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Definition": "UHD"}, "Definition"),
        ({"Definition": None}, "Definition is mandatory"),
        ({"Container": None}, "Container is mandatory"),
        ({"Container": {"Format": "avi"}}, "Container.Format"),
        ({"Container": {"Format": "m3u8"}}, "MuxConfig.Segment.Duration"),
        ({"Container": {"Format": "m3u8"}, "MuxConfig": {"Segment": {"Duration": "61"}}}, "60"),
        ({"Container": {"Format": "flv"}, "Video": {"Codec": "H.265"}}, "h265"),
        ({"Video": _video(Bitrate="9")}, "Video.Bitrate"),
        ({"Video": _video(Bitrate="50001")}, "Video.Bitrate"),
        ({"Video": _video(Width="126")}, "Video.Width"),
        ({"Video": _video(Width="4098")}, "Video.Width"),
        ({"Video": _video(Height="361")}, "multiple of 2"),
        ({"Video": _video(Fps="0")}, "Video.Fps"),
        ({"Video": _video(Fps="61")}, "Video.Fps"),
        ({"Video": _video(Gop="0")}, "Video.Gop"),
        ({"Video": _video(Crf="52")}, "Video.Crf"),
        ({"Video": _video(Profile="high10")}, "Video.Profile"),
        ({"Video": _video(Bufsize="999")}, "Video.Bufsize"),
        ({"Video": _video(Maxrate="50001")}, "Video.Maxrate"),
        ({"Video": _video(PixFmt="rgb24")}, "pix_fmt"),
        ({"Video": "{"}, "not valid JSON"),
        ({"Audio": None}, "Audio.Codec is mandatory"),
        ({"Audio": {"Codec": "AAC"}}, "Audio.Bitrate is mandatory"),
        ({"Audio": {"Codec": "AAC", "Bitrate": "1001"}}, "Audio.Bitrate"),
        ({"Audio": {"Codec": "AAC", "Bitrate": "64", "Samplerate": "8000"}}, "Samplerate"),
        ({"Audio": {"Codec": "MP3", "Bitrate": "64", "Channels": "6"}}, "two channels"),
        ({"Audio": {"Codec": "MP3", "Bitrate": "64", "Samplerate": "96000"}}, "96000"),
        ({"Rotate": "361"}, "Rotate"),
        ({"Clip": {"TimeSpan": {"Duration": "5"}}}, "Clip.TimeSpan.Seek"),
        ({"Clip": {"TimeSpan": {"Seek": "86400"}}}, "Clip.TimeSpan.Seek"),
        ({"Clip": {"TimeSpan": {"Seek": "1:2:3"}}}, "Clip.TimeSpan.Seek"),
        ({"TransConfig": {"TransMode": "CBR"}, "Video": {"Codec": "H.264"}}, "CBR"),
        ({"EncryptSetting": {"EncryptType": "None"}}, "EncryptSetting.EncryptType"),
        ({"Definition": "OD", "WatermarkIds": ["w"]}, "takes no watermarks"),
        ({"TranscodeFileRegular": "film/{MediaId}"}, "TranscodeFileRegular"),
        ({"TranscodeFileRegular": "{MediaId}/../other"}, "TranscodeFileRegular"),
        ({"TranscodeFileRegular": "{MediaId}//x"}, "TranscodeFileRegular"),
        ({"TranscodeFileRegular": "{MediaId}/{Title}"}, "TranscodeFileRegular"),
        ({"TranscodeFileRegular": "{MediaId}/" + "x" * 128}, "TranscodeFileRegular"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ApiError) as refused:
        _compiled(**changes)
    assert refused.value.code == "InvalidParameter"
    assert problem in refused.value.message
    assert '"TranscodeTemplateList"' in refused.value.message


def test_five_watermarks_are_one_too_many() -> None:
    with pytest.raises(ApiError) as refused:
        _compiled(WatermarkIds=["1", "2", "3", "4", "5"])
    assert refused.value.code == "WatermarkExceededMax"
