"""Snapshots and sprites beside raw ffmpeg: ``python -m benchmarks.snapshots``.

Puts a 10-minute 1080p video into a bucket. Ours reads it there, in
place, and writes the pictures back; ffmpeg reads a local copy, which is the best that it can have.
The two take turns; what is printed are medians, their ratio, and the share of the video's bytes
that ours has read. Exits with 1 if a goal is missed.

- 8 covers and 8 snapshots at exact times against ``ffmpeg -vf fps`` over the whole file: at least
  20 times faster, with less than 5% of the bytes;
- a sprite of 100 cells against the fastest tile command that we know: at most 1.2 times its time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import imageio_ffmpeg

from benchmarks.bucket import Bucket, bucket_in_memory
from chalicelib.media import isolated
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS, SnapshotSpec, SpriteLayout

_MINUTES = 10
_KEY = "upload/benchmark/original.mp4"
_CELLS = 100
_CELL_WIDTH = 160

_EXACT = SnapshotSpec(frame="exact", start_ms=5, count=8, interval_seconds=0)
_SPRITE = SnapshotSpec(
    frame="keyframe",
    count=_CELLS,
    interval_seconds=0,
    sprite=SpriteLayout(columns=10, lines=10, cell_width=_CELL_WIDTH, keep_cells=False),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each side")
    parser.add_argument("--minutes", type=float, default=_MINUTES, help="length of the video")
    parser.add_argument("--only", nargs="*", default=["snapshots", "sprite"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        video = Path(place) / "video.mp4"
        make_video(video, given.minutes)
        with bucket_in_memory() as bucket:
            good = _measure(bucket, video, given.runs, given.minutes, given.only)
    sys.exit(0 if good else 1)


def make_video(path: Path, minutes: float) -> None:
    """1080p at 25 frames a second and about 2 Mbit/s, a keyframe every 2 s.

    A slow zoom into a fractal under the noise of a camera; 20 s encoded, then repeated.
    """
    part = path.with_name("part.mp4")
    picture = (
        "mandelbrot=s=1920x1080:r=25:start_scale=2:end_scale=0.2:end_pts=500,noise=alls=6:allf=t"
    )
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50"]
    rate = ["-b:v", "2M", "-maxrate", "3M", "-bufsize", "4M"]
    _ffmpeg("-f", "lavfi", "-i", picture, "-t", "20", *encoder, *rate, str(part))
    repeats = max(0, round(minutes * 3) - 1)
    copied = ["-c", "copy", "-movflags", "+faststart", str(path)]
    _ffmpeg("-stream_loop", str(repeats), "-i", str(part), *copied)
    part.unlink()


def _take(bucket: Bucket, spec: SnapshotSpec) -> None:
    """Bucket to bucket: the pictures of a spec."""
    with tempfile.TemporaryDirectory() as place:
        made = isolated.make_pictures(bucket.url(_KEY), spec, Path(place))
        for picture in (*made.pictures, *made.sheets):
            path = Path(place) / picture.file_name
            bucket.s3.upload_file(str(path), bucket.name, f"benchmark/{picture.file_name}")


def _measure(bucket: Bucket, video: Path, runs: int, minutes: float, wanted: list[str]) -> bool:
    bucket.s3.upload_file(str(video), bucket.name, _KEY)
    _take(bucket, COVER_SNAPSHOTS)  # the first use of every process is not measured
    good = True
    if "snapshots" in wanted:
        whole = _command(video, f"fps=8/{minutes * 60:g}", "%05d.jpg")
        specs = {"8 covers": COVER_SNAPSHOTS, "8 exact times": _EXACT}
        good &= _compare(bucket, specs, [whole], runs, video, faster=20)
    if "sprite" in wanted:
        tiles = _tile_commands(video, minutes)
        specs = {"sprite of 100": _SPRITE}
        good &= _compare(bucket, specs, tiles, runs, video, faster=1 / 1.2)
    return good


def _tile_commands(video: Path, minutes: float) -> list[list[str]]:
    """Two ways to make the same sheet: decoding keyframes only, and a seek for each cell."""
    tile = f"scale={_CELL_WIDTH}:-2,tile=10x10"
    each = max(1, round(minutes * 30 / _CELLS))
    chosen = f"select='not(mod(n,{each}))',{tile}"
    keyframes = ["-skip_frame", "nokey", *_command(video, chosen, "sheet.jpg", "-frames:v", "1")]
    seeks: list[str] = []
    for cell in range(_CELLS):
        at = cell * minutes * 60 / _CELLS
        seeks += ["-skip_frame", "nokey", "-noaccurate_seek", "-ss", f"{at:g}", "-i", str(video)]
    one = f"trim=end_frame=1,scale={_CELL_WIDTH}:-2"
    scaled = "".join(f"[{n}:v]{one}[s{n}];" for n in range(_CELLS))
    joined = "".join(f"[s{n}]" for n in range(_CELLS))
    graph = f"{scaled}{joined}concat=n={_CELLS}:v=1,tile=10x10"
    return [keyframes, [*seeks, "-filter_complex", graph, "-frames:v", "1", "sheet.jpg"]]


def _command(video: Path, filters: str, output: str, *options: str) -> list[str]:
    shown = ["-vf", filters, "-fps_mode", "vfr", "-q:v", "3"]
    return ["-i", str(video), *shown, *options, output]


def _compare(
    bucket: Bucket,
    specs: dict[str, SnapshotSpec],
    commands: list[list[str]],
    runs: int,
    video: Path,
    *,
    faster: float,
) -> bool:
    """Take turns and print; True if ours are at least ``faster`` times as fast as the best."""
    ours: dict[str, list[float]] = {name: [] for name in specs}
    shares: dict[str, float] = {}
    raw: list[list[float]] = [[] for _ in commands]
    for _ in range(runs):
        for name, spec in specs.items():
            before = bucket.relay.received
            ours[name].append(_seconds(partial(_take, bucket, spec)))
            shares[name] = (bucket.relay.received - before) / video.stat().st_size
        for times, command in zip(raw, commands, strict=True):
            times.append(_seconds(partial(_ffmpeg, *command)))
    medians = [statistics.median(times) for times in raw]
    good = [
        _report(name, statistics.median(ours[name]), shares[name], medians, faster)
        for name in specs
    ]
    return all(good)


def _report(name: str, ours: float, share: float, raw: list[float], faster: float) -> bool:
    times = min(raw) / ours
    good = times >= faster and (faster < 1 or share < 0.05)
    print(
        f"{name:14} ours {ours:7.3f} s, reading {share:6.2%} of the bytes; raw ffmpeg"
        f" {', '.join(f'{each:.3f}' for each in raw)} s: {times:6.2f} times as fast,"
        f" goal {faster:.2f}: {'met' if good else 'MISSED'}",
        flush=True,
    )
    return good


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ffmpeg(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error"]
        subprocess.run(
            [*command, *arguments],
            check=True,
            cwd=place,
            env={"PATH": os.defpath, "GCONV_PATH": "/nonexistent"},
        )


if __name__ == "__main__":
    main()
