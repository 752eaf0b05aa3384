"""``/crossdomain.xml``: tells players of the Flash kind which sites may play from here.

Browsers of today ask by CORS, which the bucket and the play URLs answer for every site.
"""

from datetime import UTC, datetime
from xml.parsers import expat

from chalicelib.settings import settings
from chalicelib.store import cross_domain, database

_ROOT = "cross-domain-policy"


class PolicyInvalid(Exception):
    """Not a cross-domain policy file."""


def set_policy(account_id: str, content: str) -> None:
    """Replace the account's file. Raises PolicyInvalid."""
    _check(content)
    now = datetime.now(UTC)
    database.run(lambda tx: cross_domain.save(tx, account_id, content, now))


def policy() -> str | None:
    """The file that this deployment serves: that of its own account."""
    return database.run(lambda tx: cross_domain.get(tx, settings().account_id))


def _check(content: str) -> None:
    """Well-formed, the right root, and nothing in it that a reader would have to expand."""
    roots: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        del attributes
        if depth == 0:
            roots.append(name)
        depth += 1

    def end(name: str) -> None:
        nonlocal depth
        del name
        depth -= 1

    def doctype(name: str, system: str | None, public: str | None, internal: int) -> None:
        del name, system, public
        if internal:
            raise PolicyInvalid("a DOCTYPE with declarations of its own")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise PolicyInvalid("not well-formed XML") from error
    if roots != [_ROOT]:
        raise PolicyInvalid(f"the root is not {_ROOT}")
