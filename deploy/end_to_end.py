"""The main job, against functions that are deployed: upload, analysis, renditions, playback."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID
from deploy.errors import DeployError
from local.callback_receiver import Receiver, callback_receiver
from local.demo_clip import CLIP_SECONDS, make_clip, play
from local.vod_client import VodClient

_CALLBACK_KEY = "Rehearsal4Callbacks"
_EVENTS = frozenset(
    {
        "FileUploadComplete",
        "VideoAnalysisComplete",
        "SnapshotComplete",
        "StreamTranscodeComplete",
        "TranscodeComplete",
    }
)
_PATIENCE_SECONDS = 150.0


def run(deployed: dict[str, str], folder: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Run the job; returns the secrets it met, by name. Raises DeployError."""
    vod = VodClient(deployed["api_url"], deployed["access_key_id"], deployed["access_key_secret"])
    clip = folder / "clip.mp4"
    make_clip(clip)
    with callback_receiver(_CALLBACK_KEY) as receiver:
        vod.call(
            "SetMessageCallback",
            CallbackType="HTTP",
            CallbackURL=receiver.url,
            EventTypeList="ALL",
            AuthSwitch="on",
            AuthKey=_CALLBACK_KEY,
        )
        created = vod.call(
            "CreateUploadVideo",
            Title="Rehearsal",
            FileName=clip.name,
            FileSize=clip.stat().st_size,
            TemplateGroupId=DEFAULT_TRANSCODE_GROUP_ID,
        )
        auth = _upload(clip, created)
        started = time.monotonic()
        _wait(lambda: _is_normal(vod, created["VideoId"]), lambda: "the video is not Normal")
        say(f"  Normal {time.monotonic() - started:.1f} s after the upload")
        _wait(lambda: not _missing(receiver), lambda: f"missing callbacks: {_missing(receiver)}")
        if not all(callback.is_authentic for callback in receiver.received):
            raise DeployError("a callback has a wrong signature")
        say(f"  {len(receiver.received)} callbacks of all {len(_EVENTS)} types")
    play_url = _play_url(vod, created["VideoId"])
    seconds = play(play_url)
    if abs(seconds - CLIP_SECONDS) > 0.5:
        raise DeployError(f"{seconds:.2f} s were played, the clip has {CLIP_SECONDS} s")
    say(f"  the HLS stream plays: {seconds:.2f} s fetched and decoded")
    return {
        "the upload credential's secret": auth["AccessKeySecret"],
        "the upload credential's token": auth["SecurityToken"],
        "the callbacks' key": _CALLBACK_KEY,
        "a play URL": play_url.partition("?")[2],
    }


def _upload(clip: Path, created: dict[str, Any]) -> dict[str, Any]:
    address, auth = _decoded(created["UploadAddress"]), _decoded(created["UploadAuth"])
    storage = boto3.client(
        "s3",
        endpoint_url=address["Endpoint"],
        region_name=auth.get("Region") or "us-east-1",
        aws_access_key_id=auth["AccessKeyId"],
        aws_secret_access_key=auth["AccessKeySecret"],
        aws_session_token=auth["SecurityToken"],
        config=Config(s3={"addressing_style": "path"}),
    )
    storage.upload_file(str(clip), address["Bucket"], address["FileName"])
    return auth


def _is_normal(vod: VodClient, video_id: str) -> bool:
    status = vod.call("GetVideoInfo", VideoId=video_id)["Video"]["Status"]
    if status.endswith("Fail"):
        raise DeployError(f"the video's status is {status}")
    return bool(status == "Normal")


def _missing(receiver: Receiver) -> list[str]:
    return sorted(_EVENTS - {callback.event["EventType"] for callback in receiver.received})


def _play_url(vod: VodClient, video_id: str) -> str:
    streams = vod.call("GetPlayInfo", VideoId=video_id)["PlayInfoList"]["PlayInfo"]
    urls = [stream["PlayURL"] for stream in streams if stream["Format"] == "m3u8"]
    if not urls:
        raise DeployError("there is no HLS stream")
    return str(urls[0])


def _decoded(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.b64decode(text))
    return document


def _wait(condition: Callable[[], bool], complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise DeployError(f"{complaint()} after {_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.5)
