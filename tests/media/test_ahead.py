"""Pictures from many places of a remote file: fetched several at once, the same as one by one."""

from pathlib import Path

import pytest

from chalicelib.media.ahead import FileAhead
from chalicelib.media.errors import SourceUnreachable
from chalicelib.media.picture_set import make_pictures
from chalicelib.media.source import Deadline
from chalicelib.mediaspec.snapshot import PictureSet, SnapshotSpec, SpriteLayout
from tests import clips
from tests.media.file_server import FileServer, serving

_SPRITE = SnapshotSpec(
    frame="keyframe",
    count=20,
    interval_seconds=0,
    sprite=SpriteLayout(columns=5, lines=4, cell_width=64, keep_cells=True),
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four seconds with a keyframe in each, and sound between the pictures."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=12:d=24"]
    sound = ["-f", "lavfi", "-i", "sine=d=24"]
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-movflags", "+faststart"]
    clips.ffmpeg(*picture, *sound, *options, path)
    return path


def _made(source: str | Path, folder: Path) -> tuple[PictureSet, dict[str, bytes]]:
    folder.mkdir()
    made = make_pictures(source, _SPRITE, folder)
    return made, {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_remote_sprite_is_the_local_one(film: Path, tmp_path: Path) -> None:
    local = _made(film, tmp_path / "local")
    assert len(local[0].pictures) == 20
    with serving(film.parent) as server:
        assert _made(server.url(film.name), tmp_path / "remote") == local
        # The head, the end that tells the size, and a request for each keyframe.
        assert len(server.requests) < 20 + 6
        assert server.sent < film.stat().st_size
    with serving(film.parent) as server:
        server.drop_after, server.drops = 300_000, 3
        assert _made(server.url(film.name), tmp_path / "dropped") == local


def test_what_cannot_be_had_is_told(film: Path, tmp_path: Path) -> None:
    with serving(film.parent) as server:
        with pytest.raises(SourceUnreachable, match="403"):
            _made(server.unsigned_url(film.name), tmp_path / "unsigned")
        server.missing.add(film.name)
        with pytest.raises(SourceUnreachable, match="404"):
            _made(server.url(film.name), tmp_path / "missing")


def _read(server: FileServer, name: str, wanted: list[tuple[int, int]]) -> bytes:
    with FileAhead(server.url(name), Deadline(30)) as file:
        file.want(wanted)
        data = b""
        while piece := file.read(5000):
            data += piece
        return data


def test_wrong_expectations_change_nothing(tmp_path: Path) -> None:
    content = bytes(number * 7 % 251 for number in range(400_000))
    (tmp_path / "data").write_bytes(content)
    with serving(tmp_path) as server:
        expected = [(250_000, 10_000), (300, 200), (399_990, 5000), (9_000_000, 10), (0, 0)]
        assert _read(server, "data", expected) == content
        with FileAhead(server.url("data"), Deadline(30)) as file:
            assert file.seek(0, 2) == len(content)
            assert file.read(10) == b""
            assert file.seek(-5, 1) == file.tell() == len(content) - 5
            assert file.read(100) == content[-5:]
