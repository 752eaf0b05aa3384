"""What the demo shows: a line for each step, tables, and the logs when something fails."""

import sys

_STEP_WIDTH = 38


class Report:
    """Writes to the terminal, in colour if it is one; to anything else plain text."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()

    def title(self, text: str) -> None:
        self._print(self._coloured("1", text))

    def begin(self, step: str) -> None:
        """Show what is being done; on a terminal the line is replaced when it is done."""
        if self._is_terminal:
            print(f"  ..  {step}", end="\r", flush=True)

    def done(self, step: str, seconds: float, result: str) -> None:
        mark = self._coloured("32", "ok")
        self._print(f"  {mark}  {step:<{_STEP_WIDTH}} {seconds:6.2f} s  {result}")

    def failed(self, step: str, reason: str) -> None:
        mark = self._coloured("31", "FAILED")
        self._print(f"  {mark}  {step}: {reason}")

    def log(self, name: str, text: str) -> None:
        if text:
            self._print(f"\n  the end of {name}:\n{_indented(text)}")

    def table(self, title: str, rows: list[tuple[str, ...]]) -> None:
        """Rows of equal length in columns."""
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        self._print(f"\n  {self._coloured('1', title)}\n{_indented(chr(10).join(lines))}\n")

    def note(self, text: str) -> None:
        self._print(f"  {text}")

    def _print(self, text: str) -> None:
        # The end of a longer line that this one replaces is wiped out.
        print(f"\x1b[2K{text}" if self._is_terminal else text, flush=True)

    def _coloured(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._is_terminal else text


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
