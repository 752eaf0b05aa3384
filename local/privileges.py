"""Runs PostgreSQL for root: it refuses to run as root, and containers often know no other user."""

import contextlib
import ctypes
import os
import pwd
import sys
from pathlib import Path

_USER = "nobody"  # the one unprivileged user that every system has
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_away(directory: Path) -> None:
    """Make a directory belong to the user that ``drop_root`` changes to, if this is root."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(_USER)
        os.chown(directory, user.pw_uid, user.pw_gid)


def own_user_ids() -> set[int]:
    """The users that this process is or can become here."""
    user_id = os.geteuid()
    return {0, pwd.getpwnam(_USER).pw_uid} if user_id == 0 else {user_id}


def drop_root() -> None:
    """Become an unprivileged user for good. Does nothing unless root.

    One capability of root's is kept where the system allows it: passing through directories that
    only root may enter (a project under /root), so that nobody has to open those to everyone.
    """
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(_USER)
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc is not None:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    with contextlib.suppress(PermissionError):
        os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = "/"
    if libc is not None:
        _keep_capability(libc, _CAP_DAC_OVERRIDE)


def _keep_capability(libc: ctypes.CDLL, capability: int) -> None:
    header = _Header(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (_Sets * 2)(_Sets(bit, bit, bit), _Sets(0, 0, 0))
    if libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)
