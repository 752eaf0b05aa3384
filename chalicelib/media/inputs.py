"""ffmpeg's inputs: the main source, which is number 0, and the files that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.media.source import Source, network_options

# Reads on after a dropped connection. It soon gives up: the job is tried again, with a new URL.
_RECONNECT = {
    "reconnect": "1",
    "reconnect_on_network_error": "1",
    "reconnect_on_http_error": "5xx,429",
    "reconnect_delay_max": "2",
}


def flat(options: Mapping[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in (f"-{name}", value)]


def source_options(source: Source, *, picky_hls: bool) -> dict[str, str]:
    """How a source is opened; `picky_hls`: this ffmpeg judges HLS segments by their extension."""
    options = network_options(source)
    if source.playlist:
        options |= {"f": "hls", "seg_max_retry": "3"}
        if picky_hls:
            options |= {"extension_picky": "0", "allowed_segment_extensions": "ALL"}
    elif source.remote:
        options |= _RECONNECT
    return options


@dataclass
class Inputs:
    """Files beside the main source; the same file opened the same way is one input."""

    picky_hls: bool
    _known: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, source: Source, options: Sequence[str] = ()) -> int:
        """The number of the input."""
        opening = flat(source_options(source, picky_hls=self.picky_hls))
        arguments = (*opening, *options, "-i", source.url)
        return self._known.setdefault(arguments, len(self._known) + 1)

    def arguments(self) -> list[str]:
        return [part for arguments in self._known for part in arguments]
