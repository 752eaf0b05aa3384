"""The syntax of the media search protocol: the parameter Match (VOD API manual 17.6).

    match     = sequence
    sequence  = both { "or" both }
    both      = single { "and" single }
    single    = "(" sequence ")" | condition
    condition = field ("=" | "!=") value | field "=" range | field ["not"] "in" list
    list      = "(" value { "," value } ")"
    range     = ("(" | "[") [value] "," [value] (")" | "]")
    value     = 'text' | "text" | number

The word operators are read in either case. A quote inside a text is written twice. The manual has
no "!=" and no "not in"; they are ours.
"""

from typing import NoReturn

from chalicelib.apis.aliyun_vod.search_nodes import (
    Condition,
    Group,
    MatchSyntaxError,
    Node,
    Value,
)
from chalicelib.apis.aliyun_vod.search_tokens import Token, tokens

_MOST_CHARACTERS = 8_192
_DEEPEST = 20
_MOST_CONDITIONS = 100


def parse(match: str) -> Node:
    """The conditions of a Match parameter. Raises MatchSyntaxError."""
    if len(match) > _MOST_CHARACTERS:
        raise MatchSyntaxError(1, "Match", f"it is longer than {_MOST_CHARACTERS} characters")
    parser = _Parser(tokens(match))
    node = parser.sequence(0)
    if parser.token.kind != "end":
        parser.fail("expected and, or, or the end")
    return node


class _Parser:
    """Recursive descent; each method reads the rule of its name from where the last one ended."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0
        self._conditions = 0
        self._field = ""

    @property
    def token(self) -> Token:
        return self._tokens[self._place]

    def fail(self, problem: str) -> NoReturn:
        near = self._field or self.token.text or "end"
        raise MatchSyntaxError(self.token.position, near, problem)

    def _next(self) -> Token:
        token = self.token
        self._place += token.kind != "end"
        return token

    def _take(self, *signs: str) -> str:
        """The sign that stands here, if it is one of these."""
        fits = self.token.kind == "sign" and self.token.text in signs
        return self._next().text if fits else ""

    def sequence(self, depth: int) -> Node:
        if depth > _DEEPEST:
            self.fail(f"brackets are nested deeper than {_DEEPEST}")
        parts = [self._both(depth)]
        while self._take("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._single(depth)]
        self._field = ""
        while self._take("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _single(self, depth: int) -> Node:
        if not self._take("("):
            return self._condition()
        inner = self.sequence(depth + 1)
        if not self._take(")"):
            self.fail("expected and, or, or )")
        return inner

    def _condition(self) -> Condition:
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            self.fail(f"there are more than {_MOST_CONDITIONS} conditions")
        if self.token.kind != "word":
            self.fail("expected a field or (")
        name = self._next()
        self._field = name.text
        negated = bool(self._take("not"))
        if self._take("in"):
            return Condition(name.text, name.position, "in", self._list(), negated=negated)
        if negated or not (sign := self._take("=", "!=")):
            self.fail("expected in" if negated else "expected =, != or in")
        if sign == "=" and self.token.text in ("(", "["):
            return self._range(name)
        value = self._value()
        one = (value, value)
        return Condition(
            name.text, name.position, "equal", (value,), one, (True, True), negated=sign == "!="
        )

    def _list(self) -> tuple[Value, ...]:
        if not self._take("("):
            self.fail("expected (")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            self.fail("expected , or )")
        return tuple(values)

    def _range(self, name: Token) -> Condition:
        opened = self._take("(", "[")
        low = None if self.token.text == "," else self._value()
        if not self._take(","):
            self.fail("expected ,")
        high = None if self.token.text in (")", "]") else self._value()
        closed = self._take(")", "]")
        if not closed:
            self.fail("expected ) or ]")
        bounds = (opened == "[", closed == "]")
        return Condition(name.text, name.position, "range", bounds=(low, high), closed=bounds)

    def _value(self) -> Value:
        if self.token.kind == "number":
            return Value(self._next().text, quoted=False)
        if self.token.kind != "text":
            self.fail("expected a text in quotes or a number")
        text = self._next().text
        return Value(text[1:-1].replace(text[0] * 2, text[0]), quoted=True)
