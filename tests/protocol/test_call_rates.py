"""Calls beyond an account's allowance are refused, whichever process they come to."""

import threading
from collections.abc import Callable, Iterator

import pytest

from chalicelib.identity import call_rates
from chalicelib.identity.call_rates import CallRate, CallsTooFrequent, count_call
from chalicelib.settings import settings
from chalicelib.store import database
from tests.protocol.conftest import Ask, Key
from tests.protocol.sending import v1

# So slow that no test, however slow its machine, sees one call added.
_SLOW = CallRate(20, seconds=10**7)


@pytest.fixture(autouse=True)
def _fresh(deployment: None) -> Iterator[None]:
    call_rates.forget()
    yield
    call_rates.forget()


def _calls(account_id: str, rate: CallRate, most: int = 100) -> int:
    """How many calls are let through in a row."""
    for count in range(most):
        try:
            count_call(account_id, "Do", rate)
        except CallsTooFrequent:
            return count
    return most


def test_a_burst_gets_what_the_limit_says(account_id: str) -> None:
    assert _calls(account_id, _SLOW) == 20
    assert _calls(account_id, _SLOW) == 0


def test_actions_and_accounts_are_counted_apart(account_id: str) -> None:
    assert _calls(account_id, _SLOW) == 20
    count_call(account_id, "Other", _SLOW)
    count_call(account_id + "1", "Do", _SLOW)


def test_processes_share_one_allowance_but_for_a_tenth_each(account_id: str) -> None:
    through = 0
    for _ in range(10):
        through += _calls(account_id, _SLOW, most=7)
        call_rates.forget()  # what another process does not know
    # Each loses at most its unsettled calls, fewer than a tenth of the limit: 2.
    assert 20 <= through <= 20 + 10 * 2


def test_what_was_too_much_is_made_up_for(account_id: str) -> None:
    for _ in range(5):
        assert _calls(account_id, _SLOW, most=1) == 1
        call_rates.forget()
    level = database.run(
        lambda tx: database.one(
            tx, "SELECT level FROM call_allowance WHERE account_id = %(a)s", a=account_id
        )
    )
    assert level is not None
    assert 0 <= level["level"] <= 20_000


def test_time_gives_new_calls(account_id: str) -> None:
    fast = CallRate(5, seconds=1)
    assert _calls(account_id, fast, most=1000) >= 5
    database.run(
        lambda tx: database.change(
            tx,
            "UPDATE call_allowance SET at = at - interval '1 hour' WHERE account_id = %(a)s",
            a=account_id,
        )
    )
    call_rates.forget()
    assert _calls(account_id, CallRate(5, seconds=1), most=5) == 5


def test_threads_of_one_process_count_together(account_id: str) -> None:
    through: list[int] = []

    def work() -> None:
        through.append(_calls(account_id, _SLOW))
        database.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(through) == 20


def test_the_answer_is_a_throttling_error_and_names_no_account(
    admin: Key, user: Callable[..., Key], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = user("other", "AdministratorAccess")
    answers = [ask(v1(key, "Shapes")) for key in (admin, other) * 10]
    refused = [body for status, body in answers if status == 503]
    assert refused
    assert all(body["Code"] == "Throttling.User" for body in refused)
    assert refused[0]["Message"] == "Request was denied due to request throttling."
    # What is refused for its parameters, and actions without a limit, are not counted.
    assert ask(v1(admin, "Echo"))[0] == 200
    monkeypatch.setenv("OPENVOD_RATE_LIMITS", "false")
    settings.cache_clear()
    assert ask(v1(admin, "Shapes"))[0] == 200
