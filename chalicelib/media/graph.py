"""ffmpeg's filter graphs, built from typed parts: what is the same is computed once.

Streams are derived from streams by filters. Deriving the same from the same gives the same stream,
so that renditions that have a beginning in common share it; a stream with several readers is split
when the graph is written out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["video", "audio"]
_SPLIT = {"video": "split", "audio": "asplit"}


@dataclass(frozen=True)
class Stream:
    """A stream of a graph; only `Graph` makes them."""

    number: int
    kind: Kind


@dataclass(frozen=True)
class _Made:
    """How a stream comes to be: a pad of an input file ("0:V:0"), or filters over sources."""

    filters: str
    sources: tuple[Stream, ...]
    kind: Kind
    pad: str = ""


@dataclass
class Graph:
    """Streams that derive from each other; `written` makes them into one -filter_complex."""

    _made: list[_Made] = field(default_factory=list)
    _known: dict[_Made, Stream] = field(default_factory=dict)

    def input(self, pad: str, kind: Kind) -> Stream:
        """A stream of an input file."""
        return self._stream(_Made("", (), kind, pad))

    def derive(self, sources: Stream | Sequence[Stream], filters: Sequence[str]) -> Stream:
        """The stream that a chain of filters makes of one stream or of several."""
        given = (sources,) if isinstance(sources, Stream) else tuple(sources)
        if not filters:
            return given[0]
        return self._stream(_Made(",".join(filters), given, given[0].kind))

    def source(self, filters: Sequence[str], kind: Kind) -> Stream:
        """The stream that filters make of nothing, such as silence."""
        return self._stream(_Made(",".join(filters), (), kind))

    def written(self, outputs: Sequence[Stream]) -> tuple[str, list[str]]:
        """The graph's text, and a label to map for each of `outputs`, in their order.

        Streams that none of them needs are left out.
        """
        return _Writer(self._made, outputs).write()

    def _stream(self, made: _Made) -> Stream:
        if made not in self._known:
            self._known[made] = Stream(len(self._made), made.kind)
            self._made.append(made)
        return self._known[made]


class _Writer:
    def __init__(self, made: Sequence[_Made], outputs: Sequence[Stream]) -> None:
        self._made = made
        self._outputs = outputs
        self._readers = [0] * len(made)
        self._taken = [0] * len(made)
        for stream in outputs:
            self._count(stream)

    def _count(self, stream: Stream) -> None:
        self._readers[stream.number] += 1
        if self._readers[stream.number] == 1:
            for source in self._made[stream.number].sources:
                self._count(source)

    def write(self) -> tuple[str, list[str]]:
        chains = [
            self._chain(number, made)
            for number, made in enumerate(self._made)
            if self._readers[number] > 1 or (self._readers[number] and made.filters)
        ]
        labels: list[str] = []
        for stream in self._outputs:
            label = self._take(stream)
            if self._is_plain_pad(stream.number):  # not a label that -map could name
                chains.append(f"{label}{_nothing(stream.kind)}[p{stream.number}]")
                label = f"[p{stream.number}]"
            labels.append(label)
        return ";".join(chains), labels

    def _chain(self, number: int, made: _Made) -> str:
        begin = "".join(self._take(source) for source in made.sources)
        begin += f"[{made.pad}]" if made.pad else made.filters
        readers = self._readers[number]
        if readers == 1:
            return f"{begin}[s{number}]"
        comma = "," if made.filters else ""
        ends = "".join(f"[s{number}_{reader}]" for reader in range(readers))
        return f"{begin}{comma}{_SPLIT[made.kind]}={readers}{ends}"

    def _take(self, stream: Stream) -> str:
        """A label of the stream that nobody else reads."""
        number = stream.number
        if self._is_plain_pad(number):
            return f"[{self._made[number].pad}]"
        reader = self._taken[number]
        self._taken[number] += 1
        return f"[s{number}]" if self._readers[number] == 1 else f"[s{number}_{reader}]"

    def _is_plain_pad(self, number: int) -> bool:
        return bool(self._made[number].pad) and self._readers[number] == 1


def _nothing(kind: Kind) -> str:
    return "null" if kind == "video" else "anull"
