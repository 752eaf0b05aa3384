"""MPC's transcoding tasks through the official SDK, on real media; outputs are decoded."""

import base64
import re
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import av
import pytest
from av.video.frame import VideoFrame
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from chalicelib.media.probe import probe
from chalicelib.mediaspec.hls import playlist_uris
from layers.ffmpeg import fonts
from tests import clips
from tests.media.decoding import colour, decode, jpeg_frame
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import MpcFiles

_AUDIO = {"codec": 1, "sample_rate": 4, "bitrate": 96, "channels": 2}
_VIDEO = {"codec": 1, "bitrate": 300, "preset": 1, "width": 320, "height": 180}
_FONTS = Path(__file__).parents[2] / ".local" / "fonts"
_KEY, _IV = bytes(range(16)), bytes(range(16, 32))
_UNKNOWN = 4_000_000_000_000_000


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a grey picture with two tracks of sound: what is laid on it stands out."""
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    picture = ["-f", "lavfi", "-i", "color=gray:s=640x360:r=25:d=4"]
    tones = [part for f in (300, 600) for part in ("-f", "lavfi", "-i", f"sine=f={f}:r=48000:d=4")]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:a", "aac"]
    clips.ffmpeg(*picture, *tones, *maps, "-preset", "ultrafast", "-crf", "10", path)
    return path


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("red") / "red.png"
    clips.ffmpeg("-f", "lavfi", "-i", "color=red:s=80x80", "-frames:v", "1", path)
    return path


def submitted(files: MpcFiles, source: dict[str, str], **parameters: Any) -> tuple[int, str]:
    """Ask for a task; its number and the folder of its outputs."""
    output = files.target()
    given = {"input": source, "output": output, **parameters}
    answer = files.mpc.answer("create_transcoding_task", given)
    assert answer.status == 202
    assert set(answer.body) == {"task_id"}
    return answer.body["task_id"], output["object"]


def ended(files: MpcFiles, number: int, status: str = "SUCCEEDED") -> dict[str, Any]:
    task = files.ended("list_transcoding_task", str(number))
    assert task["status"] == status, task
    return task


def frame_at(path: Path, number: int) -> VideoFrame:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return frames[number].reformat(format="rgb24")


def decrypted(playlist: Path) -> Path:
    """All segments in the clear, in one file."""
    plain = playlist.with_name("plain.ts")
    with plain.open("wb") as file:
        for name in playlist_uris(playlist.read_text()):
            if name.endswith(".ts"):
                cipher = Cipher(algorithms.AES(_KEY), modes.CBC(_IV)).decryptor()
                padded = cipher.update(playlist.with_name(name).read_bytes()) + cipher.finalize()
                file.write(padded[: -padded[-1]])
    return plain


def lengths(playlist: Path) -> list[float]:
    return [float(each) for each in re.findall(r"#EXTINF:([0-9.]+)", playlist.read_text())]


def test_renditions_by_templates(mpc_files: MpcFiles, tmp_path: Path) -> None:
    sizes = [(640, 360, 600), (480, 270, 300)]
    group = mpc_files.mpc.call(
        "create_template_group",
        name="two sizes",
        videos=[{"width": w, "height": h, "bitrate": rate} for w, h, rate in sizes],
        video_common={"codec": 1, "profile": 2, "level": 8, "max_iframes_interval": 2},
        audio=_AUDIO,
        common={"pack_type": 4},
    )["template_group"]
    source = mpc_files.source(clips.make("normal_720p"))
    number, folder = submitted(
        mpc_files,
        source,
        trans_template_id=group["template_ids"],
        output_filenames=["large.mp4", "测试 small"],
        user_data="mine",
        priority=9,
    )
    task = ended(mpc_files, number)
    assert task["output_file_name"] == ["large.mp4", "测试 small.mp4"]
    assert (task["user_data"], task["progress"]) == ("mine", 100)
    assert task["trans_template_id"] == group["template_ids"]
    assert (task["input"], task["output"]["object"]) == (source, folder)
    assert len(task["create_time"]) == len(task["end_time"]) == 14
    told = task["transcode_detail"]["input_file"]
    assert (told["duration"], told["format"]) == (5, "MOV")
    assert (told["video_info"]["width"], told["video_info"]["codec"]) == (1280, "H264")
    assert told["audio_info"][0]["channels"] == 6
    made = task["transcode_detail"]["multitask_info"]
    assert [one["template_id"] for one in made] == group["template_ids"]
    mpc_files.fetch(folder, tmp_path)
    for (width, height, rate), one, name in zip(sizes, made, task["output_file_name"], strict=True):
        facts = probe(tmp_path / name)
        video, audio = facts.main_video, facts.main_audio
        assert video is not None
        assert audio is not None
        assert (video.codec_name, video.profile, video.level) == ("h264", "Main", 30)
        assert (facts.width, facts.height, audio.channels) == (width, height, 2)
        assert (audio.codec_name, audio.sample_rate) == ("aac", 44100)
        assert 0.5 * rate < (video.bitrate_kbps or 0) < 1.5 * rate
        assert decode(tmp_path / name).keyframes == pytest.approx([0, 2, 4], abs=0.05)
        output = one["output_file"]
        assert (output["format"], output["size"]) == ("MP4", (tmp_path / name).stat().st_size)
        assert abs(output["duration_ms"] - 5000) < 100
        assert output["video_info"]["bitrate_bps"] == round(1000 * (video.bitrate_kbps or 0))
        assert output["video_info"]["frame_rate"] == 25
        assert output["audio_info"][0]["sample"] == 44100


def test_encrypted_hls_with_a_watermark_and_snapshots(
    mpc_files: MpcFiles, grey: Path, red: Path, tmp_path: Path
) -> None:
    place = {"dx": "10", "dy": "0.1", "width": "40", "referpos": "BottomRight"}
    template = {**place, "timeline_start": "1", "timeline_duration": "1", "base": "output"}
    mark = mpc_files.mpc.call("create_watermark_template", **template)["template_id"]
    snapshots = mpc_files.target()
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[
            {
                "video": _VIDEO | {"width": 480, "height": 270, "max_iframes_interval": 2},
                "audio": _AUDIO,
                "common": {"pack_type": 1, "hls_interval": 2},
            }
        ],
        # The task's own corner goes before the template's.
        watermarks=[
            {
                "input": mpc_files.source(red),
                "template_id": str(mark),
                "image_watermark": {"referpos": "TopLeft"},
            }
        ],
        thumbnail={
            "tar": 0,
            "out": snapshots,
            "params": {"type": "TIME", "time": 2, "output_filename": "shots", "max_length": 240},
        },
        encryption={
            "hls_encrypt": {
                "key": base64.b64encode(_KEY).decode(),
                "iv": base64.b64encode(_IV).decode(),
                "url": "https://keys.example.com/k?id=1",
                "algorithm": "AES-128-CBC",
            }
        },
        crop={"duration": 3},
    )
    task = ended(mpc_files, number)
    assert task["output_file_name"] == ["grey_480X270.m3u8", "shots.tar"]
    assert "trans_template_id" not in task
    assert task["av_parameters"][0]["video"]["max_iframes_interval"] == 2
    playlist = mpc_files.fetch(folder, tmp_path) / "grey_480X270.m3u8"
    assert f'METHOD=AES-128,URI="https://keys.example.com/k?id=1",IV=0x{_IV.hex()}' in (
        playlist.read_text()
    )
    assert lengths(playlist) == pytest.approx([2, 1], abs=0.1)
    plain = decrypted(playlist)
    decoded = decode(plain)
    assert (decoded.sizes, decoded.frames) == ({(480, 270)}, 75)
    for number_of_frame, is_red in ((12, False), (37, True), (62, False)):
        # The upper left corner of the mark is at 10 and a tenth of 270.
        assert (colour(frame_at(plain, number_of_frame), 30, 47)[0] > 180) == is_red
    assert colour(frame_at(plain, 37), 460, 230)[0] < 150
    (told,) = task["transcode_detail"]["multitask_info"]
    assert (told["output_file"]["format"], told["output_file"]["duration"]) == ("HLS", 3)
    # The pictures, in one archive: at 0, 2 and 4 seconds of the source.
    assert (task["thumbnail_output"], task["thumbnail_outputname"]) == (snapshots, "shots.tar")
    names = [one["pic_name"] for one in task["pic_info"]]
    assert names == ["shots_0.jpg", "shots_2.jpg", "shots_4.jpg"]
    with tarfile.open(mpc_files.fetch(snapshots["object"], tmp_path) / "shots.tar") as tar:
        assert tar.getnames() == names
        tar.extractall(tmp_path, filter="data")
    picture = jpeg_frame(tmp_path / "shots_2.jpg")
    assert (picture.width, picture.height) == (240, 135)


def test_texts_and_subtitles_in_the_picture(
    mpc_files: MpcFiles, grey: Path, tmp_path: Path
) -> None:
    fonts.install(_FONTS)
    lines = tmp_path / "burnt.srt"
    lines.write_text("1\n00:00:01,000 --> 00:00:02,000\n████\n")
    look = {"font_name": "fzyouh", "font_size": 40, "font_color": "red", "referpos": "TopLeft"}
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[{"video": _VIDEO | {"bitrate": 0}, "common": {"pack_type": 4}}],
        watermarks=[
            {
                "text_context": base64.b64encode("████".encode()).decode(),
                "text_watermark": {**look, "base": "input"},
            }
        ],
        subtitle={"subtitle_type": 1, "input": mpc_files.source(lines)},
    )
    assert ended(mpc_files, number)["output_file_name"] == ["grey_320X180.mp4"]
    film = mpc_files.fetch(folder, tmp_path) / "grey_320X180.mp4"
    for frame_number, spoken in ((12, False), (37, True)):
        frame = frame_at(film, frame_number)
        # 40 pixels of the source are 20 of an output half as large.
        top = [colour(frame, 20, y)[0] > 180 for y in range(40)]
        assert any(top[:28])
        assert not any(top[32:])
        bottom = [min(colour(frame, 160, y)) > 200 for y in range(150, 180)]
        assert any(bottom) == spoken


def test_no_snapshots_beside_other_sizes(mpc_files: MpcFiles, grey: Path) -> None:
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[{"video": _VIDEO, "common": {"pack_type": 4}}],
        thumbnail={"params": {"time": 2}},
    )
    task = ended(mpc_files, number)
    assert task["output_file_name"] == mpc_files.names(folder) == ["grey_320X180.mp4"]
    assert not {"pic_info", "thumbnail_output", "thumbnail_outputname"} & set(task)


def test_several_kinds_of_outputs(mpc_files: MpcFiles, grey: Path, tmp_path: Path) -> None:
    h265 = {"codec": 2, "bframes_count": 0, "frame_rate": 12, "width": 320, "height": 240}
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[
            {"video": h265, "common": {"pack_type": 4}},
            {"audio": {"codec": 4, "channels": 1, "bitrate": 64}, "common": {"pack_type": 5}},
            {"audio": {"codec": 1, "channels": 2}, "common": {"pack_type": 6}},
            {"video": _VIDEO, "audio": _AUDIO, "common": {"pack_type": 3, "hls_interval": 4}},
        ],
        output_filenames=["hevc", "sound", "adts", "both"],
        audio_process={"volume": "dynamic", "volume_expr": -15},
        video_process={
            "hls_init_count": 1,
            "hls_init_interval": 2,
            "rotate": 1,
            "adaptation": "LONG",
        },
    )
    task = ended(mpc_files, number)
    names = ["hevc.mp4", "sound.mp3", "adts.aac", "both.m3u8", "both.mpd"]
    assert task["output_file_name"] == names
    made = task["transcode_detail"]["multitask_info"]
    assert [one["output_file"]["format"] for one in made] == ["MP4", "MP3", "ADTS", "HLS", "DASH"]
    files = mpc_files.fetch(folder, tmp_path)
    hevc = probe(files / "hevc.mp4")
    assert hevc.main_video is not None
    assert (hevc.main_video.codec_name, hevc.main_video.has_b_frames) == ("hevc", 0)
    # Turned by 90 degrees; the short side as it was asked for, the long one follows.
    assert (hevc.width, hevc.height, round(hevc.fps), len(hevc.audio)) == (240, 426, 12, 0)
    sound, adts = probe(files / "sound.mp3"), probe(files / "adts.aac")
    assert [facts.has_video for facts in (sound, adts)] == [False, False]
    assert [sound.audio[0].codec_name, sound.audio[0].channels] == ["mp3", 1]
    assert [adts.audio[0].codec_name, adts.audio[0].channels] == ["aac", 2]
    assert lengths(files / "both.m3u8") == pytest.approx([2, 2], abs=0.1)
    hls = decode(files / "both.m3u8")
    assert (hls.frames, hls.channels) == (100, 2)
    assert (files / "both.mpd").read_text().count("<AdaptationSet") == 2
    pieces = sorted(files.glob("both-0-*.m4s"))
    dash = files / "pictures.mp4"
    dash.write_bytes(b"".join(path.read_bytes() for path in (files / "both-init-0.m4s", *pieces)))
    assert decode(dash).frames == 100


def test_streams_that_are_copied_up_to_a_moment(
    mpc_files: MpcFiles, grey: Path, tmp_path: Path
) -> None:
    same = {"video": {"output_policy": "copy"}, "audio": {"output_policy": "copy"}}
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[{**same, "common": {"pack_type": 4}}],
        crop={"duration": 2},
    )
    assert ended(mpc_files, number)["output_file_name"] == ["grey.mp4"]
    made = probe(mpc_files.fetch(folder, tmp_path) / "grey.mp4")
    assert (made.width, made.height) == (640, 360)
    assert 1.9 < made.duration < 2.3


def test_sound_apart_from_the_pictures(mpc_files: MpcFiles, grey: Path, tmp_path: Path) -> None:
    dub = tmp_path / "dub.mp3"
    clips.ffmpeg("-f", "lavfi", "-i", "sine=f=1200:d=6", dub)
    lines = tmp_path / "lines.srt"
    lines.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    number, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[{"video": _VIDEO, "audio": _AUDIO, "common": {"pack_type": 1}}],
        output_filenames=["三 tracks.m3u8"],
        multi_audio={
            "tracks_info": [
                {"language": "eng", "channel_layout": "mono"},
                {"language": "fra", "channel_layout": "stereo"},
            ],
            "audio_files": [{"input": mpc_files.source(dub), "tracks_info": [{"language": "deu"}]}],
            "default_language": "fra",
        },
        subtitle={
            "subtitle_type": 2,
            "inputs": [{"language": "eng", "input": mpc_files.source(lines)}],
        },
    )
    task = ended(mpc_files, number)
    (told,) = task["transcode_detail"]["multitask_info"]
    assert [one["channels"] for one in told["output_file"]["audio_info"]] == [1, 2, 2]
    made = tmp_path / "made"
    made.mkdir()
    mpc_files.fetch(folder, made)
    master = (made / "三 tracks.m3u8").read_text()
    assert re.findall(r'LANGUAGE="(\w+)",DEFAULT=(\w+)', master) == [
        ("eng", "NO"),
        ("fra", "YES"),
        ("deu", "NO"),
        ("eng", "NO"),
    ]
    parts = [unquote(uri) for uri in playlist_uris(master)]
    assert [decode(made / name).channels for name in parts if "-audio-" in name] == [1, 2, 2]
    assert decode(made / "三 tracks-video.m3u8").frames == 100
    assert "Hello" in (made / "三 tracks-subtitles-1.vtt").read_text()
    assert told["output_file"]["size"] == sum(path.stat().st_size for path in made.iterdir())


def test_tracks_in_one_file_and_sound_without_a_source(
    mpc_files: MpcFiles, grey: Path, tmp_path: Path
) -> None:
    by_hand, folder = submitted(
        mpc_files,
        mpc_files.source(grey),
        av_parameters=[{"audio": _AUDIO, "common": {"pack_type": 4}}],
        audio_track={"type": 1, "left": 1, "right": 0},
    )
    dub = tmp_path / "alone.mp3"
    clips.ffmpeg("-f", "lavfi", "-i", "sine=f=1200:d=1", dub)
    output = mpc_files.target()
    alone = mpc_files.mpc.call(
        "create_transcoding_task",
        output=output,
        multi_audio={"audio_files": [{"input": mpc_files.source(dub)}]},
        av_parameters=[{"audio": _AUDIO, "common": {"pack_type": 4}}],
    )["task_id"]
    assert ended(mpc_files, by_hand)["output_file_name"] == ["grey.mp4"]
    made = decode(mpc_files.fetch(folder, tmp_path) / "grey.mp4")
    assert (made.frames, made.channels) == (0, 2)
    task = ended(mpc_files, alone)
    assert task["input"]["object"] == "in/alone.mp3"
    assert task["output_file_name"] == ["alone.mp4"]


def test_high_definition_at_a_low_rate(mpc_files: MpcFiles, tmp_path: Path) -> None:
    source = mpc_files.source(clips.make("normal_720p"))
    parameters = {"video": _VIDEO | {"bitrate": 400}, "common": {"pack_type": 4, "PVC": True}}
    number, folder = submitted(mpc_files, source, av_parameters=[parameters])
    task = ended(mpc_files, number)
    assert task["av_parameters"][0]["common"]["PVC"] is True
    (told,) = task["transcode_detail"]["multitask_info"]
    assert told["output_file"]["video_info"]["bitrate_bps"] < 400_000
    film = mpc_files.fetch(folder, tmp_path) / "normal_720p_320X180.mp4"
    settings = film.read_bytes()
    assert b"aq=3:0.80" in settings
    assert b"crf=26.0" in settings
    assert b"vbv_maxrate=400" in settings


def test_what_is_refused(mpc_files: MpcFiles, grey: Path) -> None:
    mpc = mpc_files.mpc
    plain = {
        "input": mpc_files.source(grey),
        "output": mpc_files.target(),
        "av_parameters": [{"video": _VIDEO, "audio": _AUDIO, "common": {"pack_type": 4}}],
    }
    key = {"key": base64.b64encode(_KEY).decode(), "url": "https://keys.example.com/k"}
    copy = [{"video": {"output_policy": "copy"}, "common": {"pack_type": 4}}]
    copied_sound = [{"audio": {"output_policy": "copy"}, "common": {"pack_type": 4}}]
    stranger = {"bucket": "films-of-somebody", "location": "here", "object": "film.mp4"}
    mark = {"input": mpc_files.place("in/red.png")}
    into_its_folder = {
        "output": mpc_files.place("in"),
        "output_filenames": ["a.m3u8"],
        "av_parameters": [{"audio": _AUDIO, "common": {"pack_type": 1}}],
    }
    one_in_another = {
        "av_parameters": [{"video": _VIDEO, "audio": _AUDIO, "common": {"pack_type": 1}}] * 2,
        "output_filenames": ["a", "a-video"],
        "video_process": {"hls_storage_type": "separate"},
    }
    cases: list[tuple[str, dict[str, Any]]] = [
        ("MPC.10202", {"av_parameters": None}),
        ("MPC.10202", {"input": None}),
        ("MPC.10202", {"priority": 7}),
        ("MPC.10202", {"output_filenames": ["a", "b"]}),
        ("MPC.10202", {"output_filenames": ["../a"]}),
        ("MPC.10093", {"output_filenames": ["长" * 70]}),
        ("MPC.10202", {"watermarks": [{}]}),
        ("MPC.10202", {"watermarks": [mark] * 11}),
        ("MPC.10202", {"watermarks": [{"text_context": "no Base64"}]}),
        ("MPC.10089", {"watermarks": [mark | {"template_id": str(_UNKNOWN)}]}),
        ("MPC.10202", {"watermarks": [mark], "av_parameters": copy}),
        ("MPC.10202", {"subtitle": {"subtitle_type": 1}}),
        ("MPC.10202", {"subtitle": {"subtitle_type": 2, "input": plain["input"]}}),
        ("MPC.10202", {"encryption": {"hls_encrypt": key}}),
        ("MPC.10202", {"encryption": {"hls_encrypt": key | {"key": "c2hvcnQ="}}}),
        ("MPC.10202", {"thumbnail": {"params": {"type": "DOTS_MS", "dots_ms": [1]}}}),
        ("MPC.10202", {"audio_process": {"volume": "dynamic"}}),
        ("MPC.10202", {"audio_process": {"volume": "auto"}, "av_parameters": copied_sound}),
        ("MPC.10155", {"multi_audio": {"default_language": "fra"}}),
        ("MPC.10089", {"av_parameters": None, "trans_template_id": [_UNKNOWN]}),
        ("MPC.10209", {"output": mpc_files.place("in"), "output_filenames": ["grey.mp4"]}),
        ("MPC.10209", {"input": mpc_files.place("in/a-00001.ts"), **into_its_folder}),
        ("MPC.10202", {"user_data": "u" * 4097}),
        ("MPC.10202", one_in_another),
        ("MPC.10202", {"encryption": {"hls_encrypt": key | {"url": 'https://k/"'}}}),
        ("MPC.10236", {"input": stranger}),
        ("MPC.10236", {"output": stranger | {"object": "out"}}),
        ("MPC.10236", {"watermarks": [{"input": stranger}]}),
    ]
    for code, changes in cases:
        given = {name: value for name, value in {**plain, **changes}.items() if value is not None}
        assert mpc.failure("create_transcoding_task", **given) == (403, code), changes


def test_templates_of_one_task_are_alike(mpc_files: MpcFiles, grey: Path) -> None:
    def template(name: str, **video: Any) -> int:
        made: int = mpc_files.mpc.call(
            "create_trans_template",
            template_name=f"alike {name}",
            video=_VIDEO | video,
            common={"pack_type": 4},
        )["template_id"]
        return made

    given = {"input": mpc_files.source(grey), "output": mpc_files.target()}
    numbers = [template("first"), template("slower", preset=3)]
    failure = mpc_files.mpc.failure("create_transcoding_task", **given, trans_template_id=numbers)
    assert failure == (403, "MPC.10222")


def test_tasks_that_fail(mpc_files: MpcFiles, grey: Path) -> None:
    text = mpc_files.source(clips.make("text_named_mp4"))
    wanted = {"av_parameters": [{"video": _VIDEO, "common": {"pack_type": 4}}]}
    missing, _ = submitted(mpc_files, mpc_files.place("in/nothing.mp4"), **wanted)
    unreadable, _ = submitted(mpc_files, text, **wanted)
    marked = {"watermarks": [{"input": mpc_files.place("in/nothing.png")}], **wanted}
    unmarked, _ = submitted(mpc_files, mpc_files.source(grey), **marked)
    no_encoder = {"audio": _AUDIO | {"codec": 2}, "common": {"pack_type": 4}}
    partly, folder = submitted(
        mpc_files, mpc_files.source(grey), av_parameters=[*wanted["av_parameters"], no_encoder]
    )
    for number, code in ((missing, "MPC.10053"), (unreadable, "MPC.10119")):
        task = ended(mpc_files, number, "FAILED")
        assert task["error_code"] == code
        assert task["description"]
    task = ended(mpc_files, unmarked, "FAILED")
    assert task["error_code"] == "MPC.10053"
    assert "in/nothing.png" in task["description"]
    task = ended(mpc_files, partly, "FAILED")
    assert task["error_code"] == "MPC.10083"
    good, bad = task["transcode_detail"]["multitask_info"]
    assert good["output_file"]["video_info"]["width"] == 320
    assert bad["error"]["error_code"] == "MPC.10083"
    assert task["output_file_name"] == mpc_files.names(folder) == ["grey_320X180.mp4"]


def test_the_life_of_a_record(mpc_files: MpcFiles, grey: Path) -> None:
    mpc = mpc_files.mpc
    began = datetime.now(UTC) - timedelta(seconds=1)
    wanted = {"av_parameters": [{"video": _VIDEO, "common": {"pack_type": 4}}]}
    with mpc_files.nobody_works():
        first, _ = submitted(mpc_files, mpc_files.source(grey), **wanted)
        second, _ = submitted(mpc_files, mpc_files.source(grey), **wanted)
        (waiting,) = mpc.call("list_transcoding_task", task_id=[first])["task_array"]
        assert (waiting["status"], waiting["progress"]) == ("WAITING", 0)
        assert "transcode_detail" not in waiting
        not_yet = mpc.failure("delete_transcoding_task_by_console", task_id=first)
        assert not_yet == (400, "MPC.10213")
        assert mpc.answer("delete_transcoding_task", {"task_id": first}).status == 204
    (cancelled,) = mpc.call("list_transcoding_task", task_id=[first])["task_array"]
    assert cancelled["status"] == "CANCELED"
    ended(mpc_files, second)
    period = {"start_time": f"{began:%Y%m%d%H%M%S}", "end_time": "20991231235959"}

    def listed(**query: Any) -> tuple[list[str], int, int]:
        answer = mpc.call("list_transcoding_task", **query)
        numbers = [task["task_id"] for task in answer["task_array"]]
        return numbers, answer["total"], answer["is_truncated"]

    numbers, total, truncated = listed(**period)
    assert (numbers[:2], truncated) == ([str(second), str(first)], int(total > 10))
    assert listed(**period, size=1) == ([str(second)], total, 1)
    assert listed(**period, size=1, page=1)[0] == [str(first)]
    assert listed(**period, page=total) == ([], total, 0)
    assert listed(**period, status="CANCELED") == ([str(first)], 1, 0)
    assert listed(status="NEED_TO_BE_AUDIT") == ([], 0, 0)
    assert listed(task_id=[first, second, _UNKNOWN])[1] == 2
    assert mpc.failure("delete_transcoding_task", task_id=second) == (400, "MPC.10212")
    assert mpc.failure("delete_transcoding_task", task_id=_UNKNOWN) == (400, "MPC.10212")
    day = {"start_time": f"{began:%Y%m%d}", "end_time": f"{datetime.now(UTC):%Y%m%d}"}
    for stat, least in (
        ("transcode_task_number", 1),
        ("video_duration", 0.06),
        ("transcode_duration", 0),
    ):
        summary = mpc.call("list_stat_summary", stat_type=stat, **day)
        assert summary["stat_type"] == stat
        assert summary["total"] >= least
        assert summary["summary"][0]["date"] == f"{began:%Y/%m/%d}"
    assert mpc.call("list_stat_summary", stat_type="remux_file_duration", **day)["total"] >= 0
    for task_id in (first, second):
        record = {"task_id": task_id}
        assert mpc.answer("delete_transcoding_task_by_console", record).status == 204
        assert listed(task_id=[task_id])[1] == 0
    gone = mpc.failure("delete_transcoding_task_by_console", task_id=first)
    assert gone == (400, "MPC.10211")


def test_queries_that_are_refused(mpc: MpcCustomer) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("list_transcoding_task", {"size": 101}),
        ("list_transcoding_task", {"task_id": list(range(11))}),
        ("list_transcoding_task", {"start_time": "2026-11-21"}),
        ("list_transcoding_task", {"start_time": "20261122000000", "end_time": "20261121000000"}),
        ("list_transcoding_task", {"status": "RUNNING"}),
    ]
    days = {"start_time": "20261122", "end_time": "20261121"}
    wrong += [
        ("list_stat_summary", {**days, "stat_type": "video_duration"}),
        ("list_stat_summary", {**days, "stat_type": "tasks"}),
        ("list_stat_summary", {"start_time": "2026", "end_time": "20261121", "stat_type": "x"}),
    ]
    for method, query in wrong:
        assert mpc.failure(method, **query) == (400, "MPC.10202"), query
