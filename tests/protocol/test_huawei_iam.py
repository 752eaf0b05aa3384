"""Tokens and projects as clients of Huawei IAM ask for them, and what MPC makes of tokens."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from chalicelib.apis.protocol.http import HttpRequest, HttpResponse
from chalicelib.apis.protocol.huawei_rest.dispatch import answer
from chalicelib.apis.protocol.huawei_rest.projects import domain_id, project_id
from chalicelib.identity import call_rates, user_tokens, users
from chalicelib.identity.accounts import deactivate_key
from chalicelib.identity.passwords import remove_password, set_password
from chalicelib.identity.user_tokens import UserToken
from tests.protocol.conftest import Key
from tests.protocol.huawei_sending import request, signed

_PASSWORD = "correct horse battery"
_IN_PROJECT = {"project": {"name": "cn-north-4"}}


@pytest.fixture(autouse=True)
def _calls_are_forgotten() -> Iterator[None]:
    yield
    call_rates.forget()


@pytest.fixture
def editor(user: Callable[..., Key], account_id: str) -> Key:
    """A user who may use MPC, with a password."""
    key = user("editor", "MPC Administrator")
    set_password(account_id, "editor", _PASSWORD)
    return key


def by_password(account_id: str, name: str = "editor", password: str = _PASSWORD) -> dict[str, Any]:
    user = {"name": name, "password": password, "domain": {"name": account_id}}
    return {"methods": ["password"], "password": {"user": user}}


def by_key(key: Key) -> dict[str, Any]:
    pair = {"access": {"key": key[0]}, "secret": {"key": key[1]}}
    return {"methods": ["hw_ak_sk"], "hw_ak_sk": pair}


def ask(identity: dict[str, Any], scope: dict[str, Any] | None = None) -> HttpResponse:
    auth = {"identity": identity, **({"scope": scope} if scope is not None else {})}
    return answer(request("POST", "/v3/auth/tokens", body=json.dumps({"auth": auth}).encode()))


def token(identity: dict[str, Any], scope: dict[str, Any] | None = None) -> str:
    response = ask(identity, _IN_PROJECT if scope is None else scope)
    assert response.status == 201
    return response.headers["X-Subject-Token"]


def bearing(text: str, path: str) -> HttpRequest:
    return request("GET", path, x_auth_token=text)


def events(account_id: str) -> str:
    return f"/v1/{project_id(account_id)}/notification/event"


def refusal(response: HttpResponse) -> tuple[int, str]:
    body = json.loads(response.body)
    assert sorted(body) == ["error_code", "error_msg"]
    return response.status, body["error_code"]


def test_a_password_gives_a_token_for_a_day(editor: Key, account_id: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    response = ask(by_password(account_id), _IN_PROJECT)
    assert response.status == 201
    found = json.loads(response.body)["token"]
    expires = datetime.strptime(found["expires_at"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert before <= expires - timedelta(hours=24) <= datetime.now(UTC)
    account = {"id": domain_id(account_id), "name": account_id}
    project = project_id(account_id)
    assert found["methods"] == ["password"]
    assert found["project"] == {"id": project, "name": "cn-north-4", "domain": account}
    assert found["user"]["name"] == "editor"
    assert found["user"]["domain"] == account
    assert [role["name"] for role in found["roles"]] == ["MPC Administrator"]
    [mpc] = [one for one in found["catalog"] if one["type"] == "mpc"]
    assert mpc["endpoints"][0]["url"].endswith(f"/v1/{project}")
    assert mpc["endpoints"][0]["region_id"] == "cn-north-4"
    assert "domain" not in found
    assert _PASSWORD not in response.body


def test_a_token_opens_what_its_user_may(editor: Key, account_id: str) -> None:
    for identity in (by_password(account_id), by_key(editor)):
        assert answer(bearing(token(identity), events(account_id))).status == 200


def test_rights_are_those_of_the_user(user: Callable[..., Key], account_id: str) -> None:
    stranger = user("stranger", "AliyunVODFullAccess")
    refused = answer(bearing(token(by_key(stranger)), events(account_id)))
    assert refusal(refused) == (403, "MPC.10229")


@pytest.mark.parametrize(
    "scope", [{}, {"domain": {"name": "own"}}, {"domain": {"id": "own"}}], ids=str
)
def test_a_token_without_a_project_is_refused_by_mpc(
    editor: Key, account_id: str, scope: dict[str, Any]
) -> None:
    names = {"name": account_id, "id": domain_id(account_id)}
    if "domain" in scope:
        scope = {"domain": {kind: names[kind] for kind in scope["domain"]}}
    response = ask(by_key(editor), scope)
    assert response.status == 201
    found = json.loads(response.body)["token"]
    assert found["domain"] == names
    assert "project" not in found
    text = response.headers["X-Subject-Token"]
    assert refusal(answer(bearing(text, events(account_id)))) == (403, "MPC.10235")
    assert answer(bearing(text, "/v3/projects")).status == 200


def test_a_project_may_be_named_by_its_id(editor: Key, account_id: str) -> None:
    token(by_key(editor), {"project": {"id": project_id(account_id)}})


@pytest.mark.parametrize(
    "scope",
    [
        {"project": {"name": "Test"}},
        {"project": {"id": "0" * 32}},
        {"project": {}},
        {"domain": {"name": "another"}},
        {"domain": {"id": "0" * 32}},
    ],
    ids=str,
)
def test_what_is_not_there_is_not_given(editor: Key, scope: dict[str, Any]) -> None:
    assert refusal(ask(by_key(editor), scope)) == (404, "IAM.0004")


def test_a_token_is_for_its_own_project(editor: Key, account_id: str) -> None:
    other = events("another account")
    assert refusal(answer(bearing(token(by_key(editor)), other))) == (403, "MPC.10208")


def test_wrong_credentials_give_nothing(
    editor: Key, user: Callable[..., Key], account_id: str
) -> None:
    user("keys-only", "MPC Administrator")
    for identity in (
        by_password(account_id, password="correct horse batterz"),
        by_password(account_id, name="nobody"),
        by_password(account_id, name="keys-only"),
        by_password("no-account"),
        by_key((editor[0], "wrong")),
        by_key(("OVAKnobody", editor[1])),
    ):
        assert refusal(ask(identity, _IN_PROJECT)) == (401, "IAM.0001")


@pytest.mark.parametrize("name", ["editor", "nobody"])
def test_guessing_is_slowed_down(editor: Key, account_id: str, name: str) -> None:
    wrong = by_password(account_id, name, "wrong password")
    attempts = (refusal(ask(wrong)) for _ in range(60))
    assert all(found == (401, "IAM.0001") for found in islice(attempts, 5))
    assert (429, "APIG.0308") in attempts
    # Who has the key is not kept waiting.
    token(by_key(editor))


@pytest.mark.parametrize(
    "identity",
    [
        {},
        {"methods": []},
        {"methods": ["token"], "token": {"id": "x"}},
        {"methods": ["password"]},
        {"methods": ["hw_ak_sk"]},
        {"methods": ["password", "hw_ak_sk"]},
        {"methods": ["password"], "password": {"user": {"name": "editor", "password": "x"}}},
        {"methods": ["hw_ak_sk"], "hw_ak_sk": {"access": {"key": ""}, "secret": {"key": "x"}}},
    ],
    ids=str,
)
def test_requests_that_ask_for_nothing(deployment: None, identity: dict[str, Any]) -> None:
    assert refusal(ask(identity, _IN_PROJECT)) == (400, "IAM.0011")


def test_a_token_ends_with_its_day(editor: Key, account_id: str) -> None:
    now = int(datetime.now(UTC).timestamp())
    old = UserToken(
        account_id=account_id,
        user_name="editor",
        proven_by="key",
        proof=editor[0],
        scope="project",
        issued=now - user_tokens.SECONDS,
        expires=now,
    )
    refused = answer(bearing(user_tokens.sealed(old), events(account_id)))
    assert refusal(refused) == (401, "MPC.10203")


def test_a_token_ends_with_the_password(editor: Key, account_id: str) -> None:
    first = token(by_password(account_id))
    set_password(account_id, "editor", "another password")
    assert refusal(answer(bearing(first, events(account_id)))) == (401, "MPC.10203")
    second = token(by_password(account_id, password="another password"))
    assert answer(bearing(second, events(account_id))).status == 200
    remove_password(account_id, "editor")
    assert refusal(answer(bearing(second, events(account_id)))) == (401, "MPC.10203")


def test_a_new_password_is_known_where_the_old_one_was_read(editor: Key, account_id: str) -> None:
    stale = users.standing(account_id, "editor")
    assert stale is not None
    set_password(account_id, "editor", "another password")
    text = token(by_password(account_id, password="another password"))
    users.remember(account_id, "editor", stale)
    assert answer(bearing(text, events(account_id))).status == 200


def test_a_token_ends_with_the_key(editor: Key, account_id: str) -> None:
    text = token(by_key(editor))
    deactivate_key(editor[0])
    assert refusal(answer(bearing(text, events(account_id)))) == (401, "MPC.10203")
    assert refusal(answer(bearing(text, "/v3/projects"))) == (401, "IAM.0001")


def test_a_changed_token_is_none(editor: Key, account_id: str) -> None:
    text = token(by_key(editor))
    for changed in (text[:-1], text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1], text[1:]):
        assert refusal(answer(bearing(changed, events(account_id)))) == (401, "MPC.10203")


def test_a_wrong_signature_is_not_made_good_by_a_token(editor: Key, account_id: str) -> None:
    sent = signed(
        (editor[0], "wrong"), "GET", events(account_id), x_auth_token=token(by_key(editor))
    )
    assert refusal(answer(sent)) == (401, "MPC.10203")


def test_the_sdks_search_for_its_project(editor: Key, account_id: str) -> None:
    for name in ("cn-north-4", "ap-southeast-3", "cn-shanghai", "my-kualalumpur-1"):
        response = answer(signed(editor, "GET", "/v3/projects", [("name", name)]))
        assert response.status == 200
        [found] = json.loads(response.body)["projects"]
        assert (found["id"], found["name"]) == (project_id(account_id), name)
    response = answer(signed(editor, "GET", "/v3/projects", [("name", "nowhere")]))
    assert json.loads(response.body)["projects"] == []


def test_a_list_is_what_the_manual_shows(editor: Key, account_id: str) -> None:
    found = json.loads(answer(signed(editor, "GET", "/v3/projects/")).body)
    [project] = found["projects"]
    own, domain = project_id(account_id), domain_id(account_id)
    assert project["links"]["self"].endswith(f"/v3/projects/{own}")
    assert found["links"]["self"].endswith("/v3/projects")
    assert found["links"]["next"] is found["links"]["previous"] is None
    assert {name: value for name, value in project.items() if name != "links"} == {
        "id": own,
        "name": "cn-shanghai",
        "domain_id": domain,
        "parent_id": domain,
        "is_domain": False,
        "enabled": True,
        "description": "",
    }
    assert json.loads(answer(signed(editor, "GET", "/v3/auth/projects")).body)["projects"]


def test_the_sdks_search_for_its_account(editor: Key, account_id: str) -> None:
    response = answer(signed(editor, "GET", "/v3/auth/domains"))
    [found] = json.loads(response.body)["domains"]
    assert (found["id"], found["name"]) == (domain_id(account_id), account_id)


def test_nothing_is_told_to_strangers(deployment: None) -> None:
    for path in ("/v3/projects", "/v3/auth/projects", "/v3/auth/domains"):
        assert refusal(answer(request("GET", path))) == (401, "IAM.0001")
    assert refusal(answer(request("GET", "/v3/auth/tokens"))) == (405, "APIG.0101")
    assert refusal(answer(request("GET", "/v3/users"))) == (404, "APIG.0101")


def test_ids_are_stable() -> None:
    assert project_id("1000000000000001") == project_id("1000000000000001")
    assert project_id("1") != project_id("2")
    assert len(project_id("1")) == len(domain_id("1")) == 32
