"""Material like a camera's: texture at every scale that moves, things in front of it, sensor noise.

Test patterns are drawn by the ruler and encode unlike anything that is filmed.
"""

from pathlib import Path

from benchmarks.raw import ffmpeg

_FPS = 25


def make_source(path: Path, seconds: float, *, size: tuple[int, int] = (1920, 1080)) -> None:
    """An MP4 of H.264 at a camera's quality, a keyframe every two seconds, and stereo sound."""
    width, height = size
    far, near = path.with_name("far.png"), path.with_name("near.png")
    _texture(far, (width * 5 // 4 // 2 * 2, height * 5 // 4 // 2 * 2), seed=11)
    _texture(near, (width // 3 // 2 * 2, height // 2 // 2 * 2), seed=23)
    pan = "crop={w}:{h}:x='(iw-ow)/2*(1+sin(t/3))':y='(ih-oh)/2*(1+cos(t/4))'"
    graph = (
        f"[0:v]{pan.format(w=width, h=height)}[back];"
        "[1:v]hue=h=90,rotate=a='0.2*sin(t)':c=none[front];"
        "[back][front]overlay=x='(W-w)/2*(1+sin(t*1.3))':y='(H-h)/2*(1+sin(t*0.9))',"
        "noise=alls=7:allf=t,format=yuv420p[v]"
    )
    still = ["-loop", "1", "-framerate", str(_FPS), "-t", f"{seconds:g}"]
    sound = f"anoisesrc=c=pink:r=48000:a=0.1:d={seconds:g}"
    ffmpeg(
        *(*still, "-i", far, *still, "-i", near, "-f", "lavfi", "-i", sound),
        *("-filter_complex", graph, "-map", "[v]", "-map", "2:a", "-ac", "2"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-g", str(2 * _FPS)),
        *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", path),
    )
    far.unlink()
    near.unlink()


def _texture(path: Path, size: tuple[int, int], seed: int) -> None:
    """Noise of four sizes on top of each other, as clouds, leaves and walls have it."""
    layers = []
    for number, grain in enumerate((96, 24, 6, 2)):
        across, down = max(2, size[0] // grain), max(2, size[1] // grain)
        noise = f"nullsrc=s={across}x{down}:d=1:r=1,format=yuv444p,noise=alls=100:all_seed={seed}"
        layers.append(f"{noise},scale={size[0]}:{size[1]}:flags=bicubic[l{number}]")
    mixed = "[l0][l1][l2][l3]mix=inputs=4:weights='8 5 3 2',eq=contrast=1.6:saturation=2[v]"
    graph = ";".join([*layers, mixed])
    ffmpeg("-filter_complex", graph, "-map", "[v]", "-frames:v", "1", path)
