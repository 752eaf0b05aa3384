"""Shows on the terminal what the processes' logs have to say about trouble."""

import re
from pathlib import Path

_TROUBLE = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback ")
# PostgreSQL reports a conflict that is simply tried again as an error, and the emulator a refusal.
_SPECIAL = {
    "postgres": re.compile(r"\bPANIC\b|No space left"),
    "emulator": re.compile(r"\bERROR\b|Failed to persist"),
}
_NEW_ENTRY = re.compile(r"^\[?\d")  # an entry begins with its time; what follows belongs to it


class LogFollower:
    """Reads the logs on from where it last stopped."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[Path, int, bool]] = {}

    def follow(self, name: str, path: Path) -> None:
        """Follow a log from its present end; one that is followed already is left alone."""
        if name not in self._files:
            size = path.stat().st_size if path.exists() else 0
            self._files[name] = (path, size, False)

    def news(self) -> list[tuple[str, str]]:
        """The lines about trouble since the last call, each with its process's name."""
        found: list[tuple[str, str]] = []
        for name, (path, offset, in_trouble) in self._files.items():
            try:
                with path.open("rb") as file:
                    file.seek(offset)
                    text = file.read(1 << 20)
            except OSError:
                continue
            whole = text[: text.rfind(b"\n") + 1]
            pattern = _SPECIAL.get(name, _TROUBLE)
            for line in whole.decode("utf-8", errors="replace").splitlines():
                if pattern.search(line):
                    in_trouble = True
                elif _NEW_ENTRY.match(line):
                    in_trouble = False
                if in_trouble:
                    found.append((name, line))
            self._files[name] = (path, offset + len(whole), in_trouble)
        return found


def rotate(path: Path) -> None:
    """Keep the log of the run before this one beside the new one."""
    if path.exists():
        path.replace(path.with_name(path.name + ".1"))
