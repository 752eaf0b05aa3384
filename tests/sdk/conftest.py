"""The session's stack, and a customer for each official SDK."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import clips
from tests.sdk.customer import TRANSCODE, Customer
from tests.sdk.driver import Sdk
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import MpcFiles
from tests.stack_fixture import Stack, shared_stack


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return shared_stack(request.config, tmp_path_factory)


@pytest.fixture(scope="session")
def tea(stack: Stack) -> Iterator[Customer]:
    sdk = Sdk("tea")
    yield Customer(stack, sdk)
    sdk.close()


@pytest.fixture(scope="session")
def legacy(stack: Stack) -> Iterator[Customer]:
    sdk = Sdk("legacy")
    yield Customer(stack, sdk)
    sdk.close()


@pytest.fixture(scope="session")
def mpc(stack: Stack) -> Iterator[MpcCustomer]:
    sdk = Sdk("huawei")
    yield MpcCustomer(stack, sdk)
    sdk.close()


@pytest.fixture(scope="session")
def mpc_files(mpc: MpcCustomer) -> MpcFiles:
    return MpcFiles(mpc)


@pytest.fixture(params=["tea", "legacy"])
def customer(request: pytest.FixtureRequest) -> Customer:
    """Every test that asks for this runs once with each SDK."""
    found: Customer = request.getfixturevalue(request.param)
    return found


@dataclass(frozen=True)
class Library:
    """Videos that tests may read but not change."""

    film: str
    """normal_720p, transcoded with the built-in group, with covers."""
    pending: str
    """Created, never uploaded."""


@pytest.fixture(scope="session")
def library(tea: Customer) -> Library:
    extras: dict[str, Any] = {
        "Description": "A film for the tests",
        "Tags": "tests,films",
        "CateId": 1000,
    }
    film = tea.upload(clips.make("normal_720p"), TRANSCODE, title="A film", **extras)
    pending = tea.create("pending.mp4").video_id
    tea.wait(film)
    tea.wait_for_covers(film)
    return Library(film, pending)


@pytest.fixture(scope="session")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a grey picture with two tracks of sound: what is laid on it stands out."""
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    picture = ["-f", "lavfi", "-i", "color=gray:s=640x360:r=25:d=4"]
    tones = [part for f in (300, 600) for part in ("-f", "lavfi", "-i", f"sine=f={f}:r=48000:d=4")]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:a", "aac"]
    clips.ffmpeg(*picture, *tones, *maps, "-preset", "ultrafast", "-crf", "10", path)
    return path
