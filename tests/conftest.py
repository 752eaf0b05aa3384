"""The real parts that tests run against: PostgreSQL out of the wheel, MiniStack with AUTH on."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from chalicelib.identity import access_keys, master_keys, users
from chalicelib.settings import settings
from chalicelib.store import aws, database
from local import postgres
from local.migrate import migrate

ROOT_KEY_ID = "AKIAOPENVODTESTS0000"
ROOT_SECRET = "only-the-emulator-of-the-tests-knows-this"
ACCOUNT = "123456789012"
REGION = "us-east-1"


# These share one stack, and its logs are judged at the end of them all.
_ON_THE_SHARED_STACK = frozenset({"e2e", "sdk"})


class _ByFolder(LoadScopeScheduling):
    """Tests that share what takes long to start run in one process."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/")[1]
        return "the shared stack" if folder in _ON_THE_SHARED_STACK else folder


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFolder:
    return _ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest group goes first, so that it does not run alone at the end."""
    items.sort(key=lambda item: item.path.parent.name not in _ON_THE_SHARED_STACK)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database, as the embedded stack makes it."""
    data = tmp_path_factory.mktemp("postgres") / "data"
    _run_postgres("initialise", data).wait()
    postgres.scratch(data).rename(data)
    server = _run_postgres("serve", data, os.getpid())
    try:
        while not postgres.is_ready(data):
            assert server.poll() is None, "PostgreSQL does not start"
            time.sleep(0.05)
        postgres.create_database(data)
        migrate(postgres.database_url(data))
        yield postgres.database_url(data)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


@pytest.fixture(scope="session")
def ministack_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a MiniStack that checks signatures and policies.

    Sets AWS's own environment variables for the whole session, so that boto3 finds it.
    """
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "AWS_ACCESS_KEY_ID": ROOT_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
        "AWS_DEFAULT_REGION": REGION,
    }
    log = tmp_path_factory.mktemp("ministack") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "ministack")],
            env=os.environ
            | environment
            | {
                "AUTH": "true",
                "PERSIST_STATE": "0",
                "SERVICES": "s3,sqs,sns,kms,sts,iam,cloudformation",
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "IOT_MTLS_ENABLED": "0",
                "MINISTACK_ACCOUNT_ID": ACCOUNT,
                "MINISTACK_REGION": REGION,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        try:
            _wait_for(process, log)
            yield endpoint
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="session")
def kms_key_id(ministack_endpoint: str) -> str:
    """A KMS key that may wrap the master keys of the tests."""
    return boto3.client("kms").create_key(Description="openvod tests")["KeyMetadata"]["KeyId"]


@pytest.fixture
def deployment(
    database_url: str, kms_key_id: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The settings point to the database and the KMS key; nothing is cached from other tests."""
    monkeypatch.setenv("OPENVOD_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENVOD_KMS_KEY_ID", kms_key_id)
    _forget()
    yield
    _forget()


@pytest.fixture
def account_id() -> str:
    """An account of its own for one test, so that tests never see each other's rows."""
    return str(10**15 + secrets.randbelow(10**15))


def _run_postgres(step: str, *arguments: object) -> "subprocess.Popen[bytes]":
    """A step of ``local.postgres`` that replaces its process, in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from local import postgres;"
        f"postgres.{step}(Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL)


def _forget() -> None:
    settings.cache_clear()
    database.close()
    master_keys.forget()
    access_keys.forget_all()
    users.forget_all()
    aws.kms.cache_clear()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    client = boto3.client("sts", config=Config(retries={"total_max_attempts": 1}))
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            client.get_caller_identity()
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
    raise RuntimeError(f"MiniStack does not answer:\n{log.read_text()}")
