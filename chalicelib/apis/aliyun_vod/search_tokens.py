"""The words and signs that a Match parameter consists of (VOD API manual 17.6)."""

import re
from dataclasses import dataclass

from chalicelib.apis.aliyun_vod.search_nodes import MatchSyntaxError

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<word>[A-Za-z]\w*)"
    r"|(?P<sign>!=|[=(),\[\]])"
    r"|(?P<end>$))"
)


@dataclass(frozen=True)
class Token:
    """``kind``: text, number, word, sign (also and, or, in, not) or end; ``position`` from 1."""

    kind: str
    text: str
    position: int


def tokens(match: str) -> list[Token]:
    """All of them, and one of the kind "end". Raises MatchSyntaxError."""
    found: list[Token] = []
    place = 0
    while not found or found[-1].kind != "end":
        here = _TOKEN.match(match, place)
        if here is None or here.lastgroup is None:
            place += len(match[place:]) - len(match[place:].lstrip())
            unended = match[place] in "'\""
            problem = "the text has no end" if unended else "this does not belong here"
            raise MatchSyntaxError(place + 1, match[place], problem)
        kind, text, position = here.lastgroup, here[here.lastgroup], here.start(here.lastgroup) + 1
        if kind == "word" and text.lower() in ("and", "or", "in", "not"):
            kind, text = "sign", text.lower()
        found.append(Token(kind, text, position))
        place = here.end()
    return found
