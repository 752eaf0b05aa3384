"""MPC's protocol through the official SDK, with nothing but the endpoint changed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sdk.driver import ApiFailure
from tests.sdk.mpc import MpcCustomer
from tests.stack_fixture import known_secrets

_PASSWORD = "correct horse battery"
_REPOSITORY = Path(__file__).parents[2]

Http = Callable[..., requests.Response]


@pytest.fixture
def http(mpc: MpcCustomer) -> Http:
    """Sends a request by hand to the stack."""

    def send(method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, mpc.stack.info["api_url"] + path, timeout=30, **more)

    return send


def operate(mpc: MpcCustomer, *arguments: str, typed: str = "") -> str:
    """An operator's command on the stack; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "local", "users", "--data", str(mpc.stack.data), *arguments],
        cwd=_REPOSITORY,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def events_path(mpc: MpcCustomer) -> str:
    return f"/v1/{mpc.project_id}/notification/event"


def refusal(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert sorted(body) == ["error_code", "error_msg"]
    assert answer.headers["X-Request-Id"]
    return answer.status_code, body["error_code"]


def test_the_sdk_is_answered(mpc: MpcCustomer) -> None:
    answer = mpc.answer("list_notify_event", {})
    assert answer.status == 200
    assert answer.body["total"] == len(answer.body["event_name"]) == 7
    assert "TranscodeComplete" in answer.body["event_name"]


@pytest.mark.parametrize("region", ["cn-north-4", "ap-southeast-3"])
def test_the_sdk_finds_its_project_itself(mpc: MpcCustomer, region: str) -> None:
    answer = mpc.answer("list_notify_event", {}, project_id=None, region=region)
    assert answer.body["total"] == 7


def test_an_operator_can_look_the_project_up(mpc: MpcCustomer) -> None:
    ids = json.loads(operate(mpc, "ids"))
    assert (ids["account"], ids["project_id"]) == (mpc.account_id, mpc.project_id)


def test_the_sdk_shows_apps_why_they_are_refused(mpc: MpcCustomer) -> None:
    wrong = {**mpc.stack.credentials, "access_key_secret": "wrong"}
    with pytest.raises(ApiFailure) as refused:
        mpc.answer("list_notify_event", {}, credentials=wrong)
    assert (refused.value.status, refused.value.code) == (401, "MPC.10203")
    with pytest.raises(ApiFailure) as refused:
        mpc.answer("list_notify_event", {}, project_id="0" * 32)
    assert (refused.value.status, refused.value.code) == (403, "MPC.10208")
    assert refused.value.message == "Tenant ID verification failed, please check."


def test_temporary_keys_sign_too(mpc: MpcCustomer, tea: Any) -> None:
    role = f"acs:ram::{mpc.account_id}:role/mpc"
    operate(mpc, "add-role", "mpc", "--policy", "MPC ReadOnlyAccess")
    asked = {"RoleArn": role, "RoleSessionName": "app", "DurationSeconds": 900}
    found = tea.call("AssumeRole", product="sts", **asked)["Credentials"]
    keys = {
        "access_key_id": found["AccessKeyId"],
        "access_key_secret": found["AccessKeySecret"],
        "security_token": found["SecurityToken"],
    }
    assert mpc.answer("list_notify_event", {}, credentials=keys).status == 200


def test_a_token_opens_what_its_user_may(mpc: MpcCustomer, http: Http) -> None:
    operate(mpc, "add", "token-user", "--policy", "MPC Administrator")
    operate(mpc, "set-password", "token-user", typed=f"{_PASSWORD}\n")
    user = {"name": "token-user", "password": _PASSWORD, "domain": {"name": mpc.account_id}}
    auth = {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "cn-north-4"}},
    }
    issued = http("POST", "/v3/auth/tokens", json={"auth": auth})
    assert issued.status_code == 201
    assert issued.json()["token"]["project"]["id"] == mpc.project_id
    bearer = {"X-Auth-Token": issued.headers["X-Subject-Token"]}
    known_secrets.update((_PASSWORD, *bearer.values()))
    answer = http("GET", events_path(mpc), headers=bearer)
    assert (answer.status_code, answer.json()["total"]) == (200, 7)
    [project] = http("GET", "/v3/projects/", headers=bearer).json()["projects"]
    assert project["id"] == mpc.project_id
    operate(mpc, "remove-password", "token-user")
    assert refusal(http("POST", "/v3/auth/tokens", json={"auth": auth})) == (401, "IAM.0001")


def test_wrong_paths_and_methods_are_told_in_the_same_form(mpc: MpcCustomer, http: Http) -> None:
    assert refusal(http("GET", f"/v1/{mpc.project_id}/nowhere")) == (404, "APIG.0101")
    assert refusal(http("GET", "/v1.0-ext/x")) == (404, "APIG.0101")
    assert refusal(http("GET", "/v3/users")) == (404, "APIG.0101")
    assert refusal(http("PATCH", events_path(mpc))) == (400, "MPC.10204")
    assert refusal(http("GET", events_path(mpc))) == (401, "MPC.10203")
    broken = http("POST", "/v3/auth/tokens", data=b"{")
    assert refusal(broken) == (400, "IAM.0011")
