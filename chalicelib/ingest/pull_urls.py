"""URLs of sources, as far as can be told without looking them up."""

import base64
from urllib.parse import unquote, urlsplit

from chalicelib.outbound.target_guard import TargetRefused, parse_target


class SourceRefused(Exception):
    """The URL leads nowhere, or where nothing may be read; trying again is of no use."""


def check_url(url: str) -> None:
    """Raises SourceRefused for a URL that cannot be one of a source."""
    try:
        parse_target(split_user(url)[0])
    except TargetRefused as refused:
        raise SourceRefused(str(refused)) from None


def split_user(url: str) -> tuple[str, str]:
    """The URL without its user and password, and the Authorization that they make, "" if none.

    Raises SourceRefused.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SourceRefused("the URL is malformed") from None
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    pair = unquote(user if ":" in user else f"{user}:")
    header = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return parts._replace(netloc=host).geturl(), header
