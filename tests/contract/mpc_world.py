"""An account of MPC with everything in it that the requests speak of."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3

from chalicelib.apis.protocol.huawei_rest.dispatch import answer
from chalicelib.apis.protocol.huawei_rest.projects import project_id
from chalicelib.identity.accounts import bootstrap
from chalicelib.store import database
from tests.contract.mpc_facts import Operation, operations
from tests.contract.mpc_requests import Request, requests_of
from tests.protocol.huawei_sending import signed

Answer = tuple[int, dict[str, Any]]

_QUERIES = ("GET", "DELETE")


@dataclass
class MpcWorld:
    """Two authorised buckets, and whatever else requests ask for by ``{template}`` and the like."""

    account_id: str
    key: tuple[str, str]
    source: str = ""
    target: str = ""
    _made: dict[str, Any] = field(default_factory=dict)

    def ask(self, operation: Operation, request: Request, project: str = "") -> Answer:
        """Status and body of one request, signed and sent; what stands for values is filled in."""
        given = self._filled(request)
        path = operation.path.replace("{project_id}", project or project_id(self.account_id))
        if operation.method in _QUERIES:
            pairs = [
                (name, str(value))
                for name, values in given.items()
                for value in (values if isinstance(values, list) else [values])
            ]
            response = answer(signed(self.key, operation.method, path, pairs))
        else:
            body = json.dumps(given).encode()
            response = answer(signed(self.key, operation.method, path, None, body))
        return response.status, json.loads(response.body) if response.body else {}

    def forget(self) -> None:
        """What was made may be gone or changed: make it again when it is asked for."""
        self._made.clear()

    def add_bucket(self) -> str:
        """A new bucket that the account has authorised."""
        bucket = f"contract-{secrets.token_hex(8)}"
        boto3.client("s3").create_bucket(Bucket=bucket)
        authorise = operations()["SetBucketAuthority"]
        assert self.ask(authorise, {"bucket": bucket, "operation": "1"}) == (204, {})
        return bucket

    def _filled(self, request: Any) -> Any:
        if isinstance(request, dict):
            return {name: self._filled(value) for name, value in request.items()}
        if isinstance(request, list):
            return [self._filled(value) for value in request]
        if not isinstance(request, str) or not request.startswith("{"):
            return request
        name = request.strip("{}")
        if name == "fresh":
            return secrets.token_hex(8)
        if name in ("source", "target"):
            return getattr(self, name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Any:
        if name == "gone":
            bucket = self.add_bucket()
            boto3.client("s3").delete_bucket(Bucket=bucket)
            return bucket
        if name.startswith(_RUNNING):
            number = self._make(name.removeprefix(_RUNNING))
            # As a worker does when it begins.
            statement = "UPDATE file_task SET state = 'running' WHERE number = %(number)s"
            assert database.run(lambda tx: database.change(tx, statement, number=int(number))) == 1
            return number
        operation = operations()[_MAKERS[name]]
        status, body = self.ask(operation, requests_of(operation)[0])
        assert status == operation.success, f"{operation.name}: {status} {body}"
        return body["template_group"]["group_id"] if name == "group" else body[_ID_FIELDS[name]]


_RUNNING = "running "
_MAKERS = {
    "template": "CreateTranscodingTemplate",
    "group": "CreateTemplateGroup",
    "watermark": "CreateWatermarkTemplate",
    "transcoding": "CreateTranscodingTask",
    "remux": "CreateRemuxTask",
    "graphics": "CreateAnimatedGraphicsTask",
    "metadata": "CreateExtractMetadataTask",
    "thumbnails": "CreateThumbnailTask",
}
_ID_FIELDS = {
    name: "template_id" if name in ("template", "watermark") else "task_id" for name in _MAKERS
}


def make_world(account_id: str) -> MpcWorld:
    """An account with two buckets that it has authorised."""
    pair = bootstrap(account_id)
    world = MpcWorld(account_id, (pair.access_key_id, pair.access_key_secret))
    world.source, world.target = world.add_bucket(), world.add_bucket()
    return world
