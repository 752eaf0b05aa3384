"""Media files gone wrong, made from good ones: cut off, overwritten, spliced, dressed up."""

import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import imageio_ffmpeg

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "GCONV_PATH": "/nonexistent"}
_PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2"]
_SOUND = ["-f", "lavfi", "-i", "sine=f=440:r=22050:d=2"]
_H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12"]
_LIMITS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", bytes(4), b"\0\0\0\x01")
_SEEDS: dict[str, list[str]] = {
    "h264.mp4": [*_H264, "-bf", "2", "-c:a", "aac"],
    "fast.mp4": [*_H264, "-c:a", "aac", "-movflags", "+faststart"],
    "fragments.mp4": [*_H264, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"],
    "h264.mkv": [*_H264, "-c:a", "libvorbis"],
    "h264.ts": [*_H264, "-c:a", "aac"],
    "h264.flv": [*_H264, "-c:a", "aac"],
    "mpeg4.avi": ["-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "mpeg2.mpg": ["-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"],
    "vp9.webm": [
        "-c:v",
        "libvpx-vp9",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
        "-c:a",
        "libopus",
    ],
    "hevc.mp4": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"],
    "wmv2.asf": ["-c:v", "wmv2", "-c:a", "wmav2"],
    "mjpeg.mov": ["-c:v", "mjpeg", "-c:a", "pcm_s16le"],
    "sound.mp3": ["-vn", "-c:a", "libmp3lame"],
    "sound.ogg": ["-vn", "-c:a", "libvorbis"],
    "sound.wav": ["-vn", "-c:a", "pcm_s16le"],
    "picture.gif": ["-an", "-r", "5"],
}


def make_seeds(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Small good files of the usual containers and codecs; of all, or of those named."""
    made = []
    for name in names or _SEEDS:
        path = folder / name
        ffmpeg(*_PICTURE, *_SOUND, *_SEEDS[name], str(path))
        made.append(path)
    return made


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; its errors are the caller's."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error"]
    subprocess.run([*command, *arguments], check=True, env=_ENVIRONMENT)


def oddities(folder: Path) -> Iterator[Path]:
    """Files that are well formed and hostile all the same."""
    recipes: dict[str, list[str]] = {
        "one-pixel.mkv": [*_PICTURE, "-vf", "format=gray,crop=1:1", "-c:v", "ffv1"],
        "wide.mkv": ["-f", "lavfi", "-i", "color=red:s=20000x16:d=0.2", "-c:v", "mjpeg"],
        "one-fps.mp4": ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=5", *_H264],
        "fast-fps.mp4": ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=240:d=1", *_H264],
        "one-keyframe.mp4": [*_PICTURE, *_H264[:-2], "-g", "9999", "-sc_threshold", "0"],
        "negative.mkv": [*_PICTURE, *_H264, "-output_ts_offset", "-5"],
        "streams.mkv": [*_SOUND, *(["-map", "0"] * 500), "-t", "0.2", "-c:a", "pcm_s16le"],
    }
    for name, arguments in recipes.items():
        path = folder / name
        ffmpeg(*arguments, str(path))
        yield path
    yield from _disguises(folder)


def _disguises(folder: Path) -> Iterator[Path]:
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    bomb = b"WEBVTT\n\n" + b"00:00.000 --> 99:00.000\n" + b"A" * (32 * 1024 * 1024)
    texts = {
        "passwd.mp4": playlist.format("file:///etc/passwd").encode(),
        "passwd.m3u8": playlist.format("file:///etc/passwd").encode(),
        "inside.m3u8": playlist.format("http://169.254.169.254/latest/meta-data").encode(),
        "inside.mp4": playlist.format("http://127.0.0.1:9/x.ts").encode(),
        "concat.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "bomb.vtt": bomb,
        "empty.mp4": b"",
    }
    for name, content in texts.items():
        (folder / name).write_bytes(content)
        yield folder / name


def truncations(seed: Path, folder: Path) -> Iterator[Path]:
    """The file cut off at every tenth of its length."""
    content = seed.read_bytes()
    for tenth in range(1, 10):
        path = folder / f"{seed.stem}-cut{tenth}{seed.suffix}"
        path.write_bytes(content[: len(content) * tenth // 10])
        yield path


def mutated(seed: Path, number: int, folder: Path) -> Path:
    """One mutation, which follows from the file's name and the number alone."""
    chance = random.Random(f"{seed.name} {number}")
    content = bytearray(seed.read_bytes())
    # What is not in the pictures is what parsers trip over: it lies at the ends.
    ends = [(0, min(2048, len(content))), (max(0, len(content) - 4096), len(content))]
    begin, end = chance.choice([*ends, (0, len(content))])
    kind = chance.choice(("flip", "flip", "numbers", "zero", "splice", "cut", "repeat"))
    for _ in range(chance.choice((1, 3, 10, 40))):
        at = chance.randrange(begin, end)
        if kind == "flip":
            content[at] ^= 1 << chance.randrange(8)
        elif kind == "numbers":  # lengths and counts at their limits
            content[at : at + 4] = chance.choice(
                (
                    b"\xff\xff\xff\xff",
                    b"\x7f\xff\xff\xff",
                    b"\x80\0\0\0",
                    b"\0\0\0\0",
                    b"\0\0\0\x01",
                )
            )
        elif kind == "zero":
            content[at : at + 16] = bytes(len(content[at : at + 16]))
    if kind == "splice":
        at, other = chance.randrange(len(content)), chance.randrange(len(content))
        content[at:at] = content[other : other + chance.randrange(1, 4096)]
    elif kind == "cut":
        at = chance.randrange(len(content))
        del content[at : at + chance.randrange(1, 512)]
    elif kind == "repeat":
        content += content[chance.randrange(len(content)) :]
    path = folder / f"{seed.stem}-{number}{seed.suffix}"
    path.write_bytes(content)
    return path
