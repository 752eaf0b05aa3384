"""The session's stack, and clients with the roles of its processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.stack_fixture import Stack, shared_stack

RoleClient = Callable[[str, str], Any]


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack that tests may use but not harm."""
    return shared_stack(request.config, tmp_path_factory)


@pytest.fixture
def as_role(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> RoleClient:
    """A client for a service with the profile of one of the stack's processes."""
    config = Path(stack.info["logs"]).parent / "aws-config.ini"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.info["s3_endpoint"])

    def client(profile: str, service: str) -> Any:
        session = boto3.Session(profile_name=profile)
        return session.client(service, config=Config(retries={"total_max_attempts": 1}))

    return client
