"""Who may use which application (VOD API manual 15.1, 15.3).

- Whoever has the policy ``AdministratorAccess`` acts as the account itself: everything, everywhere.
- A user or role with the policy of application administrators may use and manage every
  application.
- A user or role that was ever given a policy on applications is held to its policies: ``full``
  reads and writes, ``read`` reads. Also when the last one is taken away: then it may use none.
- Any other user or role works in the default application, as before there were others.

What an identity may do at all is still up to its other policies (``Caller.may``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.identity import applications
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import (
    ApplicationForbidden,
    ApplicationNotFound,
    IdentityNotFound,
)
from chalicelib.identity.policies import ADMINISTRATOR
from chalicelib.store import applications as store
from chalicelib.store import database
from chalicelib.store.applications import AppPolicy, Grant, IdentityKind
from chalicelib.store.database import Transaction
from chalicelib.store.visibility import Visibility

MAX_POLICIES = 10
MAX_LISTED = 100

_NONE = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Access:
    """The applications that a caller may use.

    ``everywhere``: all of them, the sets are then empty. ``is_account``: it is the account itself
    that calls. ``known`` has also those that are stopped; they can be neither read nor written.
    """

    everywhere: bool
    is_account: bool = False
    readable: frozenset[str] = _NONE
    writable: frozenset[str] = _NONE
    known: frozenset[str] = _NONE

    def knows(self, app_id: str) -> bool:
        """Whether the caller may learn that there is this application."""
        return self.everywhere or app_id in self.known

    def visibility(self, *, writing: bool) -> Visibility | None:
        """What requests with this access may see."""
        if self.everywhere:
            return None
        return Visibility(self.readable, self.writable, writing)

    def require_administrator(self) -> None:
        """Raises ApplicationForbidden unless applications and policies may be managed."""
        if not self.everywhere:
            raise ApplicationForbidden("not an administrator of applications")


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or a role of an account."""

    account_id: str
    kind: IdentityKind
    name: str


def identity_of(caller: Caller) -> Identity | None:
    """The user or role behind a caller; None for keys that were issued for one purpose."""
    kind, _, rest = caller.principal.partition("/")
    if kind == "user":
        return Identity(caller.account_id, "user", rest)
    if kind == "role":
        return Identity(caller.account_id, "role", rest.partition("/")[0])
    return None


def access_of(caller: Caller) -> Access:
    """The applications that the caller may use: no read for administrators, one for others.

    Keys that were issued for one purpose, as for playing one media, are held to it by their
    policy alone.
    """
    identity = identity_of(caller)
    if identity is None:
        return Access(everywhere=True)
    if ADMINISTRATOR in caller.rights[0]:
        return Access(everywhere=True, is_account=True)
    return database.run_single(lambda tx: _read_access(tx, identity))


def _read_access(tx: Transaction, identity: Identity) -> Access:
    own = store.grants(tx, identity.account_id, identity.kind, identity.name)
    if any(grant.policy == "administrator" for grant in own):
        return Access(everywhere=True)
    if not own:
        held = store.is_held(tx, identity.account_id, identity.kind, identity.name)
        usual = frozenset() if held else frozenset({applications.DEFAULT_APP_ID})
        return Access(everywhere=False, readable=usual, writable=usual, known=usual)
    every = applications.read_all(tx, identity.account_id)
    active = {item.app_id for item in every if item.active}
    return Access(
        everywhere=False,
        readable=frozenset(grant.app_id for grant in own) & active,
        writable=frozenset(grant.app_id for grant in own if grant.policy == "full") & active,
        known=frozenset(grant.app_id for grant in own),
    )


def require_application(caller: Caller, access: Access, app_id: str, *, writing: bool) -> None:
    """Raises ApplicationForbidden unless the caller may name this application.

    It must exist, must not be stopped if something is to change in it, and be one of the caller's.
    """
    if access.everywhere:
        if app_id == applications.DEFAULT_APP_ID:  # always there, cannot be stopped
            return
        for item in applications.applications(caller.account_id):
            if item.app_id == app_id and (item.active or not writing):
                return
    elif app_id in (access.writable if writing else access.readable):
        return
    raise ApplicationForbidden(app_id)


def attach(identity: Identity, app_id: str, policies: Sequence[AppPolicy]) -> list[AppPolicy]:
    """Give an identity policies on an application; returns those that it now has for sure.

    A policy beyond the tenth of the identity is not given. ``administrator`` stands for all
    applications, whatever ``app_id`` says. Raises IdentityNotFound, ApplicationNotFound.
    """

    def write(tx: Transaction) -> list[AppPolicy]:
        _require_identity(tx, identity)
        known = {item.app_id for item in applications.read_all(tx, identity.account_id)}
        store.hold(tx, identity.account_id, identity.kind, identity.name)
        own = store.grants(tx, identity.account_id, identity.kind, identity.name)
        pairs = {(grant.app_id, grant.policy) for grant in own}
        given = []
        for policy in policies:
            place = _place(app_id, policy)
            if place and place not in known:
                raise ApplicationNotFound(place)
            if (place, policy) not in pairs and len(pairs) >= MAX_POLICIES:
                continue
            pairs.add((place, policy))
            grant = Grant(app_id=place, policy=policy, created_at=datetime.now(UTC))
            store.add_grant(tx, identity.account_id, identity.kind, identity.name, grant)
            given.append(policy)
        return given

    return database.run(write)


def detach(identity: Identity, app_id: str, policies: Sequence[AppPolicy]) -> list[AppPolicy]:
    """Take policies away; returns those that the identity had. Raises IdentityNotFound."""

    def write(tx: Transaction) -> list[AppPolicy]:
        _require_identity(tx, identity)
        return [
            policy
            for policy in policies
            if store.remove_grant(
                tx,
                identity.account_id,
                identity.kind,
                identity.name,
                _place(app_id, policy),
                policy,
            )
        ]

    return database.run(write)


def policies_of(identity: Identity) -> list[Grant]:
    """The policies that an identity has, oldest first, at most 100."""

    def read(tx: Transaction) -> list[Grant]:
        return store.grants(tx, identity.account_id, identity.kind, identity.name)

    return database.run(read)[:MAX_LISTED]


def _place(app_id: str, policy: AppPolicy) -> str:
    return "" if policy == "administrator" else app_id


def _require_identity(tx: Transaction, identity: Identity) -> None:
    if not store.identity_exists(tx, identity.account_id, identity.kind, identity.name):
        raise IdentityNotFound(identity.name)
