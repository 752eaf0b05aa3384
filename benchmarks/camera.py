"""Material like a phone's: a soft background under a slow pan, things that move before it, noise.

Test patterns are drawn by the ruler and encode unlike anything that is filmed.
"""

import hashlib
import os
from pathlib import Path

from benchmarks.raw import ffmpeg

WIDTH, HEIGHT = 1920, 1080
_FPS = 25
_FAR, _NEAR = "far.png", "near.png"
# How much of the picture is in grains of so many pixels: far things are out of focus.
_FAR_GRAINS: dict[int, float] = {192: 8, 48: 4, 12: 1, 4: 0.2}
_NEAR_GRAINS: dict[int, float] = {96: 8, 24: 5, 6: 3, 2: 1}
_FILM = (
    f"[0:v]crop={WIDTH}:{HEIGHT}:x='(iw-ow)/2*(1+sin(t/4))':y='(ih-oh)/2*(1+cos(t/5))'[back];"
    "[1:v]hue=h=90,rotate=a='0.1*sin(t)':c=gray[front];"
    "[back][front]overlay=x='(W-w)/2*(1+sin(t*0.7))':y='(H-h)/2*(1+sin(t*0.5))',"
    "noise=alls=2:allf=t:all_seed=7,setsar=1,format=yuv420p[v]"
)
# About 10 Mbit/s; x264 makes the same of the same only as long as it does not aim at a rate.
_ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "15", "-g", str(2 * _FPS))
_SOUND = ("-ac", "2", "-c:a", "aac", "-b:a", "160k")


def camera_source(seconds: float) -> Path:
    """1080p at 25 frames and 10 Mbit/s, a keyframe every two seconds, stereo: the same every time.

    It is made once (a minute for each half minute of it) and kept in the user's cache.
    """
    recipe = repr((_FILM, _ENCODER, _SOUND, _FAR_GRAINS, _NEAR_GRAINS, _FPS))
    mark = hashlib.sha256(recipe.encode()).hexdigest()[:8]
    folder = _cache()
    path = folder / f"camera-{seconds:g}s-{mark}.mp4"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {seconds:g} s of a film, once: {path}", flush=True)
        # One that was broken off is not taken for a whole one.
        part = folder / f"{os.getpid()}.part.mp4"
        _make(part, seconds)
        part.rename(path)
    return path


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "openvod" / "benchmarks"


def _make(path: Path, seconds: float) -> None:
    far, near = path.with_suffix(f".{_FAR}"), path.with_suffix(f".{_NEAR}")
    _texture(far, (WIDTH * 5 // 4, HEIGHT * 5 // 4), 11, _FAR_GRAINS)
    _texture(near, (WIDTH // 3, HEIGHT // 2), 23, _NEAR_GRAINS)
    still = ["-loop", "1", "-framerate", str(_FPS), "-t", f"{seconds:g}"]
    sound = f"anoisesrc=c=pink:r=48000:a=0.1:seed=5:d={seconds:g}"
    ffmpeg(
        *(*still, "-i", far, *still, "-i", near, "-f", "lavfi", "-i", sound),
        *("-filter_complex", _FILM, "-map", "[v]", "-map", "2:a"),
        *(*_ENCODER, *_SOUND, "-movflags", "+faststart", path),
    )
    far.unlink()
    near.unlink()


def _texture(path: Path, size: tuple[int, int], seed: int, grains: dict[int, float]) -> None:
    """Noise of several sizes on top of each other, as clouds, leaves and walls have it."""
    layers = []
    for number, grain in enumerate(grains):
        across, down = max(2, size[0] // grain), max(2, size[1] // grain)
        noise = f"nullsrc=s={across}x{down}:d=1:r=1,format=yuv444p,noise=alls=100:all_seed={seed}"
        layers.append(f"{noise},scale={size[0]}:{size[1]}:flags=bicubic,setsar=1[l{number}]")
    all_layers = "".join(f"[l{number}]" for number in range(len(grains)))
    weights = " ".join(f"{weight:g}" for weight in grains.values())
    mixed = f"mix=inputs={len(grains)}:weights='{weights}',eq=contrast=1.6:saturation=2[v]"
    graph = ";".join([*layers, all_layers + mixed])
    ffmpeg("-filter_complex", graph, "-map", "[v]", "-frames:v", "1", path)
