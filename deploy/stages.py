"""The stages of ``.chalice/config.json``, and what the operator's environment says about one."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from deploy.errors import DeployError

PROJECT = Path(__file__).resolve().parent.parent
CONFIG = PROJECT / ".chalice" / "config.json"
APP_NAME = "openvod"
_BUCKETS = re.compile(r"[a-z0-9.*-]{1,63}")


@dataclass(frozen=True)
class Stage:
    """One deployment. ``database_url`` is a secret; empty: a DSQL cluster is made and used."""

    name: str
    folder: Path
    database_url: str
    public_url: str
    domain_name: str
    certificate_arn: str
    play_url: str
    play_domain_name: str
    play_certificate_arn: str
    alarm_topic_arn: str
    file_buckets: str
    tracing: bool
    is_emulated: bool

    @property
    def file_bucket_arns(self) -> str:
        """The same as ARNs, for the role that reaches them."""
        region = boto3.session.Session().region_name or "us-east-1"
        partition = boto3.session.Session().get_partition_for_region(region)
        names = filter(None, self.file_buckets.split(","))
        return ",".join(f"arn:{partition}:s3:::{name}" for name in names)

    @property
    def stack_name(self) -> str:
        return f"{APP_NAME}-{self.name}"

    @property
    def project(self) -> Path:
        """The folder that Chalice deploys from: the application as it is packed for this stage."""
        return self.folder / "project"

    def function_name(self, function: str) -> str:
        """The name on AWS of a function of the configuration."""
        prefix = f"{APP_NAME}-{self.name}"
        return prefix if function == "api_handler" else f"{prefix}-{function}"


def config() -> dict[str, Any]:
    """The checked-in configuration, as Chalice reads it."""
    document: dict[str, Any] = json.loads(CONFIG.read_text("utf-8"))
    return document


def stage_named(name: str) -> Stage:
    """A stage and the operator's choices for it; raises DeployError for an unknown name."""
    known = list(config()["stages"])
    if name not in known:
        raise DeployError(f"no stage {name!r}; .chalice/config.json has {', '.join(known)}")
    given = os.environ
    domain = given.get("OPENVOD_DOMAIN_NAME", "")
    if bool(domain) != bool(given.get("OPENVOD_CERTIFICATE_ARN")):
        raise DeployError("OPENVOD_DOMAIN_NAME and OPENVOD_CERTIFICATE_ARN go together; set both")
    play_names = ("OPENVOD_PLAY_DOMAIN_NAME", "OPENVOD_PLAY_CERTIFICATE_ARN")
    if bool(given.get(play_names[0])) != bool(given.get(play_names[1])):
        raise DeployError(f"{play_names[0]} and {play_names[1]} go together; set both")
    return Stage(
        name=name,
        folder=Path(given.get("OPENVOD_DEPLOY_FOLDER", PROJECT / ".deploy")) / name,
        database_url=given.get("OPENVOD_DATABASE_URL", ""),
        public_url=given.get("OPENVOD_PUBLIC_URL", "") or (f"https://{domain}" if domain else ""),
        domain_name=domain,
        certificate_arn=given.get("OPENVOD_CERTIFICATE_ARN", ""),
        play_url=given.get("OPENVOD_PLAY_URL", ""),
        play_domain_name=given.get("OPENVOD_PLAY_DOMAIN_NAME", ""),
        play_certificate_arn=given.get("OPENVOD_PLAY_CERTIFICATE_ARN", ""),
        alarm_topic_arn=given.get("OPENVOD_ALARM_TOPIC_ARN", ""),
        file_buckets=_file_buckets(given.get("OPENVOD_FILE_BUCKETS", "")),
        tracing=given.get("OPENVOD_TRACING", "off") == "on",
        is_emulated=_is_emulated(name),
    )


def _file_buckets(text: str) -> str:
    """The buckets that the operator opens for tasks on files: names, wildcards, commas between."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if not _BUCKETS.fullmatch(name):
            raise DeployError(f"OPENVOD_FILE_BUCKETS: {name!r} is no bucket's name or wildcard")
    return ",".join(names)


def _is_emulated(name: str) -> bool:
    """The stage ``local`` lives in the emulator alone, every other one on AWS alone."""
    emulated = name == "local"
    endpoint = bool(os.environ.get("AWS_ENDPOINT_URL"))
    if emulated and not endpoint:
        raise DeployError("the stage local is deployed into the emulator: use `make deploy-local`")
    if endpoint and not emulated:
        raise DeployError(
            f"AWS_ENDPOINT_URL points away from AWS; unset it to deploy the stage {name}"
        )
    return emulated
