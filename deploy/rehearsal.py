"""``make deploy-local``: the whole deployment into the emulator, used as a customer would, removed.

The same steps as on AWS. Around them: a first run that is killed half-way and gone on with, a
second run that must find nothing to change, a search of the logs for secrets, and a removal that
refuses to take media along unless told to.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy import destroy, end_to_end, infrastructure, steps
from deploy.emulated_edge import edge_in_front_of
from deploy.emulator import emulated_account
from deploy.errors import DeployError
from deploy.leaks import find_leaks
from deploy.stages import PROJECT, Stage, stage_named
from local.files import tail
from local.layout import HOST
from local.ports import free_ports
from local.vod_client import VodError

# Requests, jobs and deliveries each leave some; far fewer would mean that the search sees nothing.
_FEWEST_LOG_LINES = 20
# The layer is built, the stack made and the database migrated before the first function comes.
_HALF_WAY_SECONDS = 300


def rehearse(say: Callable[[str], None] = print) -> None:
    """Run it all; raises DeployError at the first thing that is not as it should be."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="openvod-deploy-") as place:
        data = Path(place) / "data"
        say("start an emulated AWS account and a database")
        with emulated_account(data) as variables:
            before = dict(os.environ)
            _forget_operator()
            os.environ.update(variables, OPENVOD_DEPLOY_FOLDER=str(Path(place) / "deploy"))
            os.environ["OPENVOD_PLAY_URL"] = f"http://{HOST}:{free_ports()}"
            boto3.setup_default_session()
            try:
                _rehearse(data, say)
            except (DeployError, VodError, BotoCoreError, ClientError) as error:
                raise DeployError(f"{error}\n{tail(data / 'emulator.log', 25)}") from error
            finally:
                os.environ.clear()
                os.environ.update(before)
                boto3.setup_default_session()
    say(f"all of it happened in {time.monotonic() - started:.0f} s")


def _rehearse(data: Path, say: Callable[[str], None]) -> None:
    stage = stage_named("local")
    say("deploy, and kill it half-way")
    _kill_half_way(stage)
    say("deploy, from where that ended")
    deployed = steps.up(stage, say)
    say("deploy once more")
    _, changed = infrastructure.apply(infrastructure.stack_of(stage))
    if changed:
        raise DeployError("the template changes the stack although nothing was changed")
    again = steps.up(stage, say)
    if again["api_url"] != deployed["api_url"]:
        raise DeployError(f"the second deployment moved the API to {again['api_url']}")
    say("upload, transcode and play through the deployed functions and the edge")
    with edge_in_front_of(deployed, int(os.environ["OPENVOD_PLAY_URL"].rpartition(":")[2])):
        secrets = end_to_end.run(deployed, Path(data), say)
    leaks, lines = find_leaks(data / "emulator.log", {**secrets, **_own_secrets(deployed)})
    if leaks:
        raise DeployError(f"the logs hold secrets: {', '.join(leaks)}")
    if lines < _FEWEST_LOG_LINES:
        raise DeployError(f"only {lines} lines of the functions' logs were found to look through")
    say(f"  no secret, token or signed URL in {lines} lines of the functions' logs")
    _remove(stage, say)


def _kill_half_way(stage: Stage) -> None:
    """Run the deployment in a process of its own and kill it, and all it started, in the middle of
    Chalice's part: when the first function is there and the HTTP API is not."""
    command = [sys.executable, "-m", "deploy", "up", stage.name]
    with _log_of_killed(stage).open("wb") as log, _killed(command, log) as process:
        deadline = time.monotonic() + _HALF_WAY_SECONDS
        while not boto3.client("lambda").list_functions()["Functions"]:
            if process.poll() is not None or time.monotonic() > deadline:
                raise DeployError(f"no function was deployed: {tail(_log_of_killed(stage), 5)}")
            time.sleep(0.05)


def _log_of_killed(stage: Stage) -> Path:
    """Where the deployment that is to be killed writes."""
    stage.folder.mkdir(parents=True, exist_ok=True)
    return stage.folder / "killed.log"


@contextmanager
def _killed(command: list[str], log: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _own_secrets(deployed: dict[str, str]) -> dict[str, str]:
    return {
        "the administrator's key": deployed["access_key_secret"],
        "the database's URL": os.environ["OPENVOD_DATABASE_URL"],
    }


def _remove(stage: Stage, say: Callable[[str], None]) -> None:
    say("remove")
    try:
        destroy.down(stage, say)
    except DeployError as refused:
        say(f"  refused: {refused}")
    else:
        raise DeployError("a bucket with media was removed without being told so")
    os.environ[destroy.FORCE_VARIABLE] = "yes"
    destroy.down(stage, say)
    destroy.down(stage, say)


def _forget_operator() -> None:
    """Nothing of the operator's own AWS account is touched."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "OPENVOD_"))]:
        del os.environ[name]
