"""Running ffmpeg as anybody would, to compare with."""

import os
import subprocess
import time
from pathlib import Path

import av

from chalicelib.media.ffmpeg import ffmpeg_binary


def ffmpeg(*arguments: str | Path) -> float:
    """Run ffmpeg; returns the seconds it took. Raises RuntimeError with its log."""
    command = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=_ENVIRONMENT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg failed: {done.stderr[-2000:]}")
    return time.perf_counter() - began


def psnr(made: Path, reference: Path) -> float:
    """The average PSNR in dB of a rendition, measured at its own size."""
    with av.open(str(made)) as container:
        stream = container.streams.video[0]
        size = f"{stream.width}:{stream.height}"
    graph = f"[1:v]scale={size}:flags=bicubic[ref];[0:v][ref]psnr"
    command = [ffmpeg_binary(), "-nostdin", "-loglevel", "info", "-i", str(made)]
    command += ["-i", str(reference), "-lavfi", graph, "-f", "null", "-"]
    done = subprocess.run(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_ENVIRONMENT,
        check=True,
    )
    found = next(line for line in done.stderr.splitlines() if "average:" in line)
    return float(found.split("average:")[1].split()[0])


# The wheel's static ffmpeg crashes on MPEG-TS if it finds the system's character sets.
_ENVIRONMENT = {"PATH": os.defpath, "GCONV_PATH": "/nonexistent"}
