"""``make demo``: what a customer does with the platform, on a real clip and a stack of its own.

Everything goes through the front doors: signed HTTP requests, an upload with the credential that
was issued, callbacks to a server, and an ordinary player on the play URL.
"""

import base64
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.processing import DEFAULT_TRANSCODE_GROUP_ID
from local.callback_receiver import Receiver, callback_receiver
from local.demo_clip import CLIP_SECONDS, make_clip, play
from local.files import tail
from local.report import Report
from local.testing import RunningStack, start_stack
from local.vod_client import VodClient

_CALLBACK_KEY = "Demo4CallbackKey"
_EVENTS = frozenset(
    {
        "MediaBaseChangeComplete",
        "FileUploadComplete",
        "VideoAnalysisComplete",
        "SnapshotComplete",
        "StreamTranscodeComplete",
        "TranscodeComplete",
    }
)
_PATIENCE_SECONDS = 120.0


class StepFailed(Exception):
    """A step did not do what it should have done."""


def demo() -> int:
    """Run all steps; returns 0 only if every one of them really happened."""
    report = Report()
    report.title("OpenVOD demo: upload, transcode, play")
    with tempfile.TemporaryDirectory(prefix="openvod-demo-") as place:
        try:
            with _demo_stack(report, Path(place) / "data") as stack:
                _Demo(report, stack, Path(place)).run()
        except _Reported:
            return 1
        except KeyboardInterrupt:
            report.note("stopped")
            return 130
    report.note("Every step happened. `make up` keeps a stack running.")
    return 0


class _Reported(Exception):
    """A failure that has been told already."""


@contextlib.contextmanager
def _demo_stack(report: Report, data: Path) -> Iterator[RunningStack]:
    with _step(report, "start a stack on free ports", data, ()) as told:
        stack = start_stack(data)
        told(f"API {stack.info['api_url']}, S3 {stack.info['s3_endpoint']}")
    try:
        yield stack
    finally:
        with _step(report, "stop the stack", data, ()) as told:
            code = stack.stop()
            if code != 0:
                raise StepFailed(f"the stack ended with code {code}")
            told("nothing is left running")


@contextlib.contextmanager
def _step(
    report: Report, name: str, data: Path, logs: tuple[str, ...]
) -> Iterator[Callable[[str], None]]:
    """One step of the demo. A failure is shown with the ends of the logs that may explain it."""
    results: list[str] = []
    started = time.monotonic()
    report.begin(name)
    try:
        yield results.append
    except _Reported:
        raise
    except Exception as error:
        report.failed(name, str(error) or type(error).__name__)
        for log in [path for pattern in logs for path in sorted((data / "logs").glob(pattern))]:
            report.log(log.name, tail(log))
        raise _Reported from error
    report.done(name, time.monotonic() - started, "; ".join(results))


class _Demo:
    """The steps between the start of the stack and its end."""

    def __init__(self, report: Report, stack: RunningStack, place: Path) -> None:
        self._report = report
        self._stack = stack
        self._clip = place / "clip.mp4"
        info = stack.info
        self._vod = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])
        self._video_id = ""

    def run(self) -> None:
        with self._step("make a clip") as told:
            make_clip(self._clip)
            told(f"{CLIP_SECONDS:.0f} s, {self._clip.stat().st_size / 1e6:.1f} MB")
        with callback_receiver(_CALLBACK_KEY) as receiver:
            self._subscribe(receiver)
            self._upload()
            self._wait_until_normal()
            self._show_source()
            self._await_callbacks(receiver)
        play_url = self._play_info_by_credential()
        with self._step("play the HLS stream to its end", "api.log") as told:
            seconds = play(play_url)
            if abs(seconds - CLIP_SECONDS) > 0.5:
                raise StepFailed(f"{seconds:.2f} s were played, the clip has {CLIP_SECONDS} s")
            told(f"{seconds:.2f} s fetched and decoded")
        self._report.table("Callbacks, each with a right signature", self._callback_rows(receiver))
        self._report.note(f"A play URL: {play_url}")

    def _step(
        self, name: str, *logs: str
    ) -> contextlib.AbstractContextManager[Callable[[str], None]]:
        return _step(self._report, name, self._stack.data, logs)

    def _subscribe(self, receiver: Receiver) -> None:
        with self._step("SetMessageCallback", "api.log") as told:
            self._vod.call(
                "SetMessageCallback",
                CallbackType="HTTP",
                CallbackURL=receiver.url,
                EventTypeList="ALL",
                AuthSwitch="on",
                AuthKey=_CALLBACK_KEY,
            )
            told(receiver.url)

    def _upload(self) -> None:
        with self._step("CreateUploadVideo", "api.log") as told:
            created = self._vod.call(
                "CreateUploadVideo",
                Title="Demo clip",
                FileName=self._clip.name,
                FileSize=self._clip.stat().st_size,
                TemplateGroupId=DEFAULT_TRANSCODE_GROUP_ID,
            )
            self._video_id = created["VideoId"]
            told(f"VideoId {self._video_id}")
        with self._step("upload with the issued credential", "emulator.log", "api.log") as told:
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
            storage.upload_file(str(self._clip), address["Bucket"], address["FileName"])
            told(f"{address['FileName']}, until {auth['ExpireUTCTime']}")

    def _wait_until_normal(self) -> None:
        logs = ("storage-events.log", "jobs-*.log")
        with self._step("wait until the video is Normal", *logs) as told:
            seen: list[str] = []

            def is_normal() -> bool:
                video = self._vod.call("GetVideoInfo", VideoId=self._video_id)["Video"]
                if video["Status"] not in seen:
                    seen.append(video["Status"])
                if video["Status"].endswith("Fail"):
                    raise StepFailed(f"the video's status is {video['Status']}")
                return bool(video["Status"] == "Normal")

            _wait(is_normal, lambda: f"the video went {' -> '.join(seen)} and no further")
            told(" -> ".join(seen))

    def _show_source(self) -> None:
        with self._step("GetMezzanineInfo", "api.log") as told:
            source = self._vod.call("GetMezzanineInfo", VideoId=self._video_id)["Mezzanine"]
            if (int(source["Width"]), int(source["Height"])) != (1280, 720):
                raise StepFailed(f"the source is said to be {source['Width']}x{source['Height']}")
            told(
                f"{source['Width']}x{source['Height']}, {float(source['Duration']):.2f} s, "
                f"{float(source['Fps']):g} fps, {float(source['Bitrate']):g} kbit/s"
            )

    def _await_callbacks(self, receiver: Receiver) -> None:
        with self._step("receive the callbacks", "deliveries.log", "jobs-*.log") as told:

            def missing() -> frozenset[str]:
                return _EVENTS - {callback.event["EventType"] for callback in receiver.received}

            _wait(lambda: not missing(), lambda: f"still missing: {', '.join(sorted(missing()))}")
            for callback in receiver.received:
                if not callback.is_authentic:
                    raise StepFailed(f"{callback.event['EventType']} has a wrong signature")
                if callback.event.get("Status", "success") != "success":
                    raise StepFailed(f"a callback tells of a failure: {callback.event}")
            told(f"{len(receiver.received)}, of all {len(_EVENTS)} types")

    def _play_info_by_credential(self) -> str:
        with self._step("GetVideoPlayAuth", "api.log") as told:
            answer = self._vod.call("GetVideoPlayAuth", VideoId=self._video_id)
            credential = _decoded(answer["PlayAuth"])
            told(f"for {answer['VideoMeta']['Title']!r}")
        with self._step("GetPlayInfo with nothing but that", "api.log") as told:
            player = VodClient(
                self._stack.info["api_url"],
                credential["AccessKeyId"],
                credential["AccessKeySecret"],
                credential["SecurityToken"],
            )
            played = player.call(
                "GetPlayInfo",
                VideoId=credential["VideoMeta"]["VideoId"],
                AuthInfo=credential["AuthInfo"],
            )
            streams = played["PlayInfoList"]["PlayInfo"]
            told(", ".join(f"{s['Definition']} {s['Format']}" for s in streams))
        self._report.table("Streams", _stream_rows(streams))
        urls = [stream["PlayURL"] for stream in streams if stream["Format"] == "m3u8"]
        if not urls:
            raise StepFailed("there is no HLS stream")
        return str(urls[0])

    @staticmethod
    def _callback_rows(receiver: Receiver) -> list[tuple[str, ...]]:
        return [
            (
                callback.event["EventType"],
                callback.event["EventTime"],
                " ".join(str(callback.event.get(name, "")) for name in ("Definition", "Format")),
            )
            for callback in receiver.received
        ]


def _stream_rows(streams: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            f"{stream['Definition']} {stream['Format']}",
            f"{stream['Width']}x{stream['Height']}",
            f"{stream['Fps']} fps",
            f"{stream['Bitrate']} kbit/s",
            f"{stream['Duration']} s",
            f"{int(stream['Size']) / 1000:.0f} kB",
        )
        for stream in streams
    ]


def _decoded(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.b64decode(text))
    return document


def _wait(condition: Callable[[], bool], complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise StepFailed(f"{complaint()} within {_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)
