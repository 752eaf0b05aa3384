"""Accounts, users, access keys, nonces."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.identity.access_keys import CACHE_SECONDS, authenticate_key
from chalicelib.identity.accounts import (
    AccessKeyPair,
    bootstrap,
    create_role,
    create_user,
    deactivate_key,
)
from chalicelib.identity.errors import (
    AccessKeyInactive,
    AccessKeyNotFound,
    InvalidName,
    NonceUsed,
    PolicyMalformed,
    PolicyTooLarge,
    RoleExists,
    UserExists,
)
from chalicelib.identity.nonces import forget_old_nonces, use_nonce
from chalicelib.identity.policies import allow
from chalicelib.store import database, identities

SOON = datetime.now(UTC) + timedelta(hours=1)


def test_bootstrap_always_returns_the_same_pair(account_id: str) -> None:
    pair = bootstrap(account_id)
    assert bootstrap(account_id) == pair
    assert pair.access_key_secret not in repr(pair)
    credential = authenticate_key(pair.access_key_id, None, "203.0.113.7", True)
    assert credential.secret == pair.access_key_secret
    assert pair.access_key_secret not in repr(credential)
    caller = credential.caller
    assert caller.arn == f"acs:ram::{account_id}:user/admin"
    assert caller.may("vod:DeleteVideo", "acs:vod:cn-shanghai:1:*")
    assert identities.role(account_id, "vod").policies == (allow(["vod:*"], ["*"]),)


def test_bootstraps_at_once_return_the_same_pair(account_id: str) -> None:
    def start(_: int) -> AccessKeyPair:
        pair = bootstrap(account_id)
        database.close()
        return pair

    with ThreadPoolExecutor(8) as threads:
        pairs = list(threads.map(start, range(8)))
    assert pairs == [pairs[0]] * 8


def test_bootstrap_in_another_process_returns_the_same_pair(account_id: str) -> None:
    code = (
        "from chalicelib.identity.accounts import bootstrap;"
        f"print(bootstrap('{account_id}').access_key_secret)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == bootstrap(account_id).access_key_secret


def test_accounts_do_not_share_keys(account_id: str) -> None:
    one, two = bootstrap(account_id), bootstrap(account_id + "1")
    assert one.access_key_id != two.access_key_id
    caller = authenticate_key(two.access_key_id, None, "", True).caller
    assert caller.account_id == account_id + "1"


def test_secrets_are_not_stored_in_the_clear(account_id: str) -> None:
    pair = bootstrap(account_id)
    row = identities.access_key(pair.access_key_id)
    assert row is not None
    assert pair.access_key_secret not in row.model_dump_json()


def test_a_users_name_is_taken_once(account_id: str) -> None:
    create_user(account_id, "alice", ["AliyunVODPlayAuth"])
    with pytest.raises(UserExists):
        create_user(account_id, "alice", ["AliyunVODFullAccess"])
    create_user(account_id + "1", "alice", ["AliyunVODPlayAuth"])


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "用户", "a\n"])
def test_names_are_checked(account_id: str, name: str) -> None:
    with pytest.raises(InvalidName):
        create_user(account_id, name, [])
    with pytest.raises(InvalidName):
        create_role(account_id, name, [])


def test_policies_are_checked(account_id: str) -> None:
    with pytest.raises(PolicyMalformed):
        create_user(account_id, "bob", ["NoSuchPolicy"])
    with pytest.raises(PolicyMalformed):
        create_role(account_id, "r", ["{}"])
    large = allow(["vod:*"], ["x" * 1500])
    with pytest.raises(PolicyTooLarge):
        create_role(account_id, "r", [large, large])


def test_a_role_is_made_once(account_id: str) -> None:
    arn = create_role(account_id, "player", ["AliyunVODPlayAuth"])
    assert arn == f"acs:ram::{account_id}:role/player"
    assert create_role(account_id, "player", ["AliyunVODPlayAuth"]) == arn
    with pytest.raises(RoleExists):
        create_role(account_id, "player", ["AliyunVODFullAccess"])


def test_a_deactivated_key_is_refused_at_once_here(account_id: str) -> None:
    pair = create_user(account_id, "alice", ["AliyunVODPlayAuth"])
    authenticate_key(pair.access_key_id, None, "", True)
    deactivate_key(pair.access_key_id)
    deactivate_key(pair.access_key_id)
    with pytest.raises(AccessKeyInactive):
        authenticate_key(pair.access_key_id, None, "", True)
    with pytest.raises(AccessKeyNotFound):
        deactivate_key("OVAKnobody")


def test_a_key_deactivated_elsewhere_is_refused_soon(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = create_user(account_id, "alice", ["AliyunVODPlayAuth"])
    authenticate_key(pair.access_key_id, None, "", True)
    identities.deactivate_access_key(pair.access_key_id)
    # The clock is the one thing here that cannot be had for real.
    later = datetime.now().timestamp() + CACHE_SECONDS
    monkeypatch.setattr("chalicelib.identity.access_keys.time.time", lambda: later)
    with pytest.raises(AccessKeyInactive):
        authenticate_key(pair.access_key_id, None, "", True)


def test_a_nonce_is_used_once_per_key() -> None:
    use_nonce("one", "n", "request-1", SOON)
    use_nonce("two", "n", "request-2", SOON)
    with pytest.raises(NonceUsed):
        use_nonce("one", "n", "request-3", SOON)
    # A transaction that ran again after its commit went unheard is the same request.
    use_nonce("one", "n", "request-1", SOON)


def test_of_many_requests_with_one_nonce_one_wins() -> None:
    def attempt(number: int) -> bool:
        try:
            use_nonce("key", "n", f"request-{number}", SOON)
        except NonceUsed:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1


def test_old_nonces_are_forgotten() -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    for number in range(3):
        use_nonce("key", f"old{number}", "r", past)
    use_nonce("key", "new", "r", SOON)
    assert forget_old_nonces() == 3
    assert forget_old_nonces() == 0
    with pytest.raises(NonceUsed):
        use_nonce("key", "new", "another", SOON)
