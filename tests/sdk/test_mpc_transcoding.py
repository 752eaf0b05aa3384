"""MPC's transcoding tasks through the official SDK, on real media; outputs are decoded."""

import base64
import re
import tarfile
from pathlib import Path
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
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_transcoding import AUDIO, VIDEO, ended, submitted

_FONTS = Path(__file__).parents[2] / ".local" / "fonts"
_KEY, _IV = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("red") / "red.png"
    clips.ffmpeg("-f", "lavfi", "-i", "color=red:s=80x80", "-frames:v", "1", path)
    return path


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
        audio=AUDIO,
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
                "video": VIDEO | {"width": 480, "height": 270, "max_iframes_interval": 2},
                "audio": AUDIO,
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
        av_parameters=[{"video": VIDEO | {"bitrate": 0}, "common": {"pack_type": 4}}],
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
        av_parameters=[{"video": VIDEO, "common": {"pack_type": 4}}],
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
            {"video": VIDEO, "audio": AUDIO, "common": {"pack_type": 3, "hls_interval": 4}},
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
        av_parameters=[{"video": VIDEO, "audio": AUDIO, "common": {"pack_type": 1}}],
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
        av_parameters=[{"audio": AUDIO, "common": {"pack_type": 4}}],
        audio_track={"type": 1, "left": 1, "right": 0},
    )
    dub = tmp_path / "alone.mp3"
    clips.ffmpeg("-f", "lavfi", "-i", "sine=f=1200:d=1", dub)
    output = mpc_files.target()
    alone = mpc_files.mpc.call(
        "create_transcoding_task",
        output=output,
        multi_audio={"audio_files": [{"input": mpc_files.source(dub)}]},
        av_parameters=[{"audio": AUDIO, "common": {"pack_type": 4}}],
    )["task_id"]
    assert ended(mpc_files, by_hand)["output_file_name"] == ["grey.mp4"]
    made = decode(mpc_files.fetch(folder, tmp_path) / "grey.mp4")
    assert (made.frames, made.channels) == (0, 2)
    task = ended(mpc_files, alone)
    assert task["input"]["object"] == "in/alone.mp3"
    assert task["output_file_name"] == ["alone.mp4"]


def test_high_definition_at_a_low_rate(mpc_files: MpcFiles, tmp_path: Path) -> None:
    source = mpc_files.source(clips.make("normal_720p"))
    parameters = {"video": VIDEO | {"bitrate": 400}, "common": {"pack_type": 4, "PVC": True}}
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
