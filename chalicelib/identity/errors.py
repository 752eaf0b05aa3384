"""What can go wrong with accounts, keys, tokens, policies and roles."""


class IdentityError(Exception):
    """Base of the room's errors."""


class AccessKeyNotFound(IdentityError):
    """No access key has this id."""


class AccessKeyInactive(IdentityError):
    """The access key was deactivated."""


class TokenMissing(IdentityError):
    """A temporary access key was used without its security token."""


class TokenMalformed(IdentityError):
    """The security token was not issued here, was changed, or its master key is no longer used."""


class TokenExpired(IdentityError):
    """The security token's time is over."""


class TokenOfAnotherKey(IdentityError):
    """The security token is genuine but belongs to another access key."""


class NonceUsed(IdentityError):
    """A request with this nonce was seen before: a replay."""


class PermissionDenied(IdentityError):
    """The caller's policies do not allow the action on the resource."""

    def __init__(self, action: str, resource: str) -> None:
        super().__init__(f"{action} on {resource}")
        self.action = action
        self.resource = resource


class PolicyMalformed(IdentityError):
    """A policy document breaks the grammar; the message says where."""


class PolicyTooLarge(IdentityError):
    """A policy, or all of a principal's policies together, exceed what a token can carry."""


class InvalidName(IdentityError):
    """A user or role name has a character or length that is not allowed."""


class UserExists(IdentityError):
    """The account has a user of this name already."""


class RoleExists(IdentityError):
    """The account has a role of this name already, with other policies or trust."""


class RoleNotFound(IdentityError):
    """The account has no role of this name."""


class InvalidRoleArn(IdentityError):
    """Not of the form ``acs:ram::{account}:role/{name}``."""


class InvalidSessionName(IdentityError):
    """Not 2 to 64 characters of ``A-Za-z0-9.@_-``."""


class InvalidDuration(IdentityError):
    """A token's life outside of what may be asked for."""


class MasterKeyRetired(IdentityError):
    """A stored value hangs on a master key that was retired: it cannot be read any more."""


class ApplicationNotFound(IdentityError):
    """The account has no application with this id."""


class ApplicationForbidden(IdentityError):
    """The caller may not use this application, or may not manage applications at all.

    The same for one that does not exist: nobody learns which others the account has.
    """


class DefaultApplication(IdentityError):
    """The default application can be neither stopped nor deleted."""


class ApplicationNotEmpty(IdentityError):
    """The application cannot be deleted: it still holds something."""

    def __init__(self, app_id: str, held: str) -> None:
        super().__init__(f"{app_id} holds {held}")
        self.app_id = app_id
        self.held = held


class NameTaken(IdentityError):
    """Another application of the account has this name."""


class TooManyApplications(IdentityError):
    """The account has as many applications as it may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit}")
        self.limit = limit


class IdentityNotFound(IdentityError):
    """The account has no such user or role."""


class PasswordUnusable(IdentityError):
    """Too short or too long to be a password; the message says what it must be."""


class PasswordWrong(IdentityError):
    """No such account or user, no password, or another one: nobody learns which."""


class UserGone(IdentityError):
    """The user of a token, or the password or key that it was issued for, is gone."""
