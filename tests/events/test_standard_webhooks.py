"""What receivers verify: the vendor's signature and the one of Standard Webhooks side by side."""

import base64
import hashlib
import json

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib import events
from chalicelib.events import DeliveryFilter
from chalicelib.events.signing import standard_secret
from tests.events.conftest import (
    Queue,
    only_delivery,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import Received, answers, receiver

KEY = "Secret123"


def verified(request: Received, secret: str = standard_secret(KEY)) -> object:
    return Webhook(secret).verify(request.body, request.headers)


def test_both_signatures_hold(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url + "?a=1", auth_key=KEY, signed=True)
        event_id = recorded_and_announced(account_id, extend='{"名":"字"}')
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        (request,) = there.requests
        assert verified(request) == json.loads(request.body)
        assert request.headers["webhook-id"] == event_id
        assert request.headers["webhook-timestamp"] == request.headers["x-vod-timestamp"]
        content = f"{there.url}?a=1|{request.headers['x-vod-timestamp']}|{KEY}".encode()
        assert request.headers["x-vod-signature"] == hashlib.md5(content).hexdigest()


def test_what_was_tampered_with_does_not(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url, auth_key=KEY, signed=True)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        (request,) = there.requests
    forged = Received(request.path, request.headers, request.body.replace(b"1439213", b"1"))
    with pytest.raises(WebhookVerificationError):
        verified(forged)
    with pytest.raises(WebhookVerificationError):
        verified(request, standard_secret("Secret124"))


def test_the_secret_follows_from_the_auth_key() -> None:
    assert standard_secret(KEY) == "whsec_" + base64.b64encode(b"Secret123").decode()


def test_without_a_key_there_is_an_id_and_a_time_and_no_signature(
    queue: Queue, account_id: str
) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        (request,) = there.requests
    assert request.headers["webhook-id"] == event_id
    assert request.headers["webhook-timestamp"].isdecimal()
    assert "webhook-signature" not in request.headers


def test_repetitions_and_replays_carry_the_same_id(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 200)) as there:
        subscribe(account_id, there.url, auth_key=KEY, signed=True)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert events.replay_matching(account_id, DeliveryFilter(event_id=event_id)) == 1
        queue.work_until(lambda: len(there.requests) == 4)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
    assert {request.headers["webhook-id"] for request in there.requests} == {event_id}
    assert len({request.body for request in there.requests}) == 1
    for request in there.requests:
        verified(request)
    assert only_delivery(account_id, event_id).attempts == 1


def test_every_subscriber_has_its_own_key(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as first, receiver(answers(200)) as second:
        subscribe(account_id, first.url, auth_key=KEY, signed=True)
        wish = events.SubscriptionChange(
            callback_url=second.url, selectors=(events.EventGroup.ALL,), auth_key="Another456"
        )
        events.add_subscriber(account_id, "app-1000000", wish)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"] * 2)
        verified(first.requests[0])
        verified(second.requests[0], standard_secret("Another456"))
