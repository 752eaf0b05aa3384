"""What a stack survives: the death of each of its processes, and of all at once."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from local.layout import PROJECT
from local.ports import free_ports
from local.vod_client import VodClient, VodError
from tests.stack_fixture import Stack, stack_of_its_own


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that tests may do anything to."""
    with stack_of_its_own(tmp_path_factory.mktemp("frail")) as stack:
        yield stack


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_healthy(stack: Stack) -> bool:
    """Whether a signed request gets through: that takes the API, the database and the KMS key."""
    client = VodClient(stack.info["api_url"], **stack.credentials)
    try:
        client.call("GetVideoInfo", VideoId="0" * 32)
    except VodError as refused:
        return "InvalidVideo.NotFound" in str(refused)
    except (requests.RequestException, ValueError):
        return False
    raise AssertionError("there is a video that nobody made")


def family(stack: Stack) -> list[int]:
    """All processes of a stack, whoever started them."""
    supervisor = psutil.Process(stack.info["pids"]["supervisor"])
    return [supervisor.pid, *(child.pid for child in supervisor.children(recursive=True))]


@pytest.mark.parametrize("name", ["api", "jobs-heavy-1", "storage-events", "timers", "postgres"])
def test_a_process_that_dies_is_started_again(frail: Stack, name: str) -> None:
    before = frail.pid(name)
    os.kill(before, signal.SIGKILL)
    until(lambda: frail.pid(name) not in (0, before), f"{name} was not started again")
    until(lambda: is_healthy(frail), "the API does not answer")
    until(lambda: database_answers(frail), "the database does not answer")


def database_answers(stack: Stack) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(stack.info["database_url"], connect_timeout=5).close()
        return True
    return False


def test_after_the_emulators_death_every_role_works_again(frail: Stack) -> None:
    before = frail.pid("emulator")
    workers = {name: frail.pid(name) for name in ("api", "storage-events", "deliveries")}
    os.kill(before, signal.SIGKILL)
    until(lambda: frail.pid("emulator") not in (0, before), "the emulator is not back")
    # Their temporary credentials died with it, so they begin anew.
    until(
        lambda: all(frail.pid(name) not in (0, pid) for name, pid in workers.items()),
        "a process kept credentials that nobody knows any more",
    )
    until(lambda: is_healthy(frail), "the API does not answer")
    frail.aws("s3").head_bucket(Bucket=frail.bucket)


def test_a_kill_of_everything_loses_neither_keys_nor_objects_nor_rows(frail: Stack) -> None:
    kms, s3 = frail.aws("kms"), frail.aws("s3")
    secret = kms.generate_data_key(KeyId=frail.info["kms_key_id"], KeySpec="AES_256")
    s3.put_object(Bucket=frail.bucket, Key="tests/a b/\u4e2d.bin", Body=b"written just before")
    with psycopg.connect(frail.info["database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS survivors (name text)")
        connection.execute("INSERT INTO survivors VALUES ('written just before')")
    keys = frail.credentials
    everything = family(frail)

    frail.process.kill()
    until(lambda: not any(runs(pid) for pid in everything), "a process survived")
    frail.start()

    assert frail.credentials == keys
    kms, s3, sqs = frail.aws("kms"), frail.aws("s3"), frail.aws("sqs")
    decrypted = kms.decrypt(CiphertextBlob=secret["CiphertextBlob"])
    assert decrypted["Plaintext"] == secret["Plaintext"]
    kept = s3.get_object(Bucket=frail.bucket, Key="tests/a b/\u4e2d.bin")
    assert kept["Body"].read() == b"written just before"
    assert [row["name"] for row in frail.rows("SELECT name FROM survivors")] == [
        "written just before"
    ]
    for url in frail.info["queue_urls"].values():
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
        assert json.loads(attributes["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    configured = s3.get_bucket_notification_configuration(Bucket=frail.bucket)
    assert configured["QueueConfigurations"]
    assert is_healthy(frail)


def test_children_end_when_the_supervisor_is_killed(frail: Stack) -> None:
    children = [pid for pid in family(frail) if pid != frail.info["pids"]["supervisor"]]
    frail.process.process.kill()
    frail.process.process.wait()
    until(lambda: not any(runs(pid) for pid in children), "a process outlived its supervisor")
    frail.start()
    assert is_healthy(frail)


def test_objects_survive_even_the_loss_of_the_emulators_state(frail: Stack) -> None:
    frail.aws("s3").put_object(Bucket=frail.bucket, Key="tests/lost.bin", Body=b"still here")
    frail.process.kill()
    emulator = Path(frail.info["logs"]).parent / "emulator"
    for name in ("state", "settled"):
        shutil.rmtree(emulator / name)
    # Keys are gone for good then, so the database, which is full of what they encrypted, too.
    shutil.rmtree(emulator.parent / "postgres")

    frail.start()
    s3 = frail.aws("s3")
    kept = s3.get_object(Bucket=frail.bucket, Key="tests/lost.bin")
    assert kept["Body"].read() == b"still here"
    assert s3.get_bucket_notification_configuration(Bucket=frail.bucket)["QueueConfigurations"]


def test_another_port_is_no_obstacle_for_old_data(frail: Stack) -> None:
    frail.stop()
    frail.start(free_ports())
    for url in frail.info["queue_urls"].values():
        assert f":{frail.port + 1}/" in url
    assert frail.info["api_url"] == f"http://127.0.0.1:{frail.port}"
    assert is_healthy(frail)


def test_a_clean_stop_leaves_nothing_behind_but_the_data(frail: Stack) -> None:
    everything = family(frail)
    data = Path(frail.info["logs"]).parent
    assert frail.process.stop() == 0
    assert not [pid for pid in everything if runs(pid)]
    assert not (data / "stack.json").exists()
    assert not (data / "processes.json").exists()
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_a_stop_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local", "up", "--data", str(tmp_path)]
    command += ["--port", str(free_ports())]
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    until((tmp_path / "processes.json").exists, "nothing was started")
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert not [child for child in children if runs(child.pid)]
