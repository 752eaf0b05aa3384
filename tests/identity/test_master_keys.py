"""Master keys: made once, wrapped by KMS, rotated without losing anything."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag

from chalicelib.identity import access_keys, master_keys
from chalicelib.identity.accounts import bootstrap, create_user
from chalicelib.identity.errors import MasterKeyRetired
from chalicelib.identity.rotation import rotate_master_key
from chalicelib.identity.sealing import Sealed, seal, unseal
from chalicelib.settings import settings
from chalicelib.store import aws, database
from chalicelib.store import master_keys as store
from tests.identity.conftest import age_master_keys


def test_first_starts_at_once_end_with_one_key() -> None:
    # Each thread has its own connection; the cache's lock would hide the race between processes,
    # so each asks the store as a process of its own would.
    def start(_: int) -> bytes:
        if not store.latest(1):
            store.add(1, store.new_wrapped_key(1), datetime.now(UTC))
        secret = store.unwrap(store.latest(1)[0])
        database.close()
        return secret

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(start, range(8)))) == 1
    assert len(store.latest(10)) == 1


def test_the_key_is_the_same_after_a_restart() -> None:
    before = master_keys.issuing_key()
    master_keys.forget()
    after = master_keys.issuing_key()
    assert (after.key_id, after.secret) == (before.key_id, before.secret)
    assert len(before.secret) == 32
    assert before.secret.hex() not in repr(before)


def test_only_kms_can_unwrap_and_only_as_the_same_key() -> None:
    master_keys.issuing_key()
    (row,) = store.latest(1)
    with pytest.raises(store.KeyServiceUnavailable):
        store.unwrap(row.model_copy(update={"key_id": 2}))


def test_an_unreachable_kms_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENVOD_KMS_KEY_ID", "00000000-0000-0000-0000-000000000000")
    settings.cache_clear()
    aws.kms.cache_clear()
    with pytest.raises(store.KeyServiceUnavailable):
        master_keys.issuing_key()


def test_a_new_key_is_published_before_it_is_used() -> None:
    first = master_keys.issuing_key()
    age_master_keys(700)
    second = master_keys.add_master_key()
    assert second.key_id == first.key_id + 1
    assert master_keys.issuing_key().key_id == first.key_id
    assert master_keys.accepted_key(second.key_id) is not None
    age_master_keys(700)
    assert master_keys.issuing_key().key_id == second.key_id
    assert master_keys.accepted_key(first.key_id) is not None


def test_another_processs_new_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first = master_keys.issuing_key()
    # Another process adds a key: this one's cache does not know.
    store.add(first.key_id + 1, store.new_wrapped_key(first.key_id + 1), first.created_at)
    assert master_keys.accepted_key(first.key_id + 1) is None
    # The clock is the one thing here that cannot be had for real.
    later = master_keys.time.time() + master_keys.RELOAD_SECONDS
    monkeypatch.setattr("chalicelib.identity.master_keys.time.time", lambda: later)
    assert master_keys.accepted_key(first.key_id + 1) is not None


def test_sealed_secrets_open_in_their_place_only() -> None:
    sealed = seal("secret", "here")
    assert unseal(sealed, "here") == "secret"
    assert "secret" not in repr(sealed)
    changed = sealed.text[:-8] + ("A" if sealed.text[-8] != "A" else "B") + sealed.text[-7:]
    for text, place in ((sealed.text, "there"), (changed, "here")):
        with pytest.raises(InvalidTag):
            unseal(Sealed(text=text, master_key_id=sealed.master_key_id), place)


def test_rotation_keeps_every_stored_secret(account_id: str) -> None:
    pairs = [bootstrap(account_id)]
    pairs += [create_user(account_id, f"user{n}", ["AliyunVODFullAccess"]) for n in range(3)]
    for _ in range(4):
        age_master_keys(700)
        rotate_master_key()
        access_keys.forget_all()
        for pair in pairs:
            found = access_keys.authenticate_key(pair.access_key_id, None, "", True)
            assert found.secret == pair.access_key_secret
    assert bootstrap(account_id) == pairs[0]


def test_rotation_retires_what_nothing_needs(account_id: str) -> None:
    bootstrap(account_id)
    old = seal("kept by nobody", "x")
    for _ in range(2):
        age_master_keys(700)
        rotate_master_key()
    age_master_keys(700)
    assert [row.key_id for row in store.latest(9)] == [3, 2]
    with pytest.raises(MasterKeyRetired):
        unseal(old, "x")


def test_rotation_in_haste_retires_nothing_that_may_be_in_use(account_id: str) -> None:
    pair = bootstrap(account_id)
    for _ in range(3):
        rotate_master_key()
    assert len(store.latest(9)) == 4
    access_keys.forget_all()
    found = access_keys.authenticate_key(pair.access_key_id, None, "", True)
    assert found.secret == pair.access_key_secret


def test_rotation_goes_on_after_a_secret_that_cannot_be_read(account_id: str) -> None:
    bad, good = sorted(
        (create_user(account_id, name, ["AliyunVODFullAccess"]) for name in ("one", "two")),
        key=lambda pair: pair.access_key_id,
    )
    spoil = "UPDATE access_key SET secret = %(secret)s WHERE access_key_id = %(key)s"
    database.run(lambda tx: database.change(tx, spoil, secret="A" * 80, key=bad.access_key_id))
    for _ in range(2):
        age_master_keys(700)
        rotate_master_key()
    found = access_keys.authenticate_key(good.access_key_id, None, "", True)
    assert found.secret == good.access_key_secret
    # Its master key stays, in case the secret comes back from a backup.
    assert [row.key_id for row in store.latest(9)] == [3, 2, 1]


def test_rotation_moves_the_secrets_of_other_rooms() -> None:
    calls: list[int] = []
    master_keys.issuing_key()
    rotate_master_key([lambda: calls.append(1), lambda: calls.append(2)])
    assert calls == [1, 2]
