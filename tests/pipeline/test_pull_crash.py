"""A puller that is killed half-way: the next one goes on where it was, and nothing is lost."""

import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import boto3
import pytest

from chalicelib import ingest
from chalicelib.ingest import pull_transfer
from chalicelib.settings import settings
from chalicelib.store import database
from chalicelib.store.pulls import Pull, PullState
from tests import sources
from tests.pipeline.library import event_types, media_row
from tests.pipeline.pulling import state, submit
from tests.sources import SourceServer, serving_sources

_PART = 8 * 1024 * 1024
_BODY = array("I", range(5 * 1024 * 1024)).tobytes()  # 20 MiB: two parts and a half
_PROJECT = Path(__file__).parents[2]
_CHILD = "import sys; from chalicelib import ingest; ingest.run_pull(sys.argv[1])"


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving_sources() as running:
        yield running


def _hanging_after(server: SourceServer, size: int, reached: threading.Event) -> sources.Answer:
    """The file up to a byte, and then silence."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(_BODY)))
        handler.send_header("ETag", '"v1"')
        handler.end_headers()
        handler.wfile.write(_BODY[:size])
        handler.wfile.flush()
        reached.set()
        server.released.wait(60)

    return answer


def _lease_ends(pull: Pull) -> None:
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE url_pull SET due_at = created_at WHERE job_id = %(job_id)s",
            job_id=pull.job_id,
        )
    )


def _parts(pull: Pull) -> list[int]:
    """The sizes of the parts that the store has of the pull's upload in progress."""
    key = f"upload/{pull.media_id}/original.mp4"
    s3, where = boto3.client("s3"), {"Bucket": settings().media_bucket, "Key": key}
    begun = state(pull).multipart_id
    return [p["Size"] for p in s3.list_parts(**where, UploadId=begun).get("Parts", [])]


def _wait_for(child: "subprocess.Popen[bytes]", reached: threading.Event) -> None:
    while not reached.wait(0.1):
        assert child.poll() is None, "the puller ended by itself"


def test_a_killed_puller_is_gone_on_with_from_its_last_part(
    account_id: str, server: SourceServer
) -> None:
    reached = threading.Event()
    server.answers["/long.mp4"] = _hanging_after(server, 2 * _PART + 1000, reached)
    (pull,) = submit(account_id, server.url("/long.mp4"))
    child = subprocess.Popen([sys.executable, "-c", _CHILD, pull.job_id], cwd=_PROJECT)
    try:
        _wait_for(child, reached)
        while len(_parts(pull)) < 2:
            assert child.poll() is None
    finally:
        child.kill()
        child.wait(10)
    held = state(pull)
    assert (held.state, held.lease_owner != "") == (PullState.DOWNLOADING, True)
    assert _parts(pull) == [_PART, _PART]
    server.answers["/long.mp4"] = sources.file(_BODY)
    # Nobody else may have it before the dead one's lease has ended.
    assert ingest.run_pull(pull.job_id) is False
    _lease_ends(pull)
    assert ingest.revive_pulls() >= 1
    assert ingest.run_pull(pull.job_id) is True
    assert server.ranges("/long.mp4") == ["", f"bytes={2 * _PART}-"]
    assert state(pull).state is PullState.SUCCEEDED
    stored = boto3.client("s3").get_object(
        Bucket=settings().media_bucket, Key=media_row(pull.media_id)["source_key"]
    )
    assert stored["Body"].read() == _BODY
    assert event_types(pull.media_id).count("url_upload_complete") == 1


@pytest.mark.parametrize("dies_at", ["complete", "_succeed"])
def test_a_puller_that_dies_around_the_end_of_its_upload(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    """Before the parts become the object, and after: the next one brings it to its end."""

    class Died(BaseException):
        """As a kill does: nothing of the puller's own runs after it."""

    def die(*_: object) -> None:
        raise Died

    server.answers["/end.mp4"] = sources.file(_BODY[:1000])
    (pull,) = submit(account_id, server.url("/end.mp4"))
    place = pull_transfer.multipart if dies_at == "complete" else ingest.puller
    with monkeypatch.context() as patch:
        patch.setattr(place, dies_at, die)
        with pytest.raises(Died):
            ingest.run_pull(pull.job_id)
    _lease_ends(pull)
    ingest.revive_pulls()
    assert ingest.run_pull(pull.job_id) is True
    assert state(pull).state is PullState.SUCCEEDED
    assert server.ranges("/end.mp4") == [""]
    assert event_types(pull.media_id).count("url_upload_complete") == 1
    assert media_row(pull.media_id)["generation"] == 1
