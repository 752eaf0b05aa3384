"""Making and playing media for the demo, with the ffmpeg that comes in a wheel."""

import os
import subprocess
from pathlib import Path

import imageio_ffmpeg

CLIP_SECONDS = 6.0


def make_clip(path: Path) -> None:
    """A moving test picture of 1280x720 with a tone, six seconds. Raises RuntimeError."""
    _ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=25:duration={CLIP_SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={CLIP_SECONDS}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"),
        *("-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", str(path)),
    )


def play(url: str) -> float:
    """Fetch and decode everything behind a URL, as a player would; returns the seconds played.

    Raises RuntimeError with ffmpeg's words when anything cannot be fetched or decoded.
    """
    output = _ffmpeg("-xerror", "-i", url, "-f", "null", "-progress", "pipe:1", "-")
    times = [line.partition("=")[2] for line in output.splitlines() if "out_time_us=" in line]
    known = [time for time in times if time.isdecimal()]
    return int(known[-1]) / 1_000_000 if known else 0.0


def _ffmpeg(*arguments: str) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *arguments]
    # This ffmpeg is linked statically: loading the system's character set modules, as it does for
    # the names inside MPEG-TS, would crash it.
    environment = {**os.environ, "GCONV_PATH": "/nonexistent"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"ffmpeg failed: {done.stderr.strip()[-1000:]}")
    return done.stdout
