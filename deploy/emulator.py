"""An emulated AWS account and a PostgreSQL of its own, for as long as a block runs."""

import contextlib
import http.client
import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.errors import DeployError
from deploy.stages import PROJECT
from local import postgres
from local.files import tail
from local.layout import AWS_ACCOUNT, AWS_REGION, HOST
from local.ports import free_ports

_SERVICES = "s3,sts,sqs,sns,kms,iam,cloudformation,lambda,apigateway,events,logs,"
_SERVICES += "cloudwatch,monitoring,cloudfront,cloudfront-keyvaluestore"
# What Lambda's own Python has beside the standard library.
_BROUGHT_BY_LAMBDA = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_START_SECONDS = 60.0


@contextlib.contextmanager
def emulated_account(data: Path) -> Iterator[dict[str, str]]:
    """Start both; yields the environment in which AWS's tools and the deployment find them."""
    data.mkdir(parents=True, exist_ok=True)
    with _database(data / "postgres") as url, _aws(data) as variables:
        yield {**variables, "OPENVOD_DATABASE_URL": url}


@contextlib.contextmanager
def _database(data: Path) -> Iterator[str]:
    if _postgres_step("initialise", data).wait(120):
        raise DeployError("initdb failed")
    postgres.scratch(data).rename(data)
    server = _postgres_step("serve", data, os.getpid())
    try:
        _await(lambda: postgres.is_ready(data), server, "PostgreSQL")
        postgres.create_database(data)
        yield postgres.database_url(data)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _postgres_step(step: str, *arguments: object) -> "subprocess.Popen[bytes]":
    """A step of ``local.postgres``, which replaces its process, in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from local import postgres;"
        f"postgres.{step}(Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextlib.contextmanager
def _aws(data: Path) -> Iterator[dict[str, str]]:
    port = free_ports()
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIA" + secrets.token_hex(8).upper(),
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "AWS_REGION": AWS_REGION,
        "AWS_DEFAULT_REGION": AWS_REGION,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    own = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
    log = data / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.emulator_server"],
            cwd=PROJECT,
            env=own
            | {name: variables[name] for name in variables if name != "AWS_ENDPOINT_URL"}
            | {
                "AUTH": "true",
                "SERVICES": _SERVICES,
                "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": HOST,
                "MINISTACK_ACCOUNT_ID": AWS_ACCOUNT,
                "MINISTACK_REGION": AWS_REGION,
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "OPENVOD_BARE_PYTHON": str(bare_python(data / "runtime")),
                "TMPDIR": str(_made(data / "tmp")),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await(lambda: _answers(port), process, "the AWS emulator", log)
        yield variables
    finally:
        # The functions that still run are in the emulator's process group.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.wait(15)


def _is_foreign(name: str) -> bool:
    return name.startswith(("AWS_", "OPENVOD_")) or name in ("PYTHONPATH", "VIRTUAL_ENV")


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def bare_python(folder: Path) -> Path:
    """A Python with what Lambda's has, and nothing of this environment's else."""
    venv.create(folder, symlinks=True, with_pip=False)
    packages = next((folder / "lib").glob("python*/site-packages"))
    for name in _BROUGHT_BY_LAMBDA:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise DeployError(f"the package {name} is missing: run `make setup`")
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (packages / source.name).symlink_to(source)
    return folder / "bin" / "python"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _await(
    ready: Callable[[], bool],
    process: "subprocess.Popen[bytes]",
    what: str,
    log: Path | None = None,
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DeployError(f"{what} did not start\n{tail(log) if log else ''}".rstrip())
        time.sleep(0.05)
