"""What the logs of all stacks of the session hold, after everything else has run."""

import re
from pathlib import Path

from tests import clips
from tests.e2e.callbacks import Callbacks
from tests.sdk.customer import TRANSCODE, Customer, decoded
from tests.stack_fixture import known_secrets, log_folders

# How secrets look that no test has seen: in URLs, headers and JSON.
FORBIDDEN = re.compile(
    r"X-Amz-(Signature|Credential|Security-Token)=|auth_key=\d|Signature=[\w%/+]{16}"
    r"|(Secret(Access)?Key|AccessKeySecret|SecurityToken|SessionToken)[\"']?\s*[:=]\s*[\"']?\w{8}"
    r"|x-acs-security-token|Authorization:",
    re.IGNORECASE,
)


def test_no_secret_is_in_any_log(customer: Customer, callbacks: Callbacks) -> None:
    del callbacks  # subscribed, so that its key is used
    video_id = customer.upload(clips.make("silent_video"), TRANSCODE)
    customer.wait(video_id)
    for stream in customer.streams(video_id, OutputType="oss").values():
        known_secrets.add(stream["PlayURL"].split("?")[1])
    for stream in customer.streams(video_id).values():
        known_secrets.add(stream["PlayURL"].split("?")[1])
    text = customer.call("GetVideoPlayAuth", VideoId=video_id)["PlayAuth"]
    content = decoded(text)
    known_secrets.update((text, content["AccessKeySecret"], content["SecurityToken"]))
    assert len(known_secrets) > 10
    found: list[str] = []
    lines = 0
    for log in (file for folder in log_folders for file in log_files(folder)):
        for line in log.read_text("utf-8", errors="replace").splitlines():
            lines += 1
            if FORBIDDEN.search(line) or any(secret in line for secret in known_secrets):
                found.append(f"{log}: {line[:300]}")
    assert found == []
    # The logs are these: they tell of this very upload.
    assert lines > 100
    told = (customer.stack.logs / "storage-events.log").read_text()
    assert video_id in told


def log_files(folder: Path) -> list[Path]:
    """Those in use and those that a restart has put aside, and the stack's own output."""
    return [*(path for path in folder.rglob("*") if path.is_file()), folder.parent / "up.log"]
