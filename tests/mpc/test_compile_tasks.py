"""What a transcoding task of MPC says beside its templates, compiled with each of them."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.apis.huawei_mpc.compile_renditions import Treatment
from chalicelib.apis.huawei_mpc.compile_tasks import (
    Extras,
    Wanted,
    compile_outputs,
    compile_watermarks,
    output_names,
)
from chalicelib.apis.huawei_mpc.parameters import AvParameters, VideoProcess
from chalicelib.apis.huawei_mpc.transcoding_documents import Encryption, MultiAudio, Subtitle
from chalicelib.apis.huawei_mpc.watermark_documents import WatermarkRequest, WatermarkTemplate
from chalicelib.apis.protocol.huawei_rest.errors import RestError
from chalicelib.mediaspec.audio import AudioTrack
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.watermark import ImageWatermark, TextWatermark, TimeSpan
from chalicelib.processing.output_names import may_write

_PLACE = {"bucket": "films", "location": "here", "object": "/in/a.srt"}
_KEY = base64.b64encode(bytes(16)).decode()


def wanted(name: str | None = None, pack_type: int = 1, **video: Any) -> Wanted:
    given = {"video": video, "audio": {"channels": 2}, "common": {"pack_type": pack_type}}
    return Wanted(AvParameters.model_validate(given), name=name)


def compiled(pack_type: int = 1, policy: str = "transcode", **extras: Any) -> RenditionSpec:
    one = wanted(pack_type=pack_type, output_policy=policy)
    (job,) = compile_outputs([one], Extras(**extras), "film.mp4", "out/")
    return RenditionSpec.model_validate_json(job.spec)


def marks(*requests: dict[str, Any], **template: Any) -> list[Any]:
    known = {7: WatermarkTemplate.model_validate(template)}
    return compile_watermarks([WatermarkRequest.model_validate(one) for one in requests], known)


def test_names_of_outputs() -> None:
    sized = wanted(width=640, height=360)
    assert output_names([sized, wanted(), sized, wanted()], "in/My film.v2.mp4") == [
        "My film.v2_640X360",
        "My film.v2",
        "My film.v2_640X360_2",
        "My film.v2_2",
    ]
    assert output_names([wanted()], "电影%20#1?.mkv") == ["电影_20_1_"]
    assert output_names([wanted()], "....mp4") == ["output"]
    assert output_names([wanted("a b (1).M3U8"), wanted("b")], "x") == ["a b (1)", "b"]
    for wrong in ("", ".mp4", "a/b", "-y", "a%d", 'a"b', "a\nb", "..", "x" * 201, "长" * 67):
        with pytest.raises(RestError):
            output_names([wanted(wrong)], "x")
    with pytest.raises(RestError):
        output_names([wanted("same"), wanted("same")], "x")


def test_a_picture_watermark() -> None:
    (plain,) = marks({"input": _PLACE})
    assert plain == ImageWatermark(file="s3://films/in/a.srt")
    template = {
        "dx": "0.12349",
        "dy": 16,
        "width": "0.5",
        "referpos": "BottomLeft",
        "timeline_start": "3",
        "timeline_duration": "8",
        "image_process": "Grayed",
        "base": "input",
    }
    (from_template,) = marks({"input": _PLACE, "template_id": "7"}, **template)
    assert from_template == ImageWatermark(
        file="s3://films/in/a.srt",
        corner="bottom_left",
        dx=0.1234,
        dy=16,
        width=0.5,
        process="grey",
        shown=TimeSpan(start=3, seconds=8),
        measured_on="source",
    )
    own = {"dx": "20", "timeline_duration": "ToEND", "base": "output"}
    (overridden,) = marks({"input": _PLACE, "template_id": 7, "image_watermark": own}, **template)
    assert overridden == from_template.model_copy(
        update={"dx": 20, "shown": TimeSpan(start=3), "measured_on": "output"}
    )


def test_a_text_watermark() -> None:
    text = base64.b64encode("测试文字水印".encode()).decode()
    look = {"font_name": "fzyouh", "font_size": 24, "font_color": "gold", "dx": "10"}
    (mark,) = marks({"text_context": text, "text_watermark": look})
    assert mark == TextWatermark(
        text="测试文字水印",
        font="fzyouh",
        font_size=24,
        colour="#ffd700",
        corner="top_right",
        dx=10,
        measured_on="source",
    )
    for wrong in (
        {"text_context": text},
        {"text_context": "%%%", "text_watermark": look},
        {"text_context": "/w==", "text_watermark": look},
    ):
        with pytest.raises(RestError):
            marks(wrong)


def test_subtitles() -> None:
    burned = compiled(subtitle=Subtitle.model_validate({"subtitle_type": 1, "input": _PLACE}))
    assert burned.video is not None
    assert [one.file for one in burned.video.subtitles] == ["s3://films/in/a.srt"]
    files = [{"language": "eng", "input": _PLACE}, {"input": _PLACE}]
    beside = Subtitle.model_validate({"subtitle_type": 2, "inputs": files})
    sounds = MultiAudio.model_validate({"default_language": "eng"})
    tracks = compiled(subtitle=beside, sounds=sounds).subtitles
    assert [(one.language, one.name, one.default) for one in tracks] == [
        ("eng", "eng 1", True),
        ("und", "Subtitles 2", False),
    ]
    for pack_type in (2, 4):
        with pytest.raises(RestError, match="WebVTT"):
            compiled(pack_type, subtitle=beside)
    ignored = Subtitle.model_validate({"subtitle_type": 0, "input": _PLACE})
    assert compiled(subtitle=ignored) == compiled()


def test_encryption() -> None:
    def encrypted(**changes: Any) -> Any:
        given = {"key": _KEY, "url": "https://keys/1", "iv": _KEY} | changes
        return Encryption.model_validate({"hls_encrypt": given}).hls_encrypt

    spec = compiled(encryption=encrypted())
    assert spec.encryption is not None
    assert (spec.encryption.key_uri, spec.encryption.iv) == ("https://keys/1", "00" * 16)
    assert "0000" not in repr(encrypted(iv=None))
    first = Treatment(video=VideoProcess(hls_init_count=1))
    for pack_type, extras in (
        (4, {"encryption": encrypted()}),
        (1, {"encryption": encrypted(algorithm="AES-128-CTR")}),
        (1, {"encryption": encrypted(), "treatment": first}),
    ):
        with pytest.raises(RestError):
            compiled(pack_type, **extras)
    with pytest.raises(ValidationError, match="URI"):
        encrypted(url='https://keys/"')


def test_tracks_of_the_source_come_before_those_of_files() -> None:
    dub = {"input": _PLACE | {"object": "dub.mp3"}, "tracks_info": [{}, {"language": "deu"}]}
    sounds = MultiAudio.model_validate(
        {
            "tracks_info": [{"language": "eng", "channel_layout": "5.1"}],
            "audio_files": [dub],
            "default_language": "deu",
        }
    )
    spec = compiled(4, sounds=sounds)
    assert spec.audio is not None
    assert spec.audio.tracks == (
        AudioTrack(language="eng", channels=6),
        AudioTrack(file="s3://films/dub.mp3"),
        AudioTrack(file="s3://films/dub.mp3", stream=1, language="deu", default=True),
    )
    alone = compiled(4, sounds=MultiAudio.model_validate({"audio_files": [dub]}))
    assert alone.audio is not None
    assert [track.file for track in alone.audio.tracks][:2] == [None, "s3://films/dub.mp3"]
    assert compiled(sounds=MultiAudio()).audio == compiled().audio


def test_sound_in_files_of_its_own() -> None:
    separate = Treatment(video=VideoProcess(hls_storage_type="separate"))
    assert compiled(treatment=separate).is_set
    assert not compiled(2, treatment=separate).is_set
    assert not compiled(policy="discard", treatment=separate).is_set


@pytest.mark.parametrize(
    ("pack_type", "storage", "key", "writes"),
    [
        (4, "composite", "in/film.mp4", True),
        (4, "composite", "in/film.mov", False),
        (4, "composite", "in/film-00001.ts", False),
        (1, "composite", "in/film.mp4", False),
        (1, "composite", "in/film.m3u8", True),
        (1, "composite", "in/film-00001.ts", True),
        (1, "composite", "in/film-video-00001.ts", False),
        (1, "separate", "in/film-video-00001.ts", True),
        (1, "separate", "in/film-audio-1.m3u8", True),
        (1, "separate", "in/film-final.ts", False),
        (2, "composite", "in/film-0-00001.m4s", True),
    ],
)
def test_only_what_an_output_has_among_its_files_is_in_its_way(
    pack_type: int, storage: Any, key: str, writes: bool
) -> None:
    spec = compiled(pack_type, treatment=Treatment(video=VideoProcess(hls_storage_type=storage)))
    assert may_write("in/film", spec, key) is writes
