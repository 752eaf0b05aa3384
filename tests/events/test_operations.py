"""What operators do: find deliveries, send them again, forget them; by call and by command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib import events
from chalicelib.events import DeliveryFilter
from chalicelib.handlers.timers import timers
from chalicelib.settings import settings
from chalicelib.store import database
from local.__main__ import main
from local.timers import scheduled_event
from tests.events.conftest import (
    MEDIA,
    Queue,
    only_delivery,
    pass_time,
    recorded,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import answers, receiver


def until_dead(queue: Queue, account_id: str, count: int, **more: str) -> list[str]:
    """Events that are dead letters after one attempt."""
    event_ids = [recorded_and_announced(account_id, **more) for _ in range(count)]
    for event_id in event_ids:
        queue.work_until(lambda one=event_id: bool(state_of(account_id, one)))
    _bury(account_id)
    return event_ids


def _bury(account_id: str) -> None:
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE delivery SET state = 'dead', finished_at = now() WHERE account_id = %(a)s"
            " AND state IN ('pending', 'held')",
            a=account_id,
        )
    )


def ids(found: list[object]) -> list[str]:
    return [one.event_id for one in found]  # type: ignore[attr-defined]


def test_deliveries_are_found_by_what_is_known_of_them(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as good, receiver(answers(500)) as bad:
        fine = recorded_and_announced(account_id, override_url=good.url)
        queue.work_until(lambda: state_of(account_id, fine) == ["delivered"])
        (dead,) = until_dead(queue, account_id, 1, override_url=bad.url)

        def found(**criteria: object) -> list[str]:
            which = DeliveryFilter.model_validate(criteria)
            return ids(list(events.list_deliveries(account_id, which)))

        assert found() == [dead, fine]
        assert found(state="dead") == [dead]
        assert found(target=good.url) == [fine]
        assert found(media_id=MEDIA) == [dead, fine]
        assert found(event_id=fine) == [fine]
        assert found(event_type="file_upload_complete", state="delivered") == [fine]
        now = datetime.now(UTC)
        assert found(since=now - timedelta(hours=1), until=now + timedelta(hours=1)) == [dead, fine]
        assert found(until=now - timedelta(hours=1)) == []
        assert len(events.list_deliveries(account_id, limit=1)) == 1
        assert events.list_deliveries("somebody-else") == []


def test_a_dead_letter_is_sent_again_with_a_new_schedule(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 500, 200)) as there:
        event_id = recorded_and_announced(account_id, override_url=there.url)
        queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
        row = only_delivery(account_id, event_id)
        assert events.replay_deliveries("somebody-else", [row.delivery_id]) == []
        assert events.replay_deliveries(account_id, [row.delivery_id]) == [row.delivery_id]
        assert events.replay_deliveries(account_id, [row.delivery_id]) == [], "it is on its way"
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
    found = events.get_delivery(account_id, row.delivery_id)
    assert found is not None
    assert found[0].attempts == 1
    assert [one.status for one in found[1]] == [500, 500, 500, 200]


def test_all_dead_letters_are_sent_again(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        event_ids = [recorded_and_announced(account_id, override_url=there.url) for _ in range(5)]
        for event_id in event_ids:
            queue.work_until(lambda one=event_id: state_of(account_id, one) == ["delivered"])
        dead = "UPDATE delivery SET state = 'dead' WHERE event_id = ANY(%(ids)s)"
        database.run(lambda tx: database.change(tx, dead, ids=event_ids[:4]))
        assert events.replay_matching(account_id, DeliveryFilter(state="dead")) == 4
        for event_id in event_ids:
            queue.work_until(lambda one=event_id: state_of(account_id, one) == ["delivered"])
        assert len(there.requests) == 9


def test_a_time_range_is_sent_again(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        old, new = (recorded_and_announced(account_id, override_url=there.url) for _ in range(2))
        for event_id in (old, new):
            queue.work_until(lambda one=event_id: state_of(account_id, one) == ["delivered"])
        earlier = (
            "UPDATE delivery SET created_at = now() - interval '2 days' WHERE event_id = %(e)s"
        )
        database.run(lambda tx: database.change(tx, earlier, e=old))
        now = datetime.now(UTC)
        span = DeliveryFilter(since=now - timedelta(days=3), until=now - timedelta(days=1))
        assert events.replay_matching(account_id, span) == 1
        queue.work_until(lambda: len(there.requests) == 3)
        queue.work_until(lambda: state_of(account_id, old) == ["delivered"])
    assert [request.headers["webhook-id"] for request in there.requests].count(old) == 2


def test_what_is_older_than_the_retention_is_deleted(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_EVENT_RETENTION_DAYS", "7")
    settings.cache_clear()
    with receiver(answers(200)) as there:
        kept, gone = (recorded_and_announced(account_id, override_url=there.url) for _ in range(2))
        for event_id in (kept, gone):
            queue.work_until(lambda one=event_id: state_of(account_id, one) == ["delivered"])
    on_its_way = recorded(account_id)

    def age(tx: database.Transaction) -> None:
        for table, column in (("delivery", "created_at"), ("event", "announce_at")):
            database.change(
                tx,
                f"UPDATE {table} SET {column} = {column} - interval '8 days'"
                " WHERE event_id = ANY(%(e)s)",
                e=[gone, on_its_way],
            )

    old = only_delivery(account_id, gone).delivery_id
    database.run(age)
    assert events.purge(limit=1) == 2
    assert events.purge() == 0
    assert events.get_delivery(account_id, old) is None
    assert len(events.list_deliveries(account_id)) == 1
    left = database.run(lambda tx: database.many(tx, "SELECT event_id FROM event"))
    assert {row["event_id"] for row in left} == {kept, on_its_way}
    attempts = database.run(lambda tx: database.many(tx, "SELECT * FROM delivery_attempt"))
    assert len(attempts) == 1


def test_retention_goes_by_small_batches(deployment: None, account_id: str) -> None:
    fill = """
        INSERT INTO delivery SELECT md5(n::text), md5(n::text), 'a', 'app', 'm', 'http', 'x', '{}',
               'delivered', 1, 1, now(), 200, 5, '', '', now() - interval '99 days', now(),
               'e', '', 'type', NULL, NULL
        FROM generate_series(1, 950) n
    """
    database.run(lambda tx: database.change(tx, fill))
    assert [events.purge(limit=500) for _ in range(3)] == [500, 450, 0]


def test_the_timer_does_all_chores(queue: Queue) -> None:
    done = timers(scheduled_event(), None)
    assert {"events", "endpoints", "retention"} <= set(done)
    assert None not in (done["events"], done["endpoints"], done["retention"])


# ---- the command line ---------------------------------------------------------------------------


class Cli:
    def __init__(self, data: Path, account_id: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._start = ["events", "--data", str(data), "--account", account_id]
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main([*self._start, *arguments]) == code
        out, err = self._capsys.readouterr()
        return out if code == 0 else err


@pytest.fixture
def cli(queue: Queue, account_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, account_id, capsys)


def test_deliveries_on_the_command_line(cli: Cli, queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 500, 200, body=b"\x1b[31mno")) as there:
        event_id = recorded_and_announced(account_id, override_url=there.url)
        queue.work_until(lambda: state_of(account_id, event_id) == ["dead"])
        head, line = cli("list", "--state", "dead", "--media", MEDIA).splitlines()
        assert head.split()[:3] == ["delivery", "created", "state"]
        delivery_id = line.split()[0]
        assert "the answer's status was 500" in line
        assert len(cli("list", "--state", "delivered").splitlines()) == 1
        shown = cli("show", delivery_id)
        assert shown.count("?[31mno") == 3, "what terminals obey is taken out"
        assert "say which" in cli("replay", code=1)
        assert cli("replay", "--dead", "--event", "0" * 32) == "0 sent again\n"
        assert cli("replay", "--dead") == "1 sent again\n"
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert cli("replay", delivery_id) == "1 sent again\n"
        queue.work_until(lambda: len(there.requests) == 5)
        assert cli("replay", "--since", "2026-01-01T00:00:00Z", "--until", "2026-01-02") == (
            "0 sent again\n"
        )
    assert "there is no delivery" in cli("show", "0" * 32, code=1)


def test_subscribers_on_the_command_line(
    cli: Cli, queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url + "/first")
        monkeypatch.setenv("OPENVOD_AUTH_KEY", "Secret123")
        name = cli("subscribers", "add", "--url", there.url + "/second", "--sign").strip()
        listed = cli("subscribers", "list")
        assert "SetMessageCallback" in listed
        assert name in listed
        assert "Secret123" not in listed
        recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 2)
        assert {one.path for one in there.requests} == {"/callback/first", "/callback/second"}
        signed = {one.path: "webhook-signature" in one.headers for one in there.requests}
        assert signed == {"/callback/first": False, "/callback/second": True}
        cli("subscribers", "remove", name)
        assert name not in cli("subscribers", "list")
        recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 3)
    assert "there is no subscriber" in cli("subscribers", "remove", name, code=1)
    assert "callback_url" in cli("subscribers", "add", "--url", "ftp://example.com/", code=1)
    only_uploads = ("--queue", "a-queue", "--types", "FileUploadComplete")
    assert len(cli("subscribers", "add", *only_uploads).strip()) == 32


def test_endpoints_on_the_command_line(cli: Cli, queue: Queue, account_id: str) -> None:
    with receiver(answers(500)) as there:
        subscribe(account_id, there.url)
        recorded_and_announced(account_id)
        queue.work_until(lambda: bool(there.requests))
    disable = "UPDATE event_endpoint SET state = 'disabled', failing_since = now() - interval '6 d'"
    queue.work_until(lambda: database.run(lambda tx: database.change(tx, disable)) == 1)
    _, line = cli("endpoints").splitlines()
    endpoint_id = line.split()[0]
    assert "disabled" in line
    assert "is disabled: the answer's status was 500" in cli("subscribers", "list")
    assert "enabled" in cli("enable", endpoint_id)
    assert "well" in cli("subscribers", "list")
    assert "no endpoint" in cli("enable", "0" * 32, code=1)


def test_purging_on_the_command_line(cli: Cli, queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        event_id = recorded_and_announced(account_id, override_url=there.url)
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
    assert cli("purge") == "0 deleted\n"
    pass_time(10)
    assert cli("purge", "--days", "0") == "2 deleted\n"


def test_without_a_database_it_says_what_to_do(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENVOD_DATABASE_URL")
    assert "make up" in cli("list", code=1)
