"""A customer's app: it calls the API through an official SDK and uploads with boto3."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from chalicelib.processing.built_in_groups import DEFAULT_TRANSCODE_GROUP_ID
from tests.sdk.driver import Sdk
from tests.stack_fixture import Stack, known_secrets

TRANSCODE = DEFAULT_TRANSCODE_GROUP_ID
NO_TRANSCODE = "VOD_NO_TRANSCODE"

_MEBIBYTE = 1024 * 1024


def decoded(text: str) -> dict[str, Any]:
    """The JSON in an UploadAddress, UploadAuth or PlayAuth."""
    content: dict[str, Any] = json.loads(base64.b64decode(text))
    return content


@dataclass(frozen=True)
class Upload:
    """What CreateUploadVideo and RefreshUploadVideo give, taken apart as the guide says."""

    video_id: str
    address: dict[str, str]
    auth: dict[str, str]

    @property
    def key(self) -> str:
        return self.address["FileName"]

    def s3(self) -> Any:
        """An S3 client that has the upload credential and nothing else."""
        return boto3.client(
            "s3",
            endpoint_url=self.address["Endpoint"],
            region_name=self.auth["Region"],
            aws_access_key_id=self.auth["AccessKeyId"],
            aws_secret_access_key=self.auth["AccessKeySecret"],
            aws_session_token=self.auth["SecurityToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def send(self, path: Path, key: str | None = None) -> None:
        """Upload a file; what is larger than 8 MiB goes in parts."""
        parts = TransferConfig(multipart_threshold=8 * _MEBIBYTE, multipart_chunksize=8 * _MEBIBYTE)
        self.s3().upload_file(str(path), self.address["Bucket"], key or self.key, Config=parts)

    def put(self, body: bytes, key: str | None = None) -> None:
        """Upload a few bytes in a single request."""
        self.s3().put_object(Bucket=self.address["Bucket"], Key=key or self.key, Body=body)


class Customer:
    """One account's app on one stack, with one SDK."""

    def __init__(self, stack: Stack, sdk: Sdk) -> None:
        self.stack = stack
        self.sdk = sdk

    def call(
        self,
        action: str,
        *,
        credentials: dict[str, str] | None = None,
        product: str = "vod",
        method: str | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """One action; raises ApiFailure. Without credentials: with the account's own key."""
        return self.sdk.call(
            self.stack.endpoint,
            credentials or self.stack.credentials,
            action,
            parameters,
            product=product,
            method=method,
        )

    def create(
        self, file_name: str, group: str = TRANSCODE, title: str = "A clip", **more: Any
    ) -> Upload:
        return self._upload(
            self.call(
                "CreateUploadVideo", Title=title, FileName=file_name, TemplateGroupId=group, **more
            )
        )

    def refresh(self, video_id: str) -> Upload:
        return self._upload(self.call("RefreshUploadVideo", VideoId=video_id))

    def upload(self, path: Path, group: str = TRANSCODE, **more: Any) -> str:
        """Create and upload; returns the video's id."""
        grant = self.create(more.pop("file_name", path.name), group, **more)
        grant.send(path)
        return grant.video_id

    def video(self, video_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetVideoInfo", VideoId=video_id)["Video"]
        return found

    def wait(self, video_id: str, status: str = "Normal", seconds: float = 90) -> dict[str, Any]:
        """Poll until the video has the status; fails at once when it ends in another one."""

        def ended() -> dict[str, Any] | None:
            video = self.video(video_id)
            return video if video["Status"] in ("Normal", "TranscodeFail") else None

        video = self.stack.until(f"{video_id} becomes {status}", ended, seconds)
        assert video["Status"] == status, f"{video}\n{self.stack.logs_tail()}"
        return video

    def streams(self, video_id: str, **wishes: Any) -> dict[str, dict[str, Any]]:
        """GetPlayInfo's streams by format."""
        found = self.call("GetPlayInfo", VideoId=video_id, **wishes)["PlayInfoList"]["PlayInfo"]
        return {stream["Format"]: stream for stream in found}

    def wait_for_covers(self, video_id: str) -> list[str]:
        """Snapshots are taken beside the transcode and may come after it."""
        return self.stack.until(
            f"{video_id} has covers", lambda: self.video(video_id)["Snapshots"]["Snapshot"]
        )

    @staticmethod
    def _upload(result: dict[str, Any]) -> Upload:
        auth = decoded(result["UploadAuth"])
        known_secrets.update((result["UploadAuth"], auth["AccessKeySecret"], auth["SecurityToken"]))
        return Upload(result["VideoId"], decoded(result["UploadAddress"]), auth)
