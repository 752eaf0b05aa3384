"""Settings that cannot be read are told of when a function starts, not when they are first used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib import settings

_ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("text", ["ten", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1,,x"])
def test_networks_are_checked(text: str) -> None:
    with pytest.raises(ValueError, match="pull_private_sources"):
        settings.read({"OPENVOD_PULL_PRIVATE_SOURCES": text})


def test_networks_and_addresses_are_taken() -> None:
    text = "10.1.0.0/16, 192.168.7.3,::1/128"
    read = settings.read({"OPENVOD_PULL_PRIVATE_SOURCES": text})
    assert read.pull_private_sources == text


def test_no_function_starts_with_networks_that_cannot_be_read() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=_ROOT,
        env=os.environ | {"OPENVOD_PULL_PRIVATE_SOURCES": "ten", "AWS_DEFAULT_REGION": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "pull_private_sources" in done.stderr
