"""Renditions of a task packaged into one adaptive stream, with subtitles to choose."""

from pathlib import Path

import boto3
import pytest

from chalicelib import ingest, processing
from chalicelib.ingest.completion import complete_upload
from chalicelib.ingest.uploads import NewUpload
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.conditions import Conditions
from chalicelib.mediaspec.packaging import PackageKind, PackageSettings, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.subtitles import SubtitleTrack
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing.group_editing import TemplateDraft
from chalicelib.processing.packages import PACKAGED_AS
from chalicelib.processing.submission import Wishes
from chalicelib.processing.template_groups import TemplateConfig
from chalicelib.settings import settings
from tests import clips
from tests.media.decoding import decode
from tests.pipeline.library import APP, event_types, media_row, object_keys, put, rows, work_off

_SRT = "1\n00:00:00,500 --> 00:00:01,500\nHello\n"


def _stream(
    width: int, bandwidth: int, *, refused: bool = False, kind: PackageKind = "hls"
) -> TemplateConfig:
    spec = RenditionSpec(
        container=PACKAGED_AS[kind],
        video=VideoEncoding(
            preset="ultrafast", size=PictureSize(width=width, sides="long_short", enlarge=True)
        ),
        audio=AudioEncoding(),
        segments=Segments(seconds=1),
        conditions=Conditions(resolution="refuse" if refused else "allow"),
    )
    return TemplateConfig(spec=spec, package=PackageSettings(kind=kind, max_bandwidth=bandwidth))


def _subtitles(kind: PackageKind = "hls") -> TemplateConfig:
    key = "subtitles/hello.srt"
    boto3.client("s3").put_object(Bucket=settings().media_bucket, Key=key, Body=_SRT.encode())
    track = SubtitleTrack(file=key, language="en-US", name="English")
    return TemplateConfig(package=PackageSettings(kind=kind, subtitles=(track,)))


def _group(account_id: str, *configs: TemplateConfig) -> str:
    drafts = [
        TemplateDraft(f"t{n}", mark, config, "{}")
        for n, (mark, config) in enumerate(zip(("LD", "SD", ""), configs, strict=False))
    ]
    return processing.add_group(account_id, APP, "package", drafts)


def _upload(account_id: str, group_id: str) -> str:
    wish = NewUpload(title="clip", file_name="clip.mp4", template_group_id=group_id)
    grant = ingest.create_upload(account_id, APP, wish)
    complete_upload(put(grant, clips.make("contract").read_bytes()))
    return grant.media_id


def _download(media_id: str, folder: Path) -> None:
    s3 = boto3.client("s3")
    for key in object_keys(f"{media_id}/"):
        if key.count("/") == 1:
            s3.download_file(settings().media_bucket, key, str(folder / key.split("/")[1]))


def test_a_package_plays_and_says_what_players_choose_by(account_id: str, tmp_path: Path) -> None:
    group_id = _group(account_id, _stream(160, 300_000), _stream(320, 900_000), _subtitles())
    media_id = _upload(account_id, group_id)
    work_off()
    assert media_row(media_id)["status"] == "normal"
    streams = {row["definition"]: row for row in rows("stream", media_id)}
    assert set(streams) == {"LD", "SD", "AUTO"}
    (task,) = rows("task", media_id)
    assert (task["total"], task["succeeded"]) == (3, 3)
    assert event_types(media_id).count("stream_transcode_complete") == 3
    assert event_types(media_id).count("transcode_complete") == 1
    _download(media_id, tmp_path)
    master = tmp_path / streams["AUTO"]["object_key"].split("/")[1]
    text = master.read_text()
    assert [line.split(",")[0] for line in text.splitlines() if "STREAM-INF" in line] == [
        "#EXT-X-STREAM-INF:BANDWIDTH=300000",
        "#EXT-X-STREAM-INF:BANDWIDTH=900000",
    ]
    assert 'LANGUAGE="en-US"' in text
    assert 'NAME="English"' in text
    (track,) = tmp_path.glob("*-subtitles-1.vtt")
    assert "Hello" in track.read_text()
    for uri in (line for line in text.splitlines() if line and not line.startswith("#")):
        assert abs(decode(tmp_path / uri).seconds - 2) < 0.1
    made = decode(master)
    assert made.frames == 50


def test_dash_is_packaged_as_hls_is(account_id: str, tmp_path: Path) -> None:
    """Both pictures, the sound and the subtitles in one presentation that a player opens."""
    small, large = _stream(160, 300_000, kind="dash"), _stream(320, 900_000, kind="dash")
    renamed = large.model_copy(update={"output_name": "{media}/sub/{job}"})
    media_id = _upload(account_id, _group(account_id, small, renamed, _subtitles("dash")))
    work_off()
    streams = {row["definition"]: row for row in rows("stream", media_id)}
    assert {mark: row["format"] for mark, row in streams.items()} == dict.fromkeys(
        ("LD", "SD", "AUTO"), "mpd"
    )
    for key in object_keys(f"{media_id}/"):
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        boto3.client("s3").download_file(settings().media_bucket, key, str(path))
    manifest = tmp_path / streams["AUTO"]["object_key"]
    text = manifest.read_text()
    assert text.count("<AdaptationSet") == 3
    assert 'bandwidth="300000"' in text
    assert 'bandwidth="900000"' in text
    assert 'lang="en-US"' in text
    (track,) = manifest.parent.glob("*-subtitles-1.vtt")
    assert f"<BaseURL>{track.name}</BaseURL>" in text
    assert track.read_text().startswith("WEBVTT\n\n")
    for number, width in enumerate((160, 320)):
        film = tmp_path / f"{number}.mp4"
        wanted = ["-map", f"0:v:{number}", "-map", "0:a", "-c", "copy"]
        clips.ffmpeg("-allowed_extensions", "ALL", "-i", manifest, *wanted, film)
        played = decode(film)
        assert (played.frames, {size[0] for size in played.sizes}) == (50, {width})


def test_what_could_be_made_is_packaged(account_id: str) -> None:
    group_id = _group(account_id, _stream(160, 300_000), _stream(1920, 900_000, refused=True))
    media_id = _upload(account_id, group_id)
    work_off()
    assert {row["definition"] for row in rows("stream", media_id)} == {"LD", "AUTO"}
    (task,) = rows("task", media_id)
    assert (task["finished"], task["succeeded"]) == (3, 2)
    assert task["completed_at"] is not None


def test_nothing_is_packaged_of_nothing(account_id: str) -> None:
    media_id = _upload(account_id, _group(account_id, _stream(1920, 900_000, refused=True)))
    work_off()
    codes = [row["error_code"] for row in rows("job", media_id, "created_at") if row["task_id"]]
    assert codes == ["ConditionRefused", "NothingToPackage"]
    assert media_row(media_id)["error_code"] == "ConditionRefused"


def test_a_package_that_waits_can_be_cancelled(account_id: str) -> None:
    group_id = _group(account_id, _stream(160, 300_000))
    media_id = _upload(account_id, group_id)
    work_off()
    task, _ = processing.submit_transcode(account_id, media_id, group_id, Wishes())
    assert processing.cancel_task(account_id, task.task_id)
    work_off()
    ended = next(row for row in rows("task", media_id) if row["task_id"] == task.task_id)
    assert (ended["finished"], ended["total"]) == (2, 2)


def test_subtitles_alone_are_no_package(account_id: str) -> None:
    with pytest.raises(processing.TemplatesDoNotFit, match="need a rendition"):
        _group(account_id, _subtitles())
    with pytest.raises(processing.TemplatesDoNotFit, match="HLS or as DASH"):
        _group(account_id, _stream(160, 1), _stream(160, 1, kind="dash"))
    with pytest.raises(processing.TemplatesDoNotFit, match="at most"):
        _group(account_id, _stream(160, 1), _subtitles(), _subtitles())
