"""Applications: the parts of an account that keep their media apart (VOD API manual 15.2).

Every account has the default application; up to ten more can be made. Whether a caller may do any
of this is asked in ``app_access``, not here.
"""

import secrets
from datetime import UTC, datetime

from chalicelib.identity.errors import (
    ApplicationNotEmpty,
    ApplicationNotFound,
    DefaultApplication,
    NameTaken,
    TooManyApplications,
)
from chalicelib.store import applications as store
from chalicelib.store import database
from chalicelib.store.applications import Application
from chalicelib.store.database import Transaction

DEFAULT_APP_ID = "app-1000000"
MAX_APPLICATIONS = 10

_DEFAULT_NAME = "Default"


def applications(account_id: str) -> list[Application]:
    """The account's applications, the default one first, the others by age."""
    return database.run(lambda tx: read_all(tx, account_id))


def read_all(tx: Transaction, account_id: str) -> list[Application]:
    """As ``applications``, inside a transaction."""
    found = store.all_of(tx, account_id)
    if any(item.app_id == DEFAULT_APP_ID for item in found):
        return sorted(found, key=lambda item: item.app_id != DEFAULT_APP_ID)
    born = store.account_created_at(tx, account_id) or datetime.now(UTC)
    default = Application(
        account_id=account_id,
        app_id=DEFAULT_APP_ID,
        name=_DEFAULT_NAME,
        created_at=born,
        modified_at=born,
    )
    return [default, *found]


def create_application(account_id: str, name: str, description: str = "") -> Application:
    """A new, empty, active application. Raises TooManyApplications (10), NameTaken."""
    now = datetime.now(UTC)
    made = Application(
        account_id=account_id,
        app_id=f"app-{secrets.token_hex(6)}",
        name=name,
        description=description,
        created_at=now,
        modified_at=now,
    )

    def write(tx: Transaction) -> Application:
        store.lock_registry(tx, account_id)
        others = read_all(tx, account_id)
        if len(others) > MAX_APPLICATIONS:  # the default one is not counted
            raise TooManyApplications(MAX_APPLICATIONS)
        _require_free(name, others)
        store.save(tx, made)
        return made

    return database.run(write)


def update_application(
    account_id: str,
    app_id: str,
    name: str | None = None,
    description: str | None = None,
    active: bool | None = None,
) -> None:
    """Change what is given.

    Raises ApplicationNotFound, NameTaken, DefaultApplication (it cannot be stopped).
    """

    def write(tx: Transaction) -> None:
        store.lock_registry(tx, account_id)
        every = read_all(tx, account_id)
        before = _find(every, app_id)
        if name is not None:
            _require_free(name, [item for item in every if item.app_id != app_id])
        if active is False and app_id == DEFAULT_APP_ID:
            raise DefaultApplication(app_id)
        given = {"name": name, "description": description, "active": active}
        changes = {key: value for key, value in given.items() if value is not None}
        store.save(tx, before.model_copy(update={**changes, "modified_at": datetime.now(UTC)}))

    database.run(write)


def delete_application(account_id: str, app_id: str) -> None:
    """Remove an application with the policies on it and its settings of notifications.

    Raises ApplicationNotFound, ApplicationNotEmpty, DefaultApplication.
    """

    def write(tx: Transaction) -> None:
        store.lock_registry(tx, account_id)
        _find(read_all(tx, account_id), app_id)
        if app_id == DEFAULT_APP_ID:
            raise DefaultApplication(app_id)
        held = store.holding(tx, account_id, app_id)
        if held:
            raise ApplicationNotEmpty(app_id, held)
        store.delete(tx, account_id, app_id)

    database.run(write)


def _find(every: list[Application], app_id: str) -> Application:
    for item in every:
        if item.app_id == app_id:
            return item
    raise ApplicationNotFound(app_id)


def _require_free(name: str, others: list[Application]) -> None:
    if any(item.name == name for item in others):
        raise NameTaken(name)
