"""Reading a source at a URL that a client has named: where it may lead, and from which byte on.

The URL and whoever answers there are hostile. Each address, also behind each redirect, is resolved
once, checked and pinned; user and password go to the host that they were given for and no other;
nothing that was received or sent is quoted in an error, since both may hold secrets.
"""

import re
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urljoin

from chalicelib.ingest.pull_urls import SourceRefused, split_user
from chalicelib.outbound.pinned_requests import FetchBroken, Fetched, get
from chalicelib.outbound.target_guard import (
    PinnedTarget,
    TargetRefused,
    TargetUnresolved,
    parse_networks,
    resolve_public,
)
from chalicelib.outbound.timed_socket import Deadline
from chalicelib.settings import settings

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429})  # refusals that may be none the next time
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_RESOLVING_SECONDS = 5.0


class SourceBroken(Exception):
    """Nothing came, or not all of it; it may come later."""


@dataclass(frozen=True)
class OpenSource:
    """An answer that holds the source from byte ``offset`` on.

    ``url`` is where it was found, behind all redirects, without user and password. ``total_size``
    is that of the whole source in bytes, None where the server does not tell it. ``validator``
    tells this version of it from others; "" means that it cannot be gone on with.
    """

    url: str = field(repr=False)
    offset: int
    total_size: int | None
    validator: str
    fetched: Fetched

    def read(self, size: int) -> bytes:
        """The next bytes, fewer than ``size`` only at the end. Raises SourceBroken.

        ``size`` should be small: it has to come within `pull_stall_seconds`.
        """
        try:
            return self.fetched.read(size, Deadline(settings().pull_stall_seconds))
        except FetchBroken as broken:
            raise SourceBroken(str(broken)) from None

    def __enter__(self) -> "OpenSource":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.fetched.close()


def open_source(url: str, offset: int = 0, validator: str = "") -> OpenSource:
    """Ask for the source from ``offset`` on, if it still is the version that ``validator`` names.

    Whoever asks has to look at the answer's own offset: it is 0 where the source has changed, or
    where the server knows no ranges. Raises SourceRefused, SourceBroken.
    """
    headers = {"User-Agent": "OpenVOD", "Accept-Encoding": "identity"}
    if offset and validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
    found_at, fetched = _follow(url, headers)
    try:
        return _judge(found_at, fetched, offset if "Range" in headers else 0)
    except Exception:
        fetched.close()
        raise


def fetched_from(url: str, location: str) -> str:
    """The URL that a source means by ``location``, which may be relative to its own."""
    try:
        return urljoin(url, location)
    except ValueError:
        raise SourceRefused("the URL is malformed") from None


def _follow(url: str, headers: dict[str, str]) -> tuple[str, Fetched]:
    """Where the redirects end, and the answer there."""
    bare, user = split_user(url)
    origin: tuple[str, str, int] | None = None
    for _ in range(MAX_REDIRECTS + 1):
        target = _resolve(bare)
        place = (target.scheme, target.host, target.port)
        origin = origin or place
        own = {"Authorization": user} if user and place == origin else {}
        fetched = _get(target, headers | own)
        if fetched.status not in _REDIRECTS:
            return bare, fetched
        location = fetched.headers.get("Location", "")
        fetched.close()
        if not location:
            raise SourceRefused("a redirect leads nowhere")
        bare = fetched_from(bare, location)
    raise SourceRefused(f"there are more than {MAX_REDIRECTS} redirects")


def _resolve(url: str) -> PinnedTarget:
    try:
        allowed = parse_networks(settings().pull_private_sources)
        return resolve_public(url, allowed, _RESOLVING_SECONDS)
    except TargetRefused as refused:
        raise SourceRefused(str(refused)) from None
    except TargetUnresolved as unresolved:
        raise SourceBroken(str(unresolved)) from None


def _get(target: PinnedTarget, headers: dict[str, str]) -> Fetched:
    try:
        return get(target, headers, Deadline(settings().pull_stall_seconds))
    except FetchBroken as broken:
        raise SourceBroken(str(broken)) from None


def _judge(url: str, fetched: Fetched, asked_offset: int) -> OpenSource:
    status = fetched.status
    if status == 206 and asked_offset:
        return _ranged(url, fetched, asked_offset)
    if status in _LATER or status >= 500:
        raise SourceBroken(f"the server answers {status}")
    if status != 200:
        raise SourceRefused(f"the server answers {status}")
    encoding = fetched.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS | {"", "identity"}:
        raise SourceRefused("the answer is encoded in a way that is not spoken here")
    if encoding in _ENCODINGS:
        # Lengths and ranges would be those of the encoded bytes.
        return OpenSource(url, 0, None, "", fetched)
    length = fetched.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() and len(length) < 19 else None
    # Ranges of what has no length cannot be told from the whole.
    ranges = total is not None and fetched.headers.get("Accept-Ranges", "").lower() != "none"
    return OpenSource(url, 0, total, _validator(fetched) if ranges else "", fetched)


def _ranged(url: str, fetched: Fetched, asked_offset: int) -> OpenSource:
    found = _CONTENT_RANGE.fullmatch(fetched.headers.get("Content-Range", "").strip())
    if found is None or int(found[1]) != asked_offset or fetched.headers.get("Content-Encoding"):
        raise SourceBroken("the server answers with another range than it was asked for")
    total = None if found[3] == "*" else int(found[3])
    return OpenSource(url, asked_offset, total, _validator(fetched), fetched)


def _validator(fetched: Fetched) -> str:
    """What If-Range takes: an ETag that is not weak, else the date of the last change."""
    etag = fetched.headers.get("ETag", "").strip()
    if re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', etag):
        return etag
    changed = fetched.headers.get("Last-Modified", "").strip()
    return changed if re.fullmatch(r"[A-Za-z0-9 ,:+-]{10,64}", changed) else ""
