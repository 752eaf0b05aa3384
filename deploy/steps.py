"""The deployment's steps, in their order. Each can be run again and goes on where one ended."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy import (
    after,
    chalice,
    database,
    edge,
    emulated_http,
    infrastructure,
    layer,
    project,
    smoke,
)
from deploy.errors import DeployError
from deploy.stages import CONFIG, Stage, config
from layers import limits
from layers.limits import BuildError
from local.files import write_private

T = TypeVar("T")


def up(stage: Stage, say: Callable[[str], None] = print) -> dict[str, str]:
    """Deploy a stage; returns ``api_url`` and the administrator's key. Raises DeployError."""
    region = _region_of_operator()
    archive, layer_size, _ = _timed(say, "layer", layer.build, lambda r: _word(r[2], "built"))
    outputs, _ = _timed(
        say,
        "infrastructure",
        lambda: infrastructure.apply(infrastructure.stack_of(stage)),
        lambda r: _word(r[1], f"stack {stage.stack_name} applied"),
    )
    bucket = outputs["ArtifactsBucketName"]
    layer_arn, _ = _timed(
        say,
        "layer version",
        lambda: layer.publish(stage, archive, bucket),
        lambda r: f"{r[0].rpartition(':')[2]}, {_word(r[1], 'published')}",
    )
    _timed(say, "migrations", lambda: database.migrate(stage, outputs), lambda _: "up to date")
    api = _address(stage, chalice.known_url(stage, bucket))
    variables = _variables(stage, region, outputs, _public_url(stage, api))
    size = _timed(
        say,
        "package",
        lambda: project.assemble(stage, layer_arn, outputs, variables),
        lambda size: f"libraries of {size / limits.MEGABYTE:.1f} MB",
    )
    _check_sizes(stage, layer_size, size)
    api = _timed(
        say,
        "chalice deploy",
        lambda: chalice.deploy(stage, bucket, variables),
        lambda _: "functions, triggers and routes are there",
    )
    return _finish(stage, outputs, variables, _address(stage, api), say)


def _finish(
    stage: Stage,
    outputs: dict[str, str],
    variables: dict[str, str],
    api: str,
    say: Callable[[str], None],
) -> dict[str, str]:
    if stage.is_emulated:
        api_stage = config()["api_gateway_stage"]
        emulated_http.put_routes(stage, chalice.rest_api_id(stage), api_stage, variables)
    url = _public_url(stage, api)
    playing, _ = _timed(
        say,
        "edge",
        lambda: edge.apply(stage, outputs, url),
        lambda r: _word(r[1], f"stack {stage.stack_name}-edge applied"),
    )
    late = {"OPENVOD_PUBLIC_URL": url, **playing}
    _timed(
        say,
        "settings",
        lambda: after.apply(stage, late),
        lambda changed: _word(bool(changed), f"{changed} changed"),
    )
    variables = variables | late
    key = _timed(
        say,
        "first account",
        lambda: database.first_account(variables),
        lambda k: k["access_key_id"],
    )
    write_private(stage.folder / "access-key.json", json.dumps(key))
    _timed(
        say,
        "play domains",
        lambda: edge.publish(stage, variables),
        lambda changed: _word(bool(changed), f"{changed} keys changed"),
    )
    _timed(say, "smoke test", lambda: smoke.check(api, key), lambda _: "the API answers")
    say(f"{stage.name} is deployed: {url}")
    if stage.domain_name:
        say(f"point the DNS of {stage.domain_name} at the domain name's target in API Gateway")
    if stage.play_domain_name:
        say(f"point the DNS of {stage.play_domain_name} at the distribution's name in CloudFront")
    say(f"the administrator's access key lies in {stage.folder / 'access-key.json'}")
    return {"api_url": api, **key, **outputs, "edge_store_arn": late["OPENVOD_EDGE_STORE_ARN"]}


def _region_of_operator() -> str:
    """The region to deploy to; raises DeployError where there is none, or no credentials."""
    region = boto3.session.Session().region_name
    if not region:
        raise DeployError("no AWS region is set: export AWS_REGION, or choose one in your profile")
    try:
        boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeployError(
            f"AWS does not take your credentials ({error}): export AWS_PROFILE or run `aws login`"
        ) from error
    return region


def check_operator() -> None:
    """Raise DeployError unless there are credentials and a region."""
    _region_of_operator()


def _variables(
    stage: Stage, region: str, outputs: dict[str, str], public_url: str
) -> dict[str, str]:
    """The environment of every function."""
    variables = {
        "OPENVOD_STAGE": stage.name,
        "OPENVOD_STORAGE_REGION": region,
        "OPENVOD_PUBLIC_URL": public_url,
        "OPENVOD_FILE_BUCKETS": stage.file_buckets,
        # Nothing uses pydantic's plugins; looking for them costs every cold start.
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        **infrastructure.settings_from(outputs),
    }
    if stage.tracing:
        variables["OPENVOD_TRACING"] = "on"
    if stage.database_url:
        variables["OPENVOD_DATABASE_URL"] = stage.database_url
    if stage.is_emulated:
        endpoint = str(boto3.client("s3").meta.endpoint_url)
        variables["AWS_ENDPOINT_URL"] = endpoint
        variables["OPENVOD_STORAGE_ENDPOINT"] = endpoint
        variables["OPENVOD_ALLOW_PRIVATE_CALLBACKS"] = "true"
    return variables


def variables_of(stage: Stage) -> dict[str, str]:
    """The environment that the stage was deployed with; raises DeployError if it was not."""
    path = stage.project / ".chalice" / CONFIG.name
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DeployError(f"the stage {stage.name} was not deployed from here") from error
    found: dict[str, str] = document["stages"][stage.name]["environment_variables"]
    return found


def _address(stage: Stage, chalice_url: str) -> str:
    """Where the API answers: what Chalice says, which is always on AWS, or the emulator's place."""
    if not stage.is_emulated or not chalice_url:
        return chalice_url
    endpoint = boto3.client("lambda").meta.endpoint_url
    return (
        f"{endpoint}/_aws/execute-api/{chalice.rest_api_id(stage)}/{config()['api_gateway_stage']}"
    )


def _public_url(stage: Stage, api: str) -> str:
    return (stage.public_url or api or "http://not.deployed.yet").rstrip("/")


def _check_sizes(stage: Stage, layer_size: int, libraries: int) -> None:
    own = limits.size_of(stage.project / "chalicelib")
    parts = [
        limits.Part("layer", layer_size),
        limits.Part("libraries", libraries),
        limits.Part("application", own),
    ]
    try:
        limits.check("a media function and its layer", parts)
    except BuildError as error:
        raise DeployError(str(error)) from error


def _word(changed: bool, word: str) -> str:
    return word if changed else "unchanged"


def _timed(
    say: Callable[[str], None], name: str, step: Callable[[], T], tell: Callable[[T], str]
) -> T:
    started = time.monotonic()
    try:
        result = step()
    except BuildError as error:
        raise DeployError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"{name}: {error}") from error
    say(f"  {name:<16}{time.monotonic() - started:7.1f} s   {tell(result)}")
    return result
