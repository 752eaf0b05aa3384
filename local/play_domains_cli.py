"""``python -m local play-domains``: names, keys and limits of playback, for operators.

Works on the embedded stack of a data directory, or on whatever OpenVOD's and AWS's own variables
name. Keys go in and out by variables and on request only: command lines are seen by everybody.
"""

import argparse
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from chalicelib.playback import domains, publishing
from chalicelib.playback.domains import PlayDomain
from chalicelib.playback.edge_config import LimitsTooLong, entries
from chalicelib.playback.limits import Limits
from chalicelib.store.database import DatabaseUnavailable
from local.attachment import attach
from local.errors import StackError
from local.layout import DEFAULT_DATA

Options = argparse.Namespace

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9]{6,128}")
_LISTS = {"referer": "sites", "agent": "agents", "address": "networks"}


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe the command line below ``python -m local play-domains``."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the stack's directory")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="all domains; the first one is the default")
    show = actions.add_parser("show", help="one domain with its limits")
    show.add_argument("domain")
    show.add_argument("--keys", action="store_true", help="its signing keys, too")
    remove = actions.add_parser("remove", help="its URLs play no more")
    remove.add_argument("domain")
    actions.add_parser("push", help="bring all domains to CloudFront's KeyValueStore")
    _describe_set(actions.add_parser("set", help="add a domain or change what is named"))


def _describe_set(change: argparse.ArgumentParser) -> None:
    change.add_argument("domain")
    change.add_argument("--signed", choices=("yes", "no"), help="whether URLs need signatures")
    change.add_argument("--validity", type=int, metavar="SECONDS", help="of URLs, from timestamp")
    change.add_argument(
        "--rotate", action="store_true", help="a new main key; the old one becomes the backup key"
    )
    change.add_argument(
        "--keys",
        action="store_true",
        help="take the keys from the variables OPENVOD_MAIN_KEY and OPENVOD_BACKUP_KEY",
    )
    lists = "allow:ITEM,... or deny:ITEM,... or off"
    change.add_argument("--referer", metavar="LIST", help=f"sites: {lists}")
    change.add_argument("--empty-referer", choices=("yes", "no"), help="with --referer")
    change.add_argument("--agent", metavar="LIST", help=f"user agents, * for anything: {lists}")
    change.add_argument("--address", metavar="LIST", help=f"addresses, networks: {lists}")
    change.add_argument("--address-from", choices=("connection", "forwarded", "both"))
    change.add_argument("--openings", type=int, help="of one URL in a period; 0: no limit")
    change.add_argument("--addresses", type=int, help="that open one URL; 0: no limit")
    change.add_argument("--period", type=int, metavar="SECONDS", help="of these two")


def run(options: Options) -> int:
    """Run one command; returns the exit code. Raises StackError with a message for the user."""
    attach(options.data)
    try:
        return _ACTIONS[options.action](options)
    except DatabaseUnavailable as error:
        raise StackError(str(error)) from error


def _list(_: Options) -> int:
    default = domains.find().name
    for name in sorted(domains.every(), key=lambda each: (each != default, each)):
        print(name)
    return 0


def _show(options: Options) -> int:
    domain = _known(options.domain)
    print(f"signed    {'yes' if domain.signed else 'no'}")
    print(f"validity  {domain.validity_seconds} s")
    print(f"limits    {domain.limits.model_dump_json(exclude_none=True)}")
    if options.keys:
        print(f"main      {domain.secrets.main_key}")
        print(f"backup    {domain.secrets.backup_key}")
    return 0


def _remove(options: Options) -> int:
    if not domains.remove(_known(options.domain).name):
        raise StackError(f"there is no play domain {options.domain}")
    publishing.publish()
    return 0


def _push(_: Options) -> int:
    print(f"{publishing.publish()} keys changed")
    return 0


def _set(options: Options) -> int:
    name = options.domain.lower()
    if not _NAME.fullmatch(name):
        raise StackError(f"{options.domain!r} is no domain name (leave the port out)")
    domain = domains.every().get(name) or domains.new_domain(name)
    try:
        changed = _with_keys(_with_settings(domain, options), options)
        entries([changed])
    except (ValidationError, ValueError) as error:
        raise StackError(f"the limits are not usable: {error}") from error
    except LimitsTooLong as error:
        raise StackError("the lists are longer than the edge's store takes (9 kB)") from error
    domains.save(changed)
    publishing.publish()
    return 0


def _with_settings(domain: PlayDomain, options: Options) -> PlayDomain:
    if options.validity is not None and options.validity < 1:
        raise StackError("the validity is a number of seconds from 1 on")
    return replace(
        domain,
        signed=domain.signed if options.signed is None else options.signed == "yes",
        validity_seconds=options.validity or domain.validity_seconds,
        limits=Limits.model_validate(_limits(domain.limits, options)),
    )


def _limits(before: Limits, options: Options) -> dict[str, object]:
    found = before.model_dump()
    for name, field in _LISTS.items():
        text = getattr(options, name)
        if text == "off":
            found[name] = None
        elif text is not None:
            kind, _, items = text.partition(":")
            if kind not in ("allow", "deny"):
                raise StackError(f"--{name} is allow:..., deny:... or off")
            listed = {"allow": kind == "allow", field: [i for i in items.split(",") if i.strip()]}
            found[name] = (found[name] or {}) | listed
    if options.empty_referer and found["referer"]:
        found["referer"]["empty"] = options.empty_referer == "yes"
    if options.address_from and found["address"]:
        found["address"]["source"] = options.address_from
    return found | {"count": _count(found["count"] or {}, options)}


def _count(before: dict[str, object], options: Options) -> dict[str, object] | None:
    found = dict(before)
    for field, given in (("openings", options.openings), ("addresses", options.addresses)):
        if given is not None:
            found[field] = given or None
    if options.period:
        found["period_seconds"] = options.period
    return found if found.get("openings") or found.get("addresses") else None


def _with_keys(domain: PlayDomain, options: Options) -> PlayDomain:
    main, backup = domain.secrets.main_key, domain.secrets.backup_key
    if options.rotate:
        main, backup = domains.new_key(), main
    if options.keys:
        main = os.environ.get("OPENVOD_MAIN_KEY", main)
        backup = os.environ.get("OPENVOD_BACKUP_KEY", backup)
    if not _KEY.fullmatch(main) or not (backup == "" or _KEY.fullmatch(backup)):
        raise StackError("a key has 6 to 128 letters and digits")
    return replace(domain, secrets=replace(domain.secrets, main_key=main, backup_key=backup))


def _known(name: str) -> PlayDomain:
    domains.find()
    found = domains.every().get(name.lower())
    if found is None:
        raise StackError(f"there is no play domain {name}")
    return found


_ACTIONS: dict[str, Callable[[Options], int]] = {
    "list": _list,
    "show": _show,
    "remove": _remove,
    "push": _push,
    "set": _set,
}
