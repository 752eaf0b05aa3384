"""Playing as a customer's player does: with ffmpeg, over HTTP, from the first to the last frame."""

import os
import re
import subprocess
from dataclasses import dataclass

import imageio_ffmpeg

# ffmpeg's report on the decoded picture, which is the input of its null output.
_SIZE = re.compile(r"Video: wrapped_avframe.*?, (\d+)x(\d+)")


@dataclass(frozen=True)
class Played:
    """What came out: seconds, decoded frames (0: sound alone), and the size of the picture."""

    seconds: float
    frames: int
    width: int
    height: int
    has_sound: bool


def play(url: str) -> Played:
    """Decode everything behind a play URL. Any error on the way, even a concealed one, fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-xerror"]
    command += ["-err_detect", "explode", "-progress", "pipe:1", "-stats_period", "10"]
    done = subprocess.run(
        # Cover art is no moving picture.
        [*command, "-i", url, "-map", "0:V?", "-map", "0:a?", "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=120,
        # The static ffmpeg crashes on MPEG-TS if it finds the system's character sets.
        env={"PATH": os.defpath, "GCONV_PATH": "/nonexistent"},
        check=False,
    )
    assert done.returncode == 0, f"it does not play:\n{done.stderr}"
    last = dict(re.findall(r"^(\w+)=\s*(\S+)$", done.stdout, re.MULTILINE))
    size = _SIZE.search(done.stderr)
    return Played(
        seconds=int(last["out_time_us"]) / 1_000_000,
        frames=int(last.get("frame", 0)),
        width=int(size[1]) if size else 0,
        height=int(size[2]) if size else 0,
        has_sound="Audio: pcm" in done.stderr,
    )
