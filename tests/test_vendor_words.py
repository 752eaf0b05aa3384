"""The domain speaks of media, not of vendors: their words stay where their APIs are."""

import re
from pathlib import Path

import pytest

_CHALICELIB = Path(__file__).parents[1] / "chalicelib"
_ROOMS = sorted(
    path.name for path in _CHALICELIB.iterdir() if path.is_dir() and path.name not in {"apis"}
)
# Names of companies and products, and beginnings of names that only their APIs use.
_WORDS = re.compile(
    r"aliyun|alibaba|tencent|qcloud|huawei|vodapp|\bRam(User|Role)\b", re.IGNORECASE
)
# An entry comes to a vendor's API by the name of its module.
_AN_ENTRY = re.compile(r"\s*(from|import) chalicelib\.apis\.")


@pytest.mark.parametrize("room", [name for name in _ROOMS if not name.startswith("__")])
def test_no_vendors_word_in(room: str) -> None:
    found = [
        f"{path.relative_to(_CHALICELIB)}:{number}: {line.strip()}"
        for path in sorted((_CHALICELIB / room).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _WORDS.search(line) and not (room == "handlers" and _AN_ENTRY.match(line))
    ]
    assert found == []
