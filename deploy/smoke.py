"""The smoke test: the API answers, knows its key, and reaches its database and its secrets."""

import time

import requests

from deploy.errors import DeployError
from local.vod_client import VodClient, VodError

_PATIENCE_SECONDS = 60.0
_NO_VIDEO = "00000000000000000000000000000000"
_EXPECTED = "InvalidVideo.NotFound"
_NOBODY = "IAM.0001"


def check(url: str, key: dict[str, str]) -> None:
    """Ask for the health, without a key, and for a video that is not there; raises DeployError."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    # What was deployed just now takes a moment to be there everywhere.
    while (failure := _attempt(url, key)) and time.monotonic() < deadline:
        time.sleep(1)
    if failure:
        raise DeployError(f"the smoke test failed: {failure}")


def _attempt(url: str, key: dict[str, str]) -> str:
    """What is wrong, or nothing."""
    try:
        health = requests.get(f"{url}/health", timeout=30)
        if health.status_code != 200:
            return f"{url}/health answers {health.status_code}"
        # A tree of paths, and an error in the form of the API behind it.
        asked = requests.get(f"{url}/v3/projects", timeout=30)
        if asked.json().get("error_code") != _NOBODY:
            return f"{url}/v3/projects answers {asked.status_code} {asked.text[:200]}"
        VodClient(url, key["access_key_id"], key["access_key_secret"]).call(
            "GetVideoInfo", VideoId=_NO_VIDEO
        )
    except VodError as error:
        return "" if _EXPECTED in str(error) else f"GetVideoInfo of no video: {error}"
    except (requests.RequestException, ValueError) as error:
        return f"{url} gives no answer of the API: {type(error).__name__}"
    return "GetVideoInfo found a video that does not exist"
