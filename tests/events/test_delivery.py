"""Attempts: their schedule, what counts as success, and workers that die."""

import hashlib
import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from chalicelib import events
from chalicelib.apis.aliyun_vod import event_messages
from chalicelib.events import attempts, delivery
from chalicelib.events.attempts import Outcome
from chalicelib.events.signing import signature
from chalicelib.settings import settings
from chalicelib.store import aws, database
from chalicelib.store.deliveries import AttemptReport
from tests.events.conftest import (
    APP,
    MEDIA,
    Queue,
    claim,
    environment,
    fanned_out,
    only_delivery,
    pass_time,
    recorded,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import (
    Behaviour,
    Receiver,
    answers,
    babbles,
    closes,
    hangs,
    receiver,
)


def test_what_is_posted(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url + "?from=vod&name=%E5%90%8D")
        event_id = recorded_and_announced(account_id, extend='{"localId":"1","n":1.0}')
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        (request,) = there.requests
    assert request.path == "/callback?from=vod&name=%E5%90%8D"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == event_id
    assert request.headers["host"] == f"127.0.0.1:{there.port}"
    assert "x-vod-signature" not in request.headers
    body = json.loads(request.body)
    assert body["EventType"] == "FileUploadComplete"
    assert body["VideoId"] == MEDIA
    assert body["Extend"] == '{"localId":"1","n":1.0}'
    row = only_delivery(account_id, event_id)
    assert (row.attempts, row.last_status, row.last_error) == (1, 200, "")
    assert row.finished_at is not None


def test_the_signature_of_the_developer_guide() -> None:
    digest = signature("https://www.example.com/your/callback", 1519375990, "test123")
    assert digest.startswith("c72b60894140fa98920f1279219b")
    assert len(digest) == 32


def test_callbacks_are_signed_with_the_key_in_force(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url, auth_key="Secret123", signed=True)
        recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 1)
        events.change_subscription(account_id, APP, events.SubscriptionChange(auth_key="Other456"))
        recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 2)
        override = there.url + "/of-the-request"
        recorded_and_announced(account_id, override_url=override)
        queue.work_until(lambda: len(there.requests) == 3)
        events.change_subscription(account_id, APP, events.SubscriptionChange(signed=False))
        recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 4)
    expected = [(there.url, "Secret123"), (there.url, "Other456"), (override, "Other456")]
    for request, (url, key) in zip(there.requests[:3], expected, strict=True):
        timestamp = request.headers["x-vod-timestamp"]
        assert len(timestamp) == 10
        content = f"{url}|{timestamp}|{key}".encode()
        assert request.headers["x-vod-signature"] == hashlib.md5(content).hexdigest()
    assert "x-vod-signature" not in there.requests[3].headers
    assert "x-vod-timestamp" not in there.requests[3].headers


def test_three_attempts_and_then_it_is_dead(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, body=b"no\x00 thanks" * 1000)) as there:
        subscribe(account_id, there.url)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
        while queue.work():
            pass
        assert len(there.requests) == 3
        assert {request.headers["webhook-id"] for request in there.requests} == {event_id}
        assert len({request.body for request in there.requests}) == 1
    row = only_delivery(account_id, event_id)
    assert (row.attempts, row.claims, row.last_status) == (3, 3, 500)
    assert "500" in row.last_error
    assert row.last_excerpt.startswith("no� thanks")
    assert len(row.last_excerpt) == 2048
    pass_time(60)
    assert events.relay_pending() == 0


def test_a_receiver_that_recovers_gets_it(queue: Queue, account_id: str) -> None:
    with receiver(answers(503, 500, 200)) as there:
        subscribe(account_id, there.url)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert len(there.requests) == 3
    row = only_delivery(account_id, event_id)
    assert (row.attempts, row.last_status, row.last_error) == (3, 200, "")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (answers(201), "201"),
        (answers(204), "204"),
        (answers(404), "404"),
        (closes, "RemoteDisconnected"),
        (babbles, "BadStatusLine"),
    ],
)
def test_only_200_is_success(
    queue: Queue, account_id: str, behaviour: Behaviour, reason: str
) -> None:
    with receiver(behaviour) as there:
        subscribe(account_id, there.url)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: bool(there.requests))
        row = only_delivery(account_id, event_id)
    assert row.state == "pending"
    assert row.attempts == 1
    assert reason in row.last_error


def test_nobody_listens(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        pass
    subscribe(account_id, there.url)
    event_id = recorded_and_announced(account_id)
    queue.work_until(lambda: bool(state_of(account_id, event_id)))
    row = only_delivery(account_id, event_id)
    assert "refused" in row.last_error
    assert row.last_status is None


def test_redirects_are_failures_and_not_followed(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as inside:
        with receiver(answers(307, headers={"Location": inside.url})) as there:
            subscribe(account_id, there.url)
            event_id = recorded_and_announced(account_id)
            queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
            assert len(there.requests) == 3
        assert inside.requests == []
    assert only_delivery(account_id, event_id).last_status == 307


def test_proxies_of_the_environment_are_ignored(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answers(200)) as there, receiver(answers(200)) as proxy:
        subscribe(account_id, there.url)
        _, delivery_id = fanned_out(account_id)
        attempt = claim(delivery_id)
        assert attempt is not None
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        outcome = delivery.transmit(attempt)
        assert outcome.delivered
        assert proxy.requests == []
        assert len(there.requests) == 1


def test_a_target_inside_is_dead_at_once(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answers(200)) as inside:
        monkeypatch.setenv("OPENVOD_ALLOW_PRIVATE_CALLBACKS", "false")
        settings.cache_clear()
        subscribe(account_id, f"http://localhost:{inside.port}/")
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
        assert inside.requests == []
    row = only_delivery(account_id, event_id)
    assert row.attempts == 1
    assert "not a public address" in row.last_error


def test_a_receiver_that_hangs_is_given_up(deployment: None, account_id: str) -> None:
    with receiver(hangs) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        attempt = claim(delivery_id)
        assert attempt is not None
        attempts.settle([(attempt, delivery.transmit(attempt))])
    row = only_delivery(account_id, event_id)
    assert (row.state, row.attempts) == ("pending", 1)
    assert row.last_error == "no answer in time"
    assert row.last_status is None


def test_a_slow_receiver_holds_up_no_other(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as other:

        def waits_for_the_other(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
            # Were they asked one after the other, this one would be given up first.
            other.arrived.wait(30)
            answers(200)(handler, state)

        with receiver(waits_for_the_other) as slow:
            slow_event = recorded(account_id, override_url=slow.url)
            other_event = recorded(account_id, override_url=other.url)
            hints = {
                event_id: events.parse_hint(json.dumps({"event_ids": [event_id]}))
                for event_id in (slow_event, other_event)
            }
            assert events.work_off(hints, event_messages.render) == []
    for event_id in (slow_event, other_event):
        row = only_delivery(account_id, event_id)
        assert (row.state, row.attempts, row.last_error) == ("delivered", 1, "")


def test_a_worker_killed_in_the_middle_of_a_post(queue: Queue, account_id: str) -> None:
    with receiver(hangs) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        program = (
            "import sys; from chalicelib.events import attempts, delivery;"
            "delivery.transmit(attempts.claim([sys.argv[1]])[0])"
        )
        worker = subprocess.Popen([sys.executable, "-c", program, delivery_id], env=environment())
        assert there.arrived.wait(30)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        there.released.set()
        row = only_delivery(account_id, event_id)
        assert (row.state, row.attempts, row.claims) == ("pending", 0, 1)
        # While the lease runs nobody else may try, whatever the hints say.
        assert claim(delivery_id) is None
        pass_time(attempts.LEASE_SECONDS + 6)
        assert events.relay_pending() == 1
    with receiver(answers(200)) as again:
        moved = f"UPDATE delivery SET target = '{again.url}'"
        database.run(lambda tx: database.change(tx, moved))
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        (second,) = again.requests
    (first,) = there.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event_id
    assert first.body == second.body
    row = only_delivery(account_id, event_id)
    assert (row.attempts, row.claims) == (1, 2)


def test_a_worker_killed_after_the_post_posts_again(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        attempt = claim(delivery_id)
        assert attempt is not None
        assert delivery.transmit(attempt).delivered
        # It dies here: nothing was written down.
        pass_time(attempts.LEASE_SECONDS + 6)
        events.relay_pending()
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert [one.headers["webhook-id"] for one in there.requests] == [event_id] * 2


def test_a_late_worker_cannot_undo_what_another_did(deployment: None, account_id: str) -> None:
    subscribe(account_id, "http://127.0.0.1:9/")
    event_id, delivery_id = fanned_out(account_id)
    late = claim(delivery_id)
    assert late is not None
    pass_time(attempts.LEASE_SECONDS + 1)
    second = claim(delivery_id)
    assert second is not None
    failure = Outcome(delivered=False, report=AttemptReport(error="late"))
    attempts.settle([(late, failure)])
    attempts.settle([(late, replace(failure, hopeless=True))])
    row = only_delivery(account_id, event_id)
    assert (row.state, row.attempts) == ("pending", 0)
    success = Outcome(delivered=True, report=AttemptReport(status=200))
    attempts.settle([(second, success)])
    attempts.settle([(late, failure)])
    row = only_delivery(account_id, event_id)
    assert (row.state, row.attempts, row.last_error) == ("delivered", 1, "")


def test_of_many_workers_one_gets_the_attempt(deployment: None, account_id: str) -> None:
    subscribe(account_id, "http://127.0.0.1:9/")
    _, delivery_id = fanned_out(account_id)
    claimed = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        claimed.append(claim(delivery_id))
        database.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == 6
    assert sum(attempt is not None for attempt in claimed) == 1


def test_a_delivery_that_kills_every_worker_dies_itself(deployment: None, account_id: str) -> None:
    subscribe(account_id, "http://127.0.0.1:9/")
    event_id, delivery_id = fanned_out(account_id)
    for _ in range(attempts.LOST_CLAIMS):
        assert claim(delivery_id) is not None
        pass_time(attempts.LEASE_SECONDS + 1)
    assert claim(delivery_id) is None
    row = only_delivery(account_id, event_id)
    assert row.state == "dead"
    assert "no worker" in row.last_error


def test_hints_ahead_of_time_do_not_hasten_the_schedule(queue: Queue, account_id: str) -> None:
    with receiver(answers(500)) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        attempt = claim(delivery_id)
        assert attempt is not None
        attempts.settle([(attempt, delivery.transmit(attempt))])
        due = only_delivery(account_id, event_id).next_attempt_at
        # The clock stands still: the second attempt is not due for a second.
        pass_time(-30)
        for _ in range(5):
            assert claim(delivery_id) is None
        assert len(there.requests) == 1
        row = only_delivery(account_id, event_id)
        assert row.claims == 1
        assert row.next_attempt_at > due


def test_an_early_hint_is_sent_round_again(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        pass_time(-0.9)
        assert claim(delivery_id) is None
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert len(there.requests) == 1


def test_events_go_to_a_queue(queue: Queue, account_id: str) -> None:
    name = f"vodcallback-{account_id}"
    url = aws.sqs().create_queue(QueueName=name)["QueueUrl"]
    change = events.SubscriptionChange(
        channel="queue",
        queue_endpoint="http://1234567.mns.cn-shanghai.aliyuncs.com/",
        queue_name=name,
        selectors=(events.EventGroup.ALL,),
    )
    events.change_subscription(account_id, APP, change)
    event_id = recorded_and_announced(account_id)
    queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
    (message,) = aws.sqs().receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
    assert json.loads(message["Body"])["EventType"] == "FileUploadComplete"


def test_a_queue_that_is_not_there_is_tried_three_times(queue: Queue, account_id: str) -> None:
    change = events.SubscriptionChange(
        channel="queue",
        queue_endpoint="http://mns.example.com/",
        queue_name="not-there",
        selectors=(events.EventGroup.ALL,),
    )
    events.change_subscription(account_id, APP, change)
    event_id = recorded_and_announced(account_id)
    queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
    row = only_delivery(account_id, event_id)
    assert row.attempts == 3
    assert row.last_error == "there is no queue not-there"
