"""The REST protocol around operations: who may call, what is understood, how errors are told."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.apis.protocol.http import HttpRequest, HttpResponse
from chalicelib.apis.protocol.huawei_rest.dispatch import answer
from chalicelib.apis.protocol.huawei_rest.projects import project_id
from chalicelib.identity.accounts import deactivate_key
from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import issue_token
from tests.protocol.conftest import Key
from tests.protocol.huawei_sending import now, request, signed

_PRODUCTS = {"tiny": "tests.protocol.tiny_rest", "v1": "chalicelib.apis.huawei_mpc"}
_UNKNOWN = (401, "MPC.10203")

Call = Callable[..., HttpResponse]


@pytest.fixture
def project(account_id: str) -> str:
    return project_id(account_id)


@pytest.fixture
def call(admin: Key, project: str) -> Call:
    """Calls an operation of the tiny product, signed; ``query`` and ``body`` as they are."""

    def made(
        method: str,
        path: str,
        query: list[tuple[str, str]] | None = None,
        body: object = None,
        key: Key = admin,
        **headers: str,
    ) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        return answer(
            signed(key, method, f"/tiny/{project}/{path}", query, raw, **headers), _PRODUCTS
        )

    return made


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status and code of a failure, which must have the documented form."""
    body = json.loads(response.body)
    assert sorted(body) == ["error_code", "error_msg"]
    assert body["error_msg"]
    assert response.headers["Content-Type"] == "application/json"
    assert len(response.headers["X-Request-Id"]) == 32
    return response.status, body["error_code"]


def problem(response: HttpResponse) -> str:
    """What an invalid request's message says behind the printed words."""
    assert refusal(response)[1] == "MPC.10202"
    printed, _, found = json.loads(response.body)["error_msg"].partition(", ")
    assert printed == "Invalid request parameter"
    return str(found)


def understood(response: HttpResponse) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(response.body)["values"]
    return values


def test_a_body_becomes_an_operation(call: Call) -> None:
    response = call(
        "POST",
        "echo",
        body={
            "home": {"city": 5, "number": "7", "street": "unknown"},
            "name": None,
            "sync": "1",
            "ratio": "0.5",
            "others": [{"city": "b", "number": None}],
            "later_version": {"a": [1]},
        },
    )
    assert response.status == 201
    assert json.loads(response.body)["principal"] == "user/admin"
    assert "nothing" not in json.loads(response.body)
    assert understood(response) == {
        "home": {"city": "5", "number": 7},
        "sync": 1,
        "ratio": 0.5,
        "others": [{"city": "b"}],
    }


@pytest.mark.parametrize(
    "query",
    [
        [("task_id", "1"), ("task_id", "2"), ("page", "3")],
        [("task_id", "1,2"), ("page", "3"), ("name", ""), ("x-language", "zh")],
        [("task_id", " 1, 2,"), ("page", "3")],
    ],
)
def test_a_query_becomes_an_operation(call: Call, query: list[tuple[str, str]]) -> None:
    response = call("GET", "echo", query)
    assert response.status == 200
    assert understood(response) == {"task_id": [1, 2], "page": 3}


def test_no_content_is_no_body(call: Call) -> None:
    response = call("DELETE", "echo")
    assert (response.status, response.body) == (204, "")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "home is required."),
        ({"home": {}, "sync": 7}, "home.city is required."),
        ({"home": "here"}, "home: should be"),
        ({"home": {"city": "a", "number": 10}}, "home.number: should be less than or equal to 9."),
        ({"home": {"city": "a"}, "sync": 2}, "sync: it must be one of: 0, 1."),
        ({"home": {"city": "a"}, "kind": "A"}, "kind: it must be one of: a, b."),
        ({"home": {"city": "a"}, "name": "123456789"}, "name: String should have at most 8"),
        ({"home": {"city": "a"}, "least": 2, "most": 1}, "least cannot be greater than most."),
        ({"home": {"city": "a"}, "least": "99999999999999999999"}, "least: it is beyond 64 bits."),
        ({"home": {"city": "a"}, "others": [{"city": [1]}]}, "others.0.city: should be"),
        (b"{", "the body cannot be used. It is not valid JSON."),
        (b"[]", "the body must be a JSON object."),
        (b'{"home": {"city": "\\u0000"}}', "the body cannot be used. It contains NUL."),
        (b'{"home": {"city": "\\ud800"}}', "the body cannot be used. It is not valid JSON."),
        (b'{"home": {"city": NaN}}', "the body cannot be used. It is not valid JSON."),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "the body cannot be used. It is nested too deeply."),
        (b"\xff", "the body cannot be used. It is not valid JSON."),
        (b'"' + b"a" * 300_000 + b'"', "the body is larger than 262144 bytes."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_cannot_be_used(call: Call, body: object, complaint: str) -> None:
    response = call("POST", "echo", body=body if body else b"{}")
    assert response.status == 403
    assert problem(response).startswith(complaint)


@pytest.mark.parametrize(
    "query",
    [
        [("page", "-1")],
        [("page", "one")],
        [("page", "1"), ("page", "2")],
        [("task_id", "1,2,3,4")],
        [("task_id", "1,b")],
        [("name", "a" * 5000)],
        [(f"n{number}", "a") for number in range(101)],
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_query_that_cannot_be_used(call: Call, query: list[tuple[str, str]]) -> None:
    response = call("GET", "echo", query)
    assert response.status == 400
    assert problem(response)


@pytest.mark.parametrize("text", ["\ud800", "a\0"])
def test_what_is_no_text(project: str, text: str) -> None:
    for sent in (
        request("GET", f"/tiny/{project}/echo", user_agent=text),
        request("GET", f"/tiny/{project}/echo", x_auth_token=text),
        request("GET", f"/tiny/{project}/echo", [(text, "1")]),
        request("GET", f"/tiny/{text}/echo"),
    ):
        assert problem(answer(sent, _PRODUCTS))


def test_a_body_of_another_kind(call: Call) -> None:
    response = call("POST", "echo", body=b"<a/>", content_type="application/xml")
    assert refusal(response) == (403, "MPC.10205")


def test_a_body_may_say_its_character_set_or_nothing(call: Call) -> None:
    for kind in ("application/json;charset=UTF-8", ""):
        body = {"home": {"city": "é"}}
        assert call("POST", "echo", body=body, content_type=kind).status == 201


def test_unknown_paths_and_methods(call: Call) -> None:
    assert refusal(call("GET", "nowhere")) == (404, "APIG.0101")
    assert refusal(call("GET", "echo/deeper")) == (404, "APIG.0101")
    assert refusal(call("PATCH", "echo")) == (400, "MPC.10204")
    assert refusal(answer(request("GET", "/v2/x"), _PRODUCTS)) == (404, "APIG.0101")
    assert refusal(answer(request("GET", "/"), _PRODUCTS)) == (404, "APIG.0101")


def test_a_final_slash_makes_no_difference(call: Call) -> None:
    assert call("DELETE", "echo/").status == 204


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [("lost", 403, "TINY.0001"), ("database", 503, "MPC.10221"), ("bug", 500, "MPC.10221")],
)
def test_errors_of_the_domain(call: Call, how: str, status: int, code: str) -> None:
    response = call("PUT", "failures", body={"how": how})
    assert refusal(response) == (status, code)
    assert "secret" not in response.body


def test_who_asks_must_be_known(call: Call, admin: Key, user: Callable[..., Key]) -> None:
    off = user("off", "MPC Administrator")
    deactivate_key(off[0])
    assert refusal(call("DELETE", "echo", key=("OVAKnobody", "x"))) == _UNKNOWN
    assert refusal(call("DELETE", "echo", key=(admin[0], "wrong"))) == _UNKNOWN
    assert refusal(call("DELETE", "echo", key=off)) == _UNKNOWN


def test_nothing_goes_without_proof(project: str) -> None:
    path = f"/tiny/{project}/echo"
    assert refusal(answer(request("DELETE", path), _PRODUCTS)) == _UNKNOWN
    assert refusal(answer(request("DELETE", path, x_auth_token="OVU1x"), _PRODUCTS)) == _UNKNOWN


def test_an_altered_body_is_refused(admin: Key, project: str) -> None:
    sent = signed(admin, "POST", f"/tiny/{project}/echo", None, b'{"home":{"city":"a"}}')
    changed = replace(sent, body=b'{"home":{"city":"b"}}')
    assert refusal(answer(changed, _PRODUCTS)) == _UNKNOWN


@pytest.mark.parametrize("seconds", [-960, 960])
def test_a_request_of_another_time_is_refused(call: Call, seconds: int) -> None:
    assert refusal(call("DELETE", "echo", x_sdk_date=now(seconds))) == _UNKNOWN


@pytest.mark.parametrize("seconds", [-840, 840])
def test_a_clock_may_be_wrong_by_a_quarter_of_an_hour(call: Call, seconds: int) -> None:
    assert call("DELETE", "echo", x_sdk_date=now(seconds)).status == 204


def test_the_same_request_may_come_again(admin: Key, project: str) -> None:
    sent = signed(admin, "DELETE", f"/tiny/{project}/echo")
    assert [answer(sent, _PRODUCTS).status for _ in range(2)] == [204, 204]


def test_another_projects_path_is_refused(call: Call, admin: Key, project: str) -> None:
    other = project_id("another account")
    sent = signed(admin, "DELETE", f"/tiny/{other}/echo")
    assert refusal(answer(sent, _PRODUCTS)) == (406, "MPC.10208")
    for header in ("x-project-id", "x-project_id"):
        path = f"/tiny/{project}/echo"
        assert answer(signed(admin, "DELETE", path, **{header: project}), _PRODUCTS).status == 204
        sent = signed(admin, "DELETE", path, **{header: other})
        assert refusal(answer(sent, _PRODUCTS)) == (406, "MPC.10208")


def test_policies_say_who_may_call(call: Call, user: Callable[..., Key], account_id: str) -> None:
    reader = user("reader", allow(["tiny:Find*"], [f"tiny:*:{account_id}:*"]))
    assert call("GET", "echo", key=reader).status == 200
    assert refusal(call("DELETE", "echo", key=reader)) == (406, "MPC.10229")


def test_the_systems_policies_fit_mpc(user: Callable[..., Key], project: str) -> None:
    events = f"/v1/{project}/notification/event"
    for policy, status in (
        ("MPC Administrator", 200),
        ("MPC ReadOnlyAccess", 200),
        ("AliyunVODFullAccess", 403),
    ):
        key = user(policy.replace(" ", "-"), policy)
        assert answer(signed(key, "GET", events), _PRODUCTS).status == status


def test_temporary_keys_work_with_their_token(call: Call, account_id: str) -> None:
    made = issue_token(account_id, "role/r/s", [allow(["tiny:*"], ["*"])], 900)
    key = (made.access_key_id, made.access_key_secret)
    assert call("DELETE", "echo", key=key, x_security_token=made.security_token).status == 204
    assert refusal(call("DELETE", "echo", key=key)) == _UNKNOWN
    other = issue_token(account_id, "role/r/s", [allow(["tiny:*"], ["*"])], 900)
    wrong = call("DELETE", "echo", key=key, x_security_token=other.security_token)
    assert refusal(wrong) == _UNKNOWN


def test_a_request_may_be_sent_by_anything_but_json(call: Call) -> None:
    # The SDK says that its GETs are JSON; others say nothing, or what their library says.
    assert call("DELETE", "echo", content_type="text/plain").status == 204


def test_nobody_reads_more_than_there_is(admin: Key, project: str) -> None:
    sent: HttpRequest = signed(admin, "POST", f"/tiny/{project}/echo", [("home", "x")], b"")
    response = answer(sent, _PRODUCTS)
    assert problem(response) == "home is required."
