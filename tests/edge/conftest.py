"""One video with a stream of every kind, and play domains with limits of every kind.

The edge is used over HTTP alone, as viewers use it. Domains are told apart by the Host header.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import boto3
import pytest
import requests

from chalicelib.identity import master_keys
from chalicelib.playback import domains
from chalicelib.processing.built_in_groups import DEFAULT_TRANSCODE_GROUP_ID
from chalicelib.settings import settings
from chalicelib.store import aws, database
from local.__main__ import main
from local.vod_client import VodClient
from tests import clips
from tests.sdk.customer import decoded
from tests.stack_fixture import Stack, known_secrets, shared_stack

KMS = "2016-01-20"
OWN = "2026-11-01"
_ENCRYPTED = {
    "TemplateName": "encrypted",
    "Definition": "LD",
    "Video": {"Codec": "H.264", "Bitrate": 400, "Fps": 25},
    "Audio": {"Codec": "AAC", "Bitrate": 64},
    "Container": {"Format": "m3u8"},
    "MuxConfig": {"Segment": {"Duration": 2}},
    "EncryptSetting": {"EncryptType": "AliyunVoDEncryption"},
}
# Each has one limit, so that a refusal has one reason.
_DOMAINS = {
    "open.test": ["--signed", "no"],
    "short.test": ["--validity", "60"],
    "referer.test": ["--referer", "allow:example.com,*.partner.*", "--empty-referer", "no"],
    "no-referer.test": ["--referer", "deny:bad.example"],
    "site.test": ["--referer", "allow:page.test", "--empty-referer", "no"],
    "open-site.test": ["--signed", "no", "--referer", "allow:page.test", "--empty-referer", "no"],
    "open-address.test": ["--signed", "no", "--address", "allow:127.0.0.2"],
    "agent.test": ["--agent", "deny:*curl/*,BadBot*"],
    "address.test": ["--address", "allow:127.0.0.0/30,2001:db8::/32"],
    "no-address.test": ["--address", "deny:203.0.113.0/24", "--address-from", "both"],
    "forwarded.test": ["--address", "allow:198.51.100.7", "--address-from", "forwarded"],
    "twice.test": ["--openings", "2"],
    "alone.test": ["--addresses", "1"],
}


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return shared_stack(request.config, tmp_path_factory)


@contextmanager
def operating(stack: Stack) -> Iterator[None]:
    """This process as an operator's, until the end of the block."""
    with mock.patch.dict(os.environ):
        _forget()
        yield
    _forget()


def operate(stack: Stack, *arguments: str) -> None:
    """One command of ``python -m local play-domains``."""
    command = ["play-domains", "--data", str(stack.process.data), *arguments]
    assert main(command) == 0


def _forget() -> None:
    settings.cache_clear()
    database.close()
    master_keys.forget()
    domains.forget()
    for client in (aws.kms, aws.sqs):
        client.cache_clear()


@dataclass(frozen=True)
class Viewer:
    """Somebody at one address who asks the edge for URLs of a play domain."""

    edge: str
    domain: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = ""

    def get(self, url: str, method: str = "GET", **headers: str) -> requests.Response:
        """Open a URL, or a path, on this viewer's domain."""
        path = url.partition("://")[2].partition("/")[2] if "://" in url else url.lstrip("/")
        named = {"Host": self.domain} if self.domain else {}
        with requests.Session() as session:
            if self.address:
                session.mount("http://", _From(self.address))
            return session.request(
                method,
                f"{self.edge}/{path}",
                headers={**named, **self.headers, **headers},
                timeout=20,
                allow_redirects=False,
            )


class _From(requests.adapters.HTTPAdapter):
    """Connects from one address of this machine: all of 127.0.0.0/8 are."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


@dataclass(frozen=True)
class Film:
    """The video: plain HLS and MP4, and HLS under both encryptions."""

    stack: Stack
    vod: VodClient
    video_id: str
    ciphertext: str

    def url(self, encryption: str = "Unencrypted", form: str = "m3u8", **wishes: Any) -> str:
        """A play URL from GetPlayInfo; members of PlayConfig go in as ``config``."""
        config = {"EncryptType": encryption, **wishes.pop("config", {})}
        result = {"ResultType": "Multiple"} if encryption == "AliyunVoDEncryption" else {}
        vod = wishes.pop("vod", self.vod)

        def ask() -> str:
            answer = vod.call(
                "GetPlayInfo",
                VideoId=self.video_id,
                Formats=form,
                PlayConfig=json.dumps(config),
                **result,
                **wishes,
            )
            return str(answer["PlayInfoList"]["PlayInfo"][-1]["PlayURL"])

        name = config.get("PlayDomain")
        if name not in _DOMAINS or "OutputType" in wishes:
            return ask()
        # The API looks for new domains every 30 s; other tests may have made it look just before.
        known = f"http://{name}:"
        return self.stack.until(
            f"the API knows {name}", lambda: url if (url := ask()).startswith(known) else ""
        )

    def token(self, **wishes: Any) -> str:
        """An MtsHlsUriToken."""
        answer = self.vod.call("IssueHlsUriToken", Version=OWN, VideoId=self.video_id, **wishes)
        known_secrets.add(answer["MtsHlsUriToken"])
        return str(answer["MtsHlsUriToken"])

    def session(self) -> VodClient:
        """A player that has nothing but a play credential."""
        content = decoded(self.vod.call("GetVideoPlayAuth", VideoId=self.video_id)["PlayAuth"])
        names = ("AccessKeyId", "AccessKeySecret", "SecurityToken")
        known_secrets.update(content[name] for name in names[1:])
        return VodClient(self.vod.url, *(content[name] for name in names))


@pytest.fixture(scope="session")
def film(stack: Stack) -> Film:
    info = stack.info
    vod = VodClient(info["api_url"], info["access_key_id"], info["access_key_secret"])
    created = vod.call(
        "CreateUploadVideo", Title="film", FileName="film.mp4", TemplateGroupId="VOD_NO_TRANSCODE"
    )
    address, auth = decoded(created["UploadAddress"]), decoded(created["UploadAuth"])
    boto3.client(
        "s3",
        endpoint_url=address["Endpoint"],
        region_name=auth["Region"],
        aws_access_key_id=auth["AccessKeyId"],
        aws_secret_access_key=auth["AccessKeySecret"],
        aws_session_token=auth["SecurityToken"],
    ).upload_file(str(clips.make("silent_video")), address["Bucket"], address["FileName"])
    video_id = created["VideoId"]
    stack.until("the film is there", lambda: _status(vod, video_id) == "Normal")
    key = vod.call("GenerateDataKey", Version=KMS, KeyId="alias/acs/vod", KeySpec="AES_128")
    known_secrets.add(key["Plaintext"])
    group = vod.call(
        "AddTranscodeTemplateGroup",
        Name="encrypted",
        TranscodeTemplateList=json.dumps([_ENCRYPTED]),
    )["TranscodeTemplateGroupId"]
    config = {
        "CipherText": key["CiphertextBlob"],
        "DecryptKeyUri": f"{info['play_url']}/keys/hls?CipherText={key['CiphertextBlob']}",
        "KeyServiceType": "KMS",
    }
    tasks = [
        vod.call("SubmitTranscodeJobs", VideoId=video_id, **wishes)["TranscodeTaskId"]
        for wishes in (
            {"TemplateGroupId": DEFAULT_TRANSCODE_GROUP_ID},
            {"TemplateGroupId": group},
            {"TemplateGroupId": group, "EncryptConfig": json.dumps(config)},
        )
    ]
    for task in tasks:
        stack.until("a transcode ends", lambda t=task: _succeeded(vod, t))
    return Film(stack, vod, video_id, key["CiphertextBlob"])


def _status(vod: VodClient, video_id: str) -> str:
    return str(vod.call("GetVideoInfo", VideoId=video_id)["Video"]["Status"])


def _succeeded(vod: VodClient, task_id: str) -> bool:
    task = vod.call("GetTranscodeTask", TranscodeTaskId=task_id)["TranscodeTask"]
    assert task["TaskStatus"] in ("Processing", "Partial", "CompleteAllSucc"), task
    return bool(task["TaskStatus"] == "CompleteAllSucc")


@pytest.fixture(scope="session")
def play_domains(stack: Stack) -> None:
    """Makes all domains and waits until the edge knows them."""
    with operating(stack):
        for name, options in _DOMAINS.items():
            operate(stack, "set", name, *options)
    last = Viewer(stack.info["play_url"], list(_DOMAINS)[-1])
    stack.until("the edge knows the domains", lambda: "play domain" not in last.get("/x").text)


@pytest.fixture
def viewer(stack: Stack) -> Viewer:
    """A viewer on the default domain."""
    return Viewer(stack.info["play_url"])
