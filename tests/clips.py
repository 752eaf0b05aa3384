"""Real clips for the tests, made with ffmpeg once per machine: `clips.make("normal_720p") -> Path`.

They lie in `.local/test-clips/` under a folder named after this file's content, so that a changed
recipe is made anew. Each is made aside and renamed, so that parallel test runs can share them.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

_ROOT = Path(__file__).resolve().parent.parent / ".local" / "test-clips"
_VERSION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]

TEXT = b"This is a text file, whatever its name says.\n" * 40


def make(name: str) -> Path:
    """The clip's path: a file named `{name}.{extension}`; for `hls_source` its playlist."""
    file_name, recipe = _CLIPS[name]
    folder = _ROOT / _VERSION / name
    if not folder.exists():
        _ROOT.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=_ROOT))
        recipe(aside / file_name)
        folder.parent.mkdir(exist_ok=True)
        try:
            aside.rename(folder)
        except OSError:  # somebody else was faster
            shutil.rmtree(aside)
    return folder / file_name


def names() -> list[str]:
    return list(_CLIPS)


def ffmpeg(*arguments: str | Path, cwd: Path | None = None) -> None:
    """Run ffmpeg to make something for a test; its log is in the error if it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        # The wheel's static ffmpeg crashes on MPEG-TS if it finds the system's character sets.
        env={"PATH": os.defpath, "GCONV_PATH": "/nonexistent"},
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"ffmpeg could not make a clip: {done.stderr}")


def _picture(size: str, rate: str, seconds: float, noise: int = 8) -> list[str]:
    """Moving test patterns under camera noise."""
    source = f"testsrc2=s={size}:r={rate}:d={seconds},noise=alls={noise}:allf=t"
    return ["-f", "lavfi", "-i", source]


def _tone(seconds: float, rate: int = 48000) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=f=440:r={rate}:d={seconds}"]


_H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p"]


def _normal_720p(path: Path) -> None:
    surround = "aevalsrc=" + "|".join(f"0.1*sin({110 * n}*2*PI*t)" for n in range(1, 7))
    ffmpeg(
        *_picture("1280x720", "25", 5),
        *("-f", "lavfi", "-i", f"{surround}:c=5.1:s=48000:d=5"),
        *_H264,
        *("-bf", "2", "-g", "50", "-c:a", "aac", "-b:a", "256k", "-metadata:s:a:0", "language=eng"),
        *("-movflags", "+faststart", path),
    )


def _contract(path: Path) -> None:
    """As little as can be of everything: it is transcoded for many tests, none looks at it."""
    ffmpeg(*_picture("320x180", "25", 2), *_tone(2), *_H264, "-c:a", "aac", path)


def _silent_video(path: Path) -> None:
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "3"]
    ffmpeg(*_picture("640x272", "24000/1001", 4), *encoder, "-g", "24", path)


def _audio_only(path: Path) -> None:
    ffmpeg(*_tone(3, 44100), "-c:a", "aac", path)


def _mp3_with_cover(path: Path) -> None:
    cover = path.with_name("cover.jpg")
    ffmpeg(*_picture("300x300", "1", 1), "-frames:v", "1", cover)
    ffmpeg(
        *_tone(3, 44100),
        *("-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-c:a", "libmp3lame"),
        *("-disposition:v", "attached_pic", "-b:a", "128k", path),
    )
    cover.unlink()


def _rotated_phone(path: Path) -> None:
    """A phone held upright: recorded lying, to be shown turned clockwise by 90 degrees."""
    flat = path.with_name("flat.mp4")
    # Red on the left as recorded: on top as shown.
    left = ["-vf", "drawbox=x=0:y=0:w=200:h=ih:color=red:t=fill"]
    ffmpeg(*_picture("1280x720", "30", 2), *_tone(2), *left, *_H264, "-c:a", "aac", flat)
    ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", path)
    flat.unlink()


def _mpeg2_interlaced_43(path: Path) -> None:
    """PAL: 50 fields per second, 720x576 with pixels of 16:15, shown as 768x576."""
    fields = "tinterlace=interleave_top,setfield=tff,setsar=16/15"
    ffmpeg(
        *_picture("720x576", "50", 3),
        *_tone(3),
        *("-vf", fields, "-flags", "+ilme+ildct", "-c:v", "mpeg2video", "-b:v", "5M"),
        *("-g", "12", "-bf", "2", "-c:a", "mp2", "-b:a", "192k", path),
    )


def _hevc_10bit(path: Path) -> None:
    encoder = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"]
    quiet = ["-x265-params", "log-level=error:keyint=25", "-tag:v", "hvc1"]
    ffmpeg(*_picture("640x360", "25", 2), *_tone(2), *encoder, *quiet, "-c:a", "aac", path)


def _hdr10(path: Path) -> None:
    to_pq = (
        "zscale=tin=bt709:min=bt709:pin=bt709:t=smpte2084:p=bt2020:m=bt2020nc:r=tv:npl=203,"
        "format=yuv420p10le"
    )
    params = "log-level=error:keyint=25:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    encoder = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", params, "-tag:v", "hvc1"]
    white = ["-f", "lavfi", "-i", "color=white:s=320x180:r=25:d=1"]
    ffmpeg(*white, "-vf", to_pq, *encoder, path)


def _ten_minute_1080p(path: Path) -> None:
    """Ten seconds encoded, sixty times over: about 57 MiB in a few seconds."""
    part = path.with_name("part.mp4")
    rate = ["-b:v", "690k", "-maxrate", "700k", "-bufsize", "700k", "-g", "50"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    ffmpeg(*_picture("1920x1080", "25", 10, noise=6), *encoder, *rate, part)
    ffmpeg(
        *("-stream_loop", "59", "-i", part),
        *_tone(600, 32000),
        *("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "96k"),
        *("-movflags", "+faststart", path),
    )
    part.unlink()


def _hls_source(path: Path) -> None:
    ffmpeg(
        *_picture("640x360", "25", 6),
        *_tone(6),
        *_H264,
        *("-g", "50", "-c:a", "aac", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod"),
        *("-hls_segment_filename", "part-%d.ts", path.name),
        cwd=path.parent,
    )


def _webm(path: Path) -> None:
    encoder = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k"]
    ffmpeg(*_picture("320x180", "25", 3), *_tone(3), *encoder, "-c:a", "libopus", path)


def _webm_without_duration(path: Path) -> None:
    """As a browser's MediaRecorder writes it: neither a duration nor an index."""
    ffmpeg("-i", make("webm"), "-c", "copy", "-f", "webm", "-live", "1", path)


def _flv(path: Path) -> None:
    sound = ["-c:a", "aac", "-ar", "44100"]
    ffmpeg(*_picture("320x180", "25", 3), *_tone(3), *_H264, "-g", "25", *sound, path)


def _variable_rate(path: Path) -> None:
    """A screen recording: two of every five frames are missing, then a second is."""
    drop = "select='lt(mod(n,5),3)*not(between(t,1.5,2.5))'"
    frames = ["-vf", drop, "-fps_mode", "vfr"]
    ffmpeg(*_picture("640x360", "30", 4), *_tone(4), *frames, *_H264, "-c:a", "aac", path)


def _odd_dimensions(path: Path) -> None:
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"]
    ffmpeg(*_picture("642x362", "25", 2), "-vf", "format=yuv444p,crop=641:361", *encoder, path)


def _text(path: Path) -> None:
    path.write_bytes(TEXT)


def _cut(path: Path, *flags: str) -> None:
    whole = path.with_name("whole.mp4")
    ffmpeg("-i", make("normal_720p"), "-c", "copy", *flags, whole)
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    whole.unlink()


_CLIPS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "normal_720p": ("normal_720p.mp4", _normal_720p),
    "contract": ("contract.mp4", _contract),
    "silent_video": ("silent_video.mp4", _silent_video),
    "audio_only": ("audio_only.mp4", _audio_only),
    "mp3": ("mp3.mp3", _mp3_with_cover),
    "webm": ("webm.webm", _webm),
    "webm_without_duration": ("webm_without_duration.webm", _webm_without_duration),
    "flv": ("flv.flv", _flv),
    "rotated_phone": ("rotated_phone.mp4", _rotated_phone),
    "mpeg2_interlaced_43": ("mpeg2_interlaced_43.mpg", _mpeg2_interlaced_43),
    "hevc_10bit": ("hevc_10bit.mp4", _hevc_10bit),
    "hdr10": ("hdr10.mp4", _hdr10),
    "variable_rate": ("variable_rate.mp4", _variable_rate),
    "odd_dimensions": ("odd_dimensions.mp4", _odd_dimensions),
    "ten_minute_1080p": ("ten_minute_1080p.mp4", _ten_minute_1080p),
    "big_60mib": ("big_60mib.mp4", lambda path: os.link(make("ten_minute_1080p"), path)),
    "hls_source": ("index.m3u8", _hls_source),
    "text_named_mp4": ("text_named_mp4.mp4", _text),
    "zero_byte": ("zero_byte.mp4", Path.touch),
    "truncated_moov_first": (
        "truncated_moov_first.mp4",
        lambda path: _cut(path, "-movflags", "+faststart"),
    ),
    "truncated_moov_last": ("truncated_moov_last.mp4", _cut),
}
