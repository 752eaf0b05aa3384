"""The emulator's guard, and what is kept of its state."""

import json
from pathlib import Path

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from local.emulator import Emulator
from local.emulator_server import is_refused
from local.layout import Layout
from tests.stack_fixture import Stack

VITAL = ("cloudformation.json", "iam.json", "kms.json", "s3.json", "sqs.json")


def test_nobody_wipes_or_configures_the_emulator_through_its_port(stack: Stack) -> None:
    endpoint = stack.info["s3_endpoint"]
    for path in ("/_ministack/reset", "/_ministack/config", "/_localstack/state/reset"):
        assert requests.post(endpoint + path, json={}, timeout=5).status_code == 403
    assert requests.get(f"{endpoint}/_ministack/health", timeout=5).status_code == 200
    stack.aws("s3").head_bucket(Bucket=stack.bucket)


@pytest.mark.parametrize("key_id", ["test", "123456789012", "000000000000"])
def test_the_keys_everybody_knows_open_nothing(stack: Stack, key_id: str) -> None:
    sqs = boto3.client(
        "sqs",
        endpoint_url=stack.info["s3_endpoint"],
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key="test",
    )
    with pytest.raises(ClientError) as refused:
        sqs.list_queues()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("path", "query", "authorization"),
    [
        ("/_ministack/reset", "", ""),
        ("/_ministack//reset", "", ""),
        ("/bucket/key", "X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", ""),
        ("/bucket/key", "x-amz-credential=123456789012/20260101/us-east-1/s3/aws4_request", ""),
        ("/bucket/key", "AWSAccessKeyId=test&Signature=x&Expires=1", ""),
        ("/", "", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request"),
        ("/", "", "AWS4-HMAC-SHA256  Credential=000000000000/20260101/us-east-1/sqs/aws4"),
        ("/bucket/key", "", "AWS test:signature"),
    ],
)
def test_every_way_to_name_a_well_known_key_is_refused(
    path: str, query: str, authorization: str
) -> None:
    assert is_refused(path, query, authorization)


@pytest.mark.parametrize(
    ("path", "query", "authorization"),
    [
        ("/_ministack/health", "", ""),
        ("/bucket/test", "X-Amz-Credential=ASIATEST%2F20260101%2Fus-east-1%2Fs3", ""),
        ("/", "", "AWS4-HMAC-SHA256 Credential=AKIAtest/20260101/us-east-1/sqs/aws4_request"),
    ],
)
def test_other_requests_pass_the_guard(path: str, query: str, authorization: str) -> None:
    assert not is_refused(path, query, authorization)


def write_state(directory: Path, mark: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in VITAL:
        (directory / name).write_text(json.dumps({"mark": mark}))


def make(tmp_path: Path) -> tuple[Emulator, Path]:
    layout = Layout(tmp_path, 1)
    layout.create()
    return Emulator(layout), layout.emulator


def test_a_damaged_or_missing_state_file_comes_back_from_the_copy(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    write_state(place / "state", "settled")
    emulator.settle("print")
    write_state(place / "state", "newer")
    (place / "state" / "kms.json").write_text('{"mark": "ne')
    (place / "state" / "sqs.json").unlink()
    emulator.prepare()
    marks = {name: json.loads((place / "state" / name).read_text())["mark"] for name in VITAL}
    assert marks == {
        "cloudformation.json": "newer",
        "iam.json": "newer",
        "kms.json": "settled",
        "s3.json": "newer",
        "sqs.json": "settled",
    }
    assert emulator.settled_fingerprint() == "print"


def test_a_change_that_was_broken_off_is_undone(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    write_state(place / "state", "settled")
    emulator.settle("print")
    emulator.begin_change()
    write_state(place / "state", "half changed")
    emulator.prepare()
    for name in VITAL:
        assert json.loads((place / "state" / name).read_text()) == {"mark": "settled"}
    # Told once: what is saved after this start is to be kept again.
    write_state(place / "state", "later")
    emulator.prepare()
    assert json.loads((place / "state" / "sqs.json").read_text()) == {"mark": "later"}


def test_a_first_change_that_was_broken_off_begins_anew(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    emulator.begin_change()
    write_state(place / "state", "half made")
    emulator.prepare()
    assert not (place / "state").exists()
    assert emulator.settled_fingerprint() == ""


@pytest.mark.parametrize("left", ["settled.old", "settled"])
def test_there_is_a_whole_copy_whenever_the_settling_breaks_off(tmp_path: Path, left: str) -> None:
    emulator, place = make(tmp_path)
    write_state(place / "state", "settled")
    emulator.settle("print")
    (place / "settled").rename(place / left)
    (place / "settled.new").mkdir()
    (place / "state" / "kms.json").unlink()
    emulator.prepare()
    assert json.loads((place / "state" / "kms.json").read_text()) == {"mark": "settled"}
    assert emulator.settled_fingerprint() == "print"


def test_a_state_whose_copy_was_deleted_is_kept_and_copied(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    write_state(place / "state", "all there is")
    emulator.prepare()
    (place / "state" / "kms.json").write_text("")
    emulator.prepare()
    assert json.loads((place / "state" / "kms.json").read_text()) == {"mark": "all there is"}


def test_objects_without_any_state_step_aside_and_come_back(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    clip = place / "objects" / "123456789012" / "bucket" / "a" / "clip.mp4"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"the only copy")
    emulator.prepare()
    assert not clip.exists()
    # Killed here, before anything was settled: the same again.
    emulator.prepare()
    write_state(place / "state", "made anew")
    emulator.settle("print")
    assert clip.read_bytes() == b"the only copy"


def test_an_object_is_never_overwritten_by_one_that_comes_back(tmp_path: Path) -> None:
    emulator, place = make(tmp_path)
    kept = place / "kept-objects" / "123456789012" / "bucket" / "clip.mp4"
    newer = place / "objects" / "123456789012" / "bucket" / "clip.mp4"
    for path, content in ((kept, b"old"), (newer, b"new")):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    write_state(place / "state", "any")
    emulator.settle("print")
    assert newer.read_bytes() == b"new"
    assert kept.read_bytes() == b"old"
