"""Playback: the stack of ``infra/edge.yaml``, and the play domains that its function reads."""

import json
from urllib.parse import urlsplit

from deploy import database, emulated_edge, infrastructure
from deploy.infrastructure import Stack
from deploy.stages import PROJECT, Stage

TEMPLATE = PROJECT / "infra" / "edge.yaml"
FUNCTION = PROJECT / "infra" / "edge" / "viewer_request.js"
_PLACE = '"@@edge/viewer_request.js@@"'
_PUBLISH = """
from chalicelib.playback.publishing import publish
print(publish())
"""


def apply(stage: Stage, outputs: dict[str, str], api: str) -> tuple[dict[str, str], bool]:
    """Create or update the stack; returns the settings that it gives, and whether it changed.

    ``outputs`` are those of the stage's main stack, ``api`` is where the API answers. Raises
    DeployError.
    """
    found, changed = infrastructure.apply(stack_of(stage, outputs["MediaBucketName"], api))
    host = stage.play_domain_name or found["PlayHost"]
    return {
        "OPENVOD_PLAY_URL": stage.play_url or f"https://{host}",
        "OPENVOD_EDGE_STORE_ARN": found["EdgeStoreArn"],
    }, changed


def stack_of(stage: Stage, bucket: str, api: str) -> Stack:
    """The stack as it is wanted."""
    address = urlsplit(api)
    parameters = {
        "Stage": stage.name,
        "MediaBucketName": bucket,
        # CloudFront knows no ports in names; the emulator's edge does not ask.
        "ApiHost": address.hostname or "not.deployed.yet",
        "ApiPath": address.path.rstrip("/"),
        "DomainName": stage.play_domain_name,
        "CertificateArn": stage.play_certificate_arn,
    }
    # JSON texts are YAML texts.
    code = json.dumps(FUNCTION.read_text("utf-8"))
    body = TEMPLATE.read_text("utf-8").replace(_PLACE, code)
    return Stack(f"{stage.stack_name}-edge", stage.is_emulated, body, parameters)


def publish(stage: Stage, variables: dict[str, str]) -> int:
    """Bring the play domains to the edge; returns how many keys of its store changed."""
    code = emulated_edge.RESOLVER + _PUBLISH if stage.is_emulated else _PUBLISH
    output = database.run("the play domains could not be published", code, variables)
    return int(output.splitlines()[-1])
