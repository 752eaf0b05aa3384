"""A running stack: what it tells, what listens, and that every process has its own role."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import requests
from botocore.exceptions import ClientError

from local.layout import PROJECT
from tests.stack.conftest import RoleClient
from tests.stack_fixture import Stack

PROFILES = ("api", "storage-events", "media-worker", "deliveries", "puller", "timers")


def data_of(stack: Stack) -> Path:
    return Path(stack.info["logs"]).parent


def up(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "local", "up", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_the_stack_file_tells_what_a_client_needs_and_is_private(stack: Stack) -> None:
    path = data_of(stack) / "stack.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    info = json.loads(path.read_text())
    for name in ("api_url", "s3_endpoint", "account_id", "access_key_id", "access_key_secret"):
        assert info[name]
    assert {"supervisor", "emulator", "postgres", "api", "timers"} <= set(info["pids"])
    assert requests.get(f"{info['api_url']}/health", timeout=5).status_code == 200


def test_only_the_owner_can_look_into_the_data(stack: Stack) -> None:
    data = data_of(stack)
    for path in (data, data / "logs", data / "emulator", data / "postgres"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (data / "aws-config.ini", data / "emulator" / "root-key.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_listens_beyond_this_machine_and_the_database_on_no_port(stack: Stack) -> None:
    listening = set()
    for pid in stack.info["pids"].values():
        for connection in psutil.Process(pid).net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                listening.add(connection.laddr)
    assert listening == {("127.0.0.1", stack.port + number) for number in range(3)}


def test_the_database_has_the_collation_of_dsql_and_the_schema(stack: Stack) -> None:
    with psycopg.connect(stack.info["database_url"]) as connection:
        row = connection.execute(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        assert row == ("C", "UTF8")
        versions = connection.execute("SELECT count(*) FROM schema_version").fetchone()
        assert versions == (1,)


def test_the_bucket_tells_its_queue_about_every_object(stack: Stack) -> None:
    found = stack.aws("s3").get_bucket_notification_configuration(Bucket=stack.bucket)
    (configuration,) = found["QueueConfigurations"]
    assert configuration["Events"] == ["s3:ObjectCreated:*"]
    assert configuration["QueueArn"].endswith(":openvod-local-storage-events")


def test_a_browser_on_any_site_may_upload_and_play(stack: Stack) -> None:
    url = f"{stack.info['s3_endpoint']}/{stack.bucket}/some/object.mp4"
    for method in ("GET", "PUT", "POST", "HEAD"):
        answer = requests.options(
            url,
            headers={
                "Origin": "http://player.example",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,x-amz-date",
            },
            timeout=5,
        )
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", "http://player.example")


def refusal(client: object, operation: str, **arguments: object) -> str:
    """The error code of a call, or nothing if it is allowed."""
    try:
        getattr(client, operation)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("profile", PROFILES)
def test_every_process_has_the_role_of_its_function(as_role: RoleClient, profile: str) -> None:
    arn = as_role(profile, "sts").get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/openvod-local-{profile}/{profile}")


@pytest.mark.parametrize("profile", PROFILES)
def test_only_workers_write_objects_and_the_puller_sources(
    stack: Stack, as_role: RoleClient, profile: str
) -> None:
    s3 = as_role(profile, "s3")
    for prefix, writers in (("tests", {"media-worker"}), ("upload", {"media-worker", "puller"})):
        key = f"{prefix}/role-{profile}"
        refused = refusal(s3, "put_object", Bucket=stack.bucket, Key=key, Body=b"x")
        assert refused == ("" if profile in writers else "AccessDenied")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_queue_is_read_by_its_own_function_alone(
    stack: Stack, as_role: RoleClient, profile: str
) -> None:
    own = {
        "storage-events": {"StorageEventsQueueUrl"},
        "media-worker": {"QuickJobsQueueUrl", "HeavyJobsQueueUrl"},
        "deliveries": {"DeliveriesQueueUrl"},
        "puller": {"PullsQueueUrl"},
    }.get(profile, set())
    client = as_role(profile, "sqs")
    for name, url in stack.info["queue_urls"].items():
        arguments = {"QueueUrl": url, "ReceiptHandle": "none", "VisibilityTimeout": 0}
        refused = refusal(client, "change_message_visibility", **arguments)
        # A handle that does not exist is as far as a function gets that may ask.
        assert (refused != "AccessDenied") == (name in own), (name, refused)


def test_no_process_was_refused_what_its_function_needs(stack: Stack) -> None:
    for log in (data_of(stack) / "logs").glob("*.log"):
        if log.name != "emulator.log":  # there the tests themselves are refused
            assert "AccessDenied" not in log.read_text(), log.name


def test_only_the_api_hands_out_upload_credentials(stack: Stack, as_role: RoleClient) -> None:
    arguments = {"RoleArn": stack.info["upload_role_arn"], "RoleSessionName": "tests"}
    for profile in PROFILES:
        refused = refusal(as_role(profile, "sts"), "assume_role", **arguments)
        assert refused == ("" if profile == "api" else "AccessDenied"), profile


def test_a_taken_port_is_one_clear_message(stack: Stack, tmp_path: Path) -> None:
    for port in (stack.port, stack.port - 2):
        done = up("--port", str(port), "--data", str(tmp_path / "data"))
        assert done.returncode == 2
        (line,) = done.stderr.strip().splitlines()
        assert f"port {stack.port}" in line
        assert f"PORT={port + 10}" in line


def test_two_stacks_cannot_share_their_data(stack: Stack) -> None:
    done = up("--port", str(stack.port + 20), "--data", str(data_of(stack)))
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert f"process {stack.info['pids']['supervisor']}" in line
    assert requests.get(f"{stack.info['api_url']}/health", timeout=5).status_code == 200
