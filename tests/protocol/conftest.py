"""An account with keys, and a product to call."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.identity.accounts import bootstrap, create_user

PRODUCTS = {
    "2099-01-01": "tests.protocol.tiny_product",
    "2015-04-01": "chalicelib.apis.aliyun_sts",
}

Key = tuple[str, str]
Ask = Callable[[HttpRequest], tuple[int, dict[str, Any]]]


@pytest.fixture
def admin(deployment: None, account_id: str) -> Key:
    """The key pair of the account's administrator."""
    pair = bootstrap(account_id)
    return pair.access_key_id, pair.access_key_secret


@pytest.fixture
def user(admin: Key, account_id: str) -> Callable[..., Key]:
    """Makes a user with policies and returns the key pair."""

    def make(name: str, *policies: str) -> Key:
        pair = create_user(account_id, name, policies)
        return pair.access_key_id, pair.access_key_secret

    return make


@pytest.fixture
def ask() -> Ask:
    """Sends a request that wants JSON; returns status and body."""

    def send(request: HttpRequest) -> tuple[int, dict[str, Any]]:
        response = answer(request, PRODUCTS)
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        return response.status, json.loads(response.body)

    return send
