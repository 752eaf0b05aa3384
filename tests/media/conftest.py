"""What the tests of media share: the font that texts are drawn with."""

from pathlib import Path

import pytest

from chalicelib.media.fonts import FONTS_VARIABLE
from layers.ffmpeg import fonts

_FOLDER = Path(__file__).resolve().parents[2] / ".local" / "fonts"


@pytest.fixture
def font_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The layer's font, kept on this machine, named as an operator names it."""
    fonts.install(_FOLDER)
    monkeypatch.setenv(FONTS_VARIABLE, str(_FOLDER))
    return _FOLDER
