"""Applications of an account, and who may use them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.identity import app_access
from chalicelib.identity.accounts import bootstrap, create_role, create_user
from chalicelib.identity.app_access import Access, Identity, access_of, attach, detach
from chalicelib.identity.applications import (
    DEFAULT_APP_ID,
    MAX_APPLICATIONS,
    applications,
    create_application,
    delete_application,
    update_application,
)
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import (
    ApplicationForbidden,
    ApplicationNotFound,
    DefaultApplication,
    IdentityNotFound,
    NameTaken,
    TooManyApplications,
)
from chalicelib.store import database
from chalicelib.store.applications import AppPolicy
from chalicelib.store.visibility import NotWritable, Visibility, limited_to


@pytest.fixture(autouse=True)
def _account(deployment: None, account_id: str) -> None:
    bootstrap(account_id)


def _caller(account_id: str, principal: str, *policies: str) -> Caller:
    return Caller(
        account_id=account_id,
        access_key_id="key",
        principal=principal,
        rights=(policies,),
        source_ip="203.0.113.7",
        secure=True,
    )


def _user(account_id: str, name: str = "someone") -> tuple[Identity, Caller]:
    create_user(account_id, name, ["AliyunVODFullAccess"])
    caller = _caller(account_id, f"user/{name}", "AliyunVODFullAccess")
    return Identity(account_id, "user", name), caller


def test_every_account_has_the_default_application(account_id: str) -> None:
    assert [item.app_id for item in applications(account_id)] == [DEFAULT_APP_ID]


def test_an_account_has_ten_more_and_not_eleven(account_id: str) -> None:
    for number in range(MAX_APPLICATIONS):
        create_application(account_id, f"n{number}")
    with pytest.raises(TooManyApplications):
        create_application(account_id, "one more")
    assert len(applications(account_id)) == MAX_APPLICATIONS + 1


def test_the_limit_and_the_names_hold_when_many_are_made_at_once(account_id: str) -> None:
    def make(number: int) -> str:
        try:
            create_application(account_id, f"n{number // 2}")
        except (NameTaken, TooManyApplications) as error:
            return type(error).__name__
        finally:
            database.close()
        return "made"

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(make, range(24)))
    assert made.count("made") == MAX_APPLICATIONS
    names = [item.name for item in applications(account_id)]
    assert len(set(names)) == len(names)


def test_changes_of_an_application(account_id: str) -> None:
    made = create_application(account_id, "one", "first")
    create_application(account_id, "two")
    update_application(account_id, made.app_id, description="second", active=False)
    changed = applications(account_id)[1]
    assert (changed.name, changed.description, changed.active) == ("one", "second", False)
    update_application(account_id, made.app_id, name="one")  # its own name is free for it
    with pytest.raises(NameTaken):
        update_application(account_id, made.app_id, name="two")
    with pytest.raises(ApplicationNotFound):
        update_application(account_id, "app-0", name="three")


def test_the_default_application_can_be_renamed_but_not_stopped(account_id: str) -> None:
    update_application(account_id, DEFAULT_APP_ID, name="main")
    assert [(item.app_id, item.name) for item in applications(account_id)] == [
        (DEFAULT_APP_ID, "main")
    ]
    with pytest.raises(DefaultApplication):
        update_application(account_id, DEFAULT_APP_ID, active=False)
    with pytest.raises(DefaultApplication):
        delete_application(account_id, DEFAULT_APP_ID)


def test_the_account_itself_may_use_everything(account_id: str) -> None:
    access = access_of(_caller(account_id, "user/admin", "AdministratorAccess"))
    assert access == Access(everywhere=True, is_account=True)


def test_a_key_for_one_purpose_is_held_by_its_policy_alone(account_id: str) -> None:
    assert access_of(_caller(account_id, "play/123", "x")).everywhere


def test_a_user_without_policies_works_in_the_default_application(account_id: str) -> None:
    create_application(account_id, "one")
    _, caller = _user(account_id)
    assert access_of(caller).readable == access_of(caller).writable == {DEFAULT_APP_ID}


def test_a_user_with_policies_is_held_to_them_also_without_the_last(account_id: str) -> None:
    one, two = (create_application(account_id, name).app_id for name in ("one", "two"))
    identity, caller = _user(account_id)
    assert attach(identity, one, ["full"]) == ["full"]
    assert attach(identity, two, ["read"]) == ["read"]
    access = access_of(caller)
    assert (access.readable, access.writable) == ({one, two}, {one})
    update_application(account_id, one, active=False)
    assert (access_of(caller).readable, access_of(caller).known) == ({two}, {one, two})
    assert detach(identity, one, ["full", "read"]) == ["full"]
    assert detach(identity, two, ["read"]) == ["read"]
    assert access_of(caller).readable == frozenset()


def test_administrators_of_applications_may_use_all(account_id: str) -> None:
    identity, caller = _user(account_id)
    attach(identity, "app-whatever", ["administrator"])
    assert access_of(caller) == Access(everywhere=True)
    assert [grant.app_id for grant in app_access.policies_of(identity)] == [""]


def test_the_session_of_a_role_has_the_policies_of_the_role(account_id: str) -> None:
    one = create_application(account_id, "one").app_id
    create_role(account_id, "uploader", ["AliyunVODUploadAuth"])
    attach(Identity(account_id, "role", "uploader"), one, ["full"])
    caller = _caller(account_id, "role/uploader/some-session", "AliyunVODUploadAuth")
    assert access_of(caller).writable == {one}


def test_nobody_has_more_than_ten_policies(account_id: str) -> None:
    apps = [create_application(account_id, f"n{number}").app_id for number in range(6)]
    identity, _ = _user(account_id)
    wanted: list[AppPolicy] = ["full", "read"]
    given = [policy for app_id in apps for policy in attach(identity, app_id, wanted)]
    assert len(given) == 10
    assert attach(identity, apps[0], wanted) == wanted  # those it has already it has for sure


def test_policies_need_an_identity_and_an_application(account_id: str) -> None:
    identity, _ = _user(account_id)
    with pytest.raises(IdentityNotFound):
        attach(Identity(account_id, "role", "someone"), DEFAULT_APP_ID, ["full"])
    with pytest.raises(ApplicationNotFound):
        attach(identity, "app-0", ["full"])


def test_an_application_takes_its_policies_with_it(account_id: str) -> None:
    one = create_application(account_id, "one").app_id
    identity, caller = _user(account_id)
    attach(identity, one, ["full"])
    delete_application(account_id, one)
    assert app_access.policies_of(identity) == []
    assert access_of(caller).readable == frozenset()


def test_naming_an_application(account_id: str) -> None:
    stopped = create_application(account_id, "one").app_id
    update_application(account_id, stopped, active=False)
    admin = _caller(account_id, "user/admin", "AdministratorAccess")
    everything = access_of(admin)
    app_access.require_application(admin, everything, stopped, writing=False)
    for app_id in (stopped, "app-0"):
        with pytest.raises(ApplicationForbidden):
            app_access.require_application(admin, everything, app_id, writing=True)
    reader = Access(everywhere=False, readable=frozenset({"a"}))
    app_access.require_application(admin, reader, "a", writing=False)
    with pytest.raises(ApplicationForbidden):
        app_access.require_application(admin, reader, "a", writing=True)


def test_the_database_shows_rows_of_permitted_applications_only() -> None:
    statement = "SELECT app_id FROM (VALUES ('a'), ('b'), ('c')) AS rows (app_id)"

    def read() -> list[str]:
        return [row["app_id"] for row in database.run(lambda tx: database.many(tx, statement))]

    limits = Visibility(frozenset({"a", "b"}), frozenset({"a"}), writing=False)
    with limited_to(limits):
        assert read() == ["a", "b"]
    assert read() == ["a", "b", "c"]
    with limited_to(Visibility(limits.readable, limits.writable, writing=True)):
        with pytest.raises(NotWritable):
            read()
        first = database.run(lambda tx: database.one(tx, statement))
    assert first == {"app_id": "a"}
