"""The layer: built when its recipe changed, published when its bytes did."""

import base64
import hashlib
from pathlib import Path

import boto3

from deploy.errors import DeployError
from deploy.stages import PROJECT, Stage
from layers import limits
from layers.ffmpeg import build as recipe

_ZIP = PROJECT / ".deploy" / "ffmpeg-layer.zip"
_UNPACKED_SIZE = PROJECT / ".deploy" / "ffmpeg-layer.size"


def build() -> tuple[Path, int, bool]:
    """The layer's zip, its unpacked size in bytes, and whether it had to be built."""
    stamp = _ZIP.with_suffix(".recipe")
    wanted = recipe.fingerprint()
    is_there = _ZIP.exists() and _UNPACKED_SIZE.exists() and stamp.exists()
    if is_there and stamp.read_text("ascii") == wanted:
        return _ZIP, int(_UNPACKED_SIZE.read_text("ascii")), False
    stamp.unlink(missing_ok=True)
    parts = recipe.build(_ZIP)
    _UNPACKED_SIZE.write_text(str(limits.total(parts)), "ascii")
    stamp.write_text(wanted, "ascii")
    return _ZIP, limits.total(parts), True


def publish(stage: Stage, archive: Path, bucket: str) -> tuple[str, bool]:
    """The ARN of the layer's version with these bytes, and whether it was published just now.

    Through a bucket, since Lambda itself takes no more than 50 MB.
    """
    client = boto3.client("lambda")
    name = f"{stage.stack_name}-ffmpeg"
    digest = hashlib.sha256(archive.read_bytes())
    wanted = base64.b64encode(digest.digest()).decode("ascii")
    versions = client.list_layer_versions(LayerName=name)["LayerVersions"]
    if versions:
        latest = versions[0]
        content = client.get_layer_version(LayerName=name, VersionNumber=latest["Version"])
        if content["Content"].get("CodeSha256") == wanted:
            return latest["LayerVersionArn"], False
    key = f"layers/ffmpeg-{digest.hexdigest()[:16]}.zip"
    boto3.client("s3").upload_file(str(archive), bucket, key)
    published = client.publish_layer_version(
        LayerName=name,
        Description="ffmpeg, PyAV and a font for subtitles",
        Content={"S3Bucket": bucket, "S3Key": key},
        CompatibleArchitectures=["x86_64"],
    )
    if published["Content"].get("CodeSha256") not in (None, wanted):
        raise DeployError(f"Lambda received other bytes of the layer {name} than were sent")
    return published["LayerVersionArn"], True


def delete(stage: Stage) -> None:
    """Delete every version."""
    client = boto3.client("lambda")
    name = f"{stage.stack_name}-ffmpeg"
    for page in client.get_paginator("list_layer_versions").paginate(LayerName=name):
        for version in page["LayerVersions"]:
            client.delete_layer_version(LayerName=name, VersionNumber=version["Version"])
