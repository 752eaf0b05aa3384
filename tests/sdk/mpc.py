"""A customer of MPC: calls it through the official SDK, by the SDK's own names of methods."""

import json
from dataclasses import dataclass
from typing import Any

import requests

from chalicelib.apis.protocol.huawei_rest import projects
from chalicelib.settings import Settings
from tests.sdk.driver import ApiFailure, Sdk, lost
from tests.stack_fixture import Stack


@dataclass(frozen=True)
class MpcAnswer:
    """What a call gave: the HTTP status, and the body as the SDK's model has it."""

    status: int
    body: dict[str, Any]


class MpcCustomer:
    """The default account's app on one stack.

    ``call`` takes the name of the SDK's method and the parameters under their wire names: those
    of the query, or the fields of the body.
    """

    def __init__(self, stack: Stack, sdk: Sdk) -> None:
        self.stack = stack
        self.sdk = sdk
        # The test process has no settings of its own: the stack runs on the defaults.
        self.account_id = Settings().account_id
        self.project_id = projects.project_id(self.account_id)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The body of the answer; raises ApiFailure."""
        return self.answer(method, parameters).body

    def failure(self, method: str, **parameters: Any) -> tuple[int, str]:
        """Status and code of a call that must fail."""
        try:
            answer = self.answer(method, parameters)
        except ApiFailure as failure:
            return failure.status, failure.code
        raise AssertionError(f"{method} succeeded: {answer}")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A body that the SDK's models would not take, sent with the SDK's signature."""
        endpoint, text = self.stack.info["api_url"], json.dumps(body)
        path = f"/v1/{self.project_id}/{path}"
        order = {
            "method": "POST",
            "host": endpoint.removeprefix("http://"),
            "path": path,
            "query": [],
            "headers": {"Content-Type": "application/json"},
            "body": text,
            **self.stack.credentials,
        }
        headers = self.sdk.exchange({"sign": order})["headers"]
        answer = requests.post(endpoint + path, data=text, headers=headers, timeout=30)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def answer(
        self,
        method: str,
        parameters: dict[str, Any],
        *,
        credentials: dict[str, str] | None = None,
        **more: Any,
    ) -> MpcAnswer:
        """One call. Whatever test makes it: nothing is lost between the wire and the SDK's model.

        ``more``: project_id, None for letting the SDK find it; region; headers. Raises ApiFailure.
        """
        answer = self.sdk.exchange(
            {
                "method": method,
                "parameters": parameters,
                "endpoint": self.stack.info["api_url"],
                "credentials": credentials or self.stack.credentials,
                "project_id": self.project_id,
                **more,
            }
        )
        if "error" in answer:
            error = answer["error"]
            raise ApiFailure(method, error["code"], error["status"], error["message"])
        sent = json.loads(answer["raw"]) if answer["raw"] else {}
        missing = list(lost(sent, answer["result"], method))
        assert missing == [], f"the SDK loses what was sent: {missing}"
        return MpcAnswer(answer["status"], answer["result"])
