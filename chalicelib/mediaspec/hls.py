"""HLS playlists as text: which URIs they name, and replacing them (RFC 8216).

A playlist comes from outside, and whoever fetches what it names acts on its author's behalf. So
nothing opens a playlist as it was uploaded: its URIs are resolved against its own key with
`safe_relative`, which refuses everything but objects next to or under it, and replaced.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

MAX_PLAYLIST_BYTES = 2 * 1024 * 1024
MAX_PLAYLIST_LINES = 20_000

# An attribute list as RFC 8216 4.2 writes it. Readers differ in what else they let pass (values
# without quotes, escaped quotes), so a list that does not follow it exactly is refused: whatever
# one reader takes for a URI, this module has seen.
_ATTRIBUTE = re.compile(r'\s*(?P<name>[A-Z0-9-]+)=(?P<value>"[^"\\]*"|[^",\s\\]+)\s*(?:,|$)')
_KEY_TAG = re.compile(r"\s*#EXT-X-(SESSION-)?KEY:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# A mark of the byte order may precede the first tag and is no part of it.
_BYTE_ORDER_MARK = "\ufeff"


class PlaylistInvalid(ValueError):
    """The text is no playlist that may be opened; the message tells why."""


def playlist_uris(text: str) -> list[str]:
    """Every URI of a master or media playlist in order, repetitions included: lines and attributes.

    Raises PlaylistInvalid if the text is no playlist or exceeds 2 MiB or 20,000 lines.
    """
    uris: list[str] = []

    def note(uri: str) -> str:
        uris.append(uri)
        return uri

    rewrite_uris(text, note)
    return uris


def rewrite_uris(
    text: str, resolve: Callable[[str], str], resolve_key: Callable[[str], str] | None = None
) -> str:
    """The playlist with every URI replaced by `resolve(uri)`; everything else stays as it is.

    URIs of decryption keys go to `resolve_key` if it is given. Raises PlaylistInvalid as
    `playlist_uris` does, and whatever the two raise.
    """
    keyed = resolve_key or resolve
    return (
        "\n".join(
            _rewrite_line(line, keyed if _KEY_TAG.match(line) else resolve) for line in _lines(text)
        )
        + "\n"
    )


def first_seconds(text: str, seconds: float) -> str:
    """A media playlist cut to the whole segments that fit into `seconds`, at least the first one.

    A master playlist stays as it is. Raises PlaylistInvalid as `playlist_uris` does, and for
    playlists of byte ranges: whoever has a part of a file has all of it.
    """
    kept: list[str] = []
    total = 0.0
    for line in _lines(text):
        tag = line.strip()
        if tag.startswith(("#EXT-X-BYTERANGE", "#EXT-X-PART")):
            raise PlaylistInvalid("a playlist of byte ranges cannot be cut")
        if tag.startswith("#EXTINF:"):
            total += _duration(tag)
            # Durations are rounded when they are written.
            if total > seconds + 0.05 and any(entry.startswith("#EXTINF:") for entry in kept):
                kept.append("#EXT-X-ENDLIST")
                break
        kept.append(tag)
    return "\n".join(kept) + "\n"


def _duration(tag: str) -> float:
    try:
        duration = float(tag.removeprefix("#EXTINF:").partition(",")[0])
    except ValueError as error:
        raise PlaylistInvalid("the playlist has a segment without a duration") from error
    if not 0 <= duration < 1e9:
        raise PlaylistInvalid("the playlist has a segment without a duration")
    return duration


def safe_relative(base_key: str, uri: str) -> str:
    """The object key that a playlist stored under `base_key` means by `uri`.

    Percent escapes are decoded and a query or fragment is dropped. Raises PlaylistInvalid for
    absolute URLs and any scheme, absolute paths, backslashes, control characters, and for `..`
    that leaves the first component of `base_key` (the prefix that belongs to one media).
    """
    if not uri.strip() or _SCHEME.match(uri.strip()) or uri.strip().startswith(("/", "\\")):
        raise PlaylistInvalid(f"the playlist names {_shown(uri)}, which is not a relative path")
    path = unquote(re.split(r"[?#]", uri.strip(), maxsplit=1)[0])
    # Checked again decoded: an escape must not smuggle in what was refused above.
    if not path or _SCHEME.match(path) or path.startswith("/") or "\\" in path:
        raise PlaylistInvalid(f"the playlist names {_shown(uri)}, which is not a relative path")
    if any(ord(char) < 32 or ord(char) == 127 or char == "\ufffd" for char in path):
        raise PlaylistInvalid(f"the playlist names {_shown(uri)}, which has control characters")
    parts = base_key.split("/")[:-1]
    keep = min(1, len(parts))
    for part in path.split("/"):
        if part == "..":
            if len(parts) <= keep:
                raise PlaylistInvalid(f"the playlist names {_shown(uri)}, outside its own folder")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    key = "/".join(parts)
    if path.endswith("/") or path.split("/")[-1] in (".", ".."):
        raise PlaylistInvalid(f"the playlist names {_shown(uri)}, which is a folder")
    return key


def _lines(text: str) -> list[str]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_PLAYLIST_BYTES:
        raise PlaylistInvalid(f"the playlist is larger than {MAX_PLAYLIST_BYTES} bytes")
    if "\0" in text:
        raise PlaylistInvalid("the playlist contains NUL characters")
    # A lone CR ends a line too: a player may read it so, and no URI may hide behind one.
    lines = re.split(r"\r\n|\n|\r", text.removeprefix(_BYTE_ORDER_MARK).rstrip("\r\n"))
    if len(lines) > MAX_PLAYLIST_LINES:
        raise PlaylistInvalid(f"the playlist has more than {MAX_PLAYLIST_LINES} lines")
    if lines[0].strip() != "#EXTM3U":
        raise PlaylistInvalid("the playlist does not begin with #EXTM3U")
    return lines


def _rewrite_line(line: str, resolve: Callable[[str], str]) -> str:
    # Without the spaces around it: what is a tag here must not be a path " #..." to a reader that
    # does not trim.
    content = line.strip()
    if not content:
        return ""
    if not content.startswith("#"):
        return resolve(content)
    if content.startswith("#EXT-X-") and "URI" in content:
        tag, colon, attributes = content.partition(":")
        return tag + colon + _rewrite_attributes(attributes, resolve)
    return content


def _rewrite_attributes(attributes: str, resolve: Callable[[str], str]) -> str:
    rewritten: list[str] = []
    position = 0
    while position < len(attributes):
        found = _ATTRIBUTE.match(attributes, position)
        if found is None:
            raise PlaylistInvalid(f"malformed attributes in the playlist: {_shown(attributes)}")
        name, value = found["name"], found["value"]
        if name == "URI":
            if not value.startswith('"'):
                raise PlaylistInvalid("the playlist has a URI attribute without quotes")
            value = f'"{resolve(value[1:-1])}"'
        rewritten.append(f"{name}={value}")
        position = found.end()
    return ",".join(rewritten)


def _shown(uri: str) -> str:
    """A URI fit for a message: without its query, printable, short."""
    bare = re.split(r"[?#]", uri, maxsplit=1)[0]
    return ascii(bare if len(bare) <= 100 else bare[:100] + "...")
