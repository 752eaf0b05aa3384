"""Cutting, joining, turning, fitting and mixing: what is looked for is in the decoded output."""

from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame

from chalicelib.media.encode import Output
from chalicelib.media.errors import TargetUnfit
from chalicelib.media.readback import RenditionResult
from chalicelib.mediaspec.audio import AudioEncoding, Gain, Loudness, Mixed
from chalicelib.mediaspec.clip import Clip, Part
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import CropBox, PadBox, PictureSize
from chalicelib.mediaspec.video import BlurredArea, BlurredSpan, VideoEncoding
from tests import clips
from tests.media.decoding import colour, decode
from tests.media.encoding import run, run_all

_FAST = VideoEncoding(preset="ultrafast", crf=5)
_SOUND = AudioEncoding(sample_rate=48000)


def coloured(path: Path, name: str, seconds: float, size: str = "160x90", tone: int = 0) -> Path:
    """A colour for some seconds at 25 frames a second; with a tone (Hz) if one is named."""
    picture = ["-f", "lavfi", "-i", f"color={name}:s={size}:r=25:d={seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=f={tone}:r=48000:d={seconds}"] if tone else []
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "5", "-c:a", "aac"]
    clips.ffmpeg(*picture, *sound, *encoder, path)
    return path


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("colours")
    coloured(folder / "red.mp4", "red", 2, tone=440)
    coloured(folder / "green.mp4", "green", 1, size="90x160")
    coloured(folder / "blue.mp4", "blue", 1.6, size="320x180", tone=880)
    return folder


def frames_of(path: Path) -> list[VideoFrame]:
    with av.open(str(path)) as container:
        return [frame.reformat(format="rgb24") for frame in container.decode(video=0)]


def story(path: Path) -> str:
    """One letter for the colour in the middle of every fifth frame."""
    letters = []
    for frame in frames_of(path)[::5]:
        red, green, blue = colour(frame, frame.width // 2, frame.height // 2)
        letters.append("r" if red > 150 else "g" if green > 90 else "b" if blue > 150 else "-")
    return "".join(letters)


def loudness(path: Path, begin: float, end: float) -> float:
    """Root mean square of the samples in a span of time, 0 to 1."""
    total = count = 0.0
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=8000)
        at = 0
        for decoded in container.decode(audio=0):
            for frame in resampler.resample(decoded):
                samples = memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]
                for value in samples:
                    if begin <= at / 8000 < end:
                        total += value * value
                        count += 1
                    at += 1
    return float((total / max(1, count)) ** 0.5)


def test_openings_and_tails(colours: Path, tmp_path: Path) -> None:
    files = {name: colours / f"{name}.mp4" for name in ("green", "blue")}
    spec = RenditionSpec(
        container="mp4",
        video=_FAST,
        audio=_SOUND,
        before=(Part(file="green"),),
        after=(Part(file="blue", start=0.6), Part(file="green", seconds=0.4)),
    )
    result = run(colours / "red.mp4", spec, tmp_path, files=files)
    decoded = decode(result.entry)
    assert decoded.sizes == {(160, 90)}
    assert decoded.frames == 25 + 50 + 25 + 10
    assert decoded.seconds == pytest.approx(4.4, abs=0.04)
    assert decoded.audio_seconds == pytest.approx(4.4, abs=0.07)
    assert story(result.entry) == "ggggg" + "r" * 10 + "bbbbb" + "gg"
    # Silence where a part has no sound; the sound of the others with their pictures.
    assert loudness(result.entry, 0.1, 0.9) < 0.001
    assert loudness(result.entry, 1.1, 2.9) > 0.05
    assert loudness(result.entry, 3.1, 3.9) > 0.05
    assert loudness(result.entry, 4.05, 4.3) < 0.01
    # An upright part keeps its shape between bars.
    first = frames_of(result.entry)[10]
    assert max(colour(first, 20, 45)) < 20


def test_an_opening_after_a_while_and_a_fading_tail(colours: Path, tmp_path: Path) -> None:
    files = {name: colours / f"{name}.mp4" for name in ("green", "blue")}
    spec = RenditionSpec(
        container="mp4",
        video=_FAST,
        before=(Part(file="green", delay=1, width="full", height="full"),),
        after=(Part(file="blue", fade_seconds=1),),
    )
    result = run(colours / "red.mp4", spec, tmp_path, files=files)
    told = story(result.entry)
    assert decode(result.entry).frames == 50 + 25 + 40
    assert told[:16] == "rrrrrgggggrrrrrr"
    assert told.endswith("bb")
    red, _, blue = colour(frames_of(result.entry)[75 + 12], 80, 45)  # half way
    assert 90 < red < 165
    assert 90 < blue < 165


def test_sound_alone_is_joined_and_cut(colours: Path, tmp_path: Path) -> None:
    spec = RenditionSpec(
        container="m4a",
        audio=_SOUND,
        after=(Part(file="blue"),),
        clip=Clip(start=1.5, seconds=1.5, joined=True),
    )
    result = run(colours / "red.mp4", spec, tmp_path, files={"blue": colours / "blue.mp4"})
    assert decode(result.entry).audio_seconds == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(
    ("clip", "frames"),
    [
        (Clip(start=1), 100),
        (Clip(start=1.2, seconds=2), 50),
        (Clip(start=1, drop_end=1.5, seconds=0.2), 63),
        (Clip(seconds=0.4), 10),
    ],
)
def test_clips(clip: Clip, frames: int, tmp_path: Path) -> None:
    video = _FAST.model_copy(update={"size": PictureSize(width=160)})
    spec = RenditionSpec(container="mp4", video=video, audio=_SOUND, clip=clip)
    result = run(clips.make("normal_720p"), spec, tmp_path)
    decoded = decode(result.entry)
    assert decoded.frames == pytest.approx(frames, abs=1)
    assert decoded.seconds == pytest.approx(frames / 25, abs=0.041)
    assert decoded.audio_seconds == pytest.approx(frames / 25, abs=0.07)
    assert decoded.times[0] == 0


def test_clips_of_one_command_differ(tmp_path: Path) -> None:
    video = _FAST.model_copy(update={"size": PictureSize(width=160)})
    outputs = [
        Output(RenditionSpec(container="mp4", video=video, audio=_SOUND, clip=clip), name)
        for name, clip in (("a", Clip(start=1, seconds=1)), ("b", Clip(start=2)), ("c", None))
    ]
    results = run_all(clips.make("normal_720p"), outputs, tmp_path)
    decoded = [decode(result.entry) for result in results]
    assert [one.frames for one in decoded] == [25, 75, 125]
    assert [one.audio_seconds for one in decoded] == pytest.approx([1, 3, 5], abs=0.07)


def test_a_clip_of_nothing(tmp_path: Path) -> None:
    for clip in (Clip(start=5.5), Clip(start=3, drop_end=2)):
        spec = RenditionSpec(container="mp4", video=_FAST, clip=clip)
        with pytest.raises(TargetUnfit, match="nothing"):
            run(clips.make("normal_720p"), spec, tmp_path)


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 160x80: red, green, blue and white quarters, clockwise from the top left."""
    path = tmp_path_factory.mktemp("quarters") / "quarters.mp4"
    source = "color=red:s=160x80:r=10:d=1"
    for name, x, y in (("green", 80, 0), ("blue", 80, 40), ("white", 0, 40)):
        source += f",drawbox=x={x}:y={y}:w=80:h=40:color={name}:t=fill"
    clips.ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "3", path)
    return path


def turned(quarters: Path, tmp_path: Path, **changes: object) -> VideoFrame:
    video = VideoEncoding.model_validate({"preset": "ultrafast", "crf": 3, **changes})
    result = run(quarters, RenditionSpec(container="mp4", video=video), tmp_path)
    assert decode(result.entry).frames == 10
    return frames_of(result.entry)[5]


def corners(frame: VideoFrame) -> str:
    """The colours of the corners, clockwise from the top left."""
    right, bottom = frame.width - 6, frame.height - 6
    return "".join(name_of(frame, *at) for at in ((6, 6), (right, 6), (right, bottom), (6, bottom)))


def name_of(frame: VideoFrame, x: int, y: int) -> str:
    red, green, blue = colour(frame, x, y)
    if min(red, green, blue) > 200:
        return "w"
    if max(red, green, blue) < 40:
        return "-"
    return "rgb"[(red, green, blue).index(max(red, green, blue))]


@pytest.mark.parametrize(
    ("degrees", "size", "seen"),
    [
        (0, (160, 80), "rgbw"),
        (90, (80, 160), "wrgb"),
        (180, (160, 80), "bwrg"),
        (270, (80, 160), "gbwr"),
    ],
)
def test_rotation(
    degrees: int, size: tuple[int, int], seen: str, quarters: Path, tmp_path: Path
) -> None:
    frame = turned(quarters, tmp_path, rotate=degrees)
    assert (frame.width, frame.height) == size
    assert corners(frame) == seen


def test_rotation_by_any_angle(quarters: Path, tmp_path: Path) -> None:
    frame = turned(quarters, tmp_path, rotate=45)
    assert (frame.width, frame.height) == (170, 170)
    assert corners(frame) == "----"
    assert name_of(frame, 85, 40) == "r" if colour(frame, 85, 40)[0] > 150 else "g"


def test_crop_and_pad(quarters: Path, tmp_path: Path) -> None:
    box = CropBox(width=100, height=40, left=60, top=40)
    frame = turned(quarters, tmp_path, crop=box.model_dump())
    assert (frame.width, frame.height) == (100, 40)
    assert corners(frame) == "wbbw"
    pad = PadBox(width=200, height=120, left=30, top=20)
    frame = turned(quarters, tmp_path / "..", pad=pad.model_dump())
    assert (frame.width, frame.height) == (200, 120)
    assert corners(frame) == "----"
    assert name_of(frame, 36, 26) == "r"
    assert name_of(frame, 184, 94) == "b"
    with pytest.raises(TargetUnfit):
        turned(quarters, tmp_path, crop={"width": 16, "height": 16, "left": 200})
    with pytest.raises(TargetUnfit):
        turned(quarters, tmp_path, pad={"width": 100, "height": 100})


@pytest.mark.parametrize(
    ("fit", "size", "seen"),
    [
        ("stretch", (100, 100), "rgbw"),
        ("inside", (100, 50), "rgbw"),
        ("pad", (100, 100), "----"),
        ("crop", (100, 100), "rgbw"),
    ],
)
def test_fits(fit: str, size: tuple[int, int], seen: str, quarters: Path, tmp_path: Path) -> None:
    asked = {"width": 100, "height": 100, "fit": fit, "enlarge": True}
    frame = turned(quarters, tmp_path, size=asked)
    assert (frame.width, frame.height) == size
    assert corners(frame) == seen


def test_enlarging(quarters: Path, tmp_path: Path) -> None:
    frame = turned(quarters, tmp_path, size={"factor": 2, "enlarge": True})
    assert (frame.width, frame.height) == (320, 160)


def test_blurred_areas(tmp_path: Path) -> None:
    """Noise in an area is gone while it is blurred."""
    noisy = tmp_path / "noisy.mp4"
    source = "color=gray:s=160x80:r=10:d=1,noise=alls=80"
    clips.ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "1", noisy)
    area = BlurredArea(left=0.25, top=20, width=0.5, height=40)
    spans = (BlurredSpan(start=0.5, areas=(area,)), BlurredSpan(start=0.8))
    (tmp_path / "out").mkdir()
    spec = RenditionSpec(container="mp4", video=_FAST.model_copy(update={"blurs": spans}))
    frames = frames_of(run(noisy, spec, tmp_path / "out").entry)
    assert [roughness(frames[n]) > 15 for n in (2, 4, 6, 9)] == [True, True, False, True]


def roughness(frame: VideoFrame) -> float:
    values = [colour(frame, x, 40)[1] for x in range(60, 100)]
    return sum(abs(a - b) for a, b in pairwise(values)) / len(values)


def test_volume(colours: Path, tmp_path: Path) -> None:
    plain = loudness(colours / "red.mp4", 0.2, 1.8)
    for number, (volume, share) in enumerate(((Gain(decibels=-20), 0.1), (Gain(decibels=6), 2))):
        audio = _SOUND.model_copy(update={"volume": volume})
        spec = RenditionSpec(container="m4a", audio=audio)
        result = run(colours / "red.mp4", spec, tmp_path, name=str(number))
        assert loudness(result.entry, 0.2, 1.8) == pytest.approx(share * plain, rel=0.1)


def lufs(path: Path, folder: Path) -> float:
    """Integrated loudness (EBU R128)."""
    told = folder / "loudness.txt"
    meter = f"ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file={told.name}"
    clips.ffmpeg("-i", path, "-af", meter, "-f", "null", "-", cwd=folder)
    return float(told.read_text().rsplit("=", 1)[1])


@pytest.mark.parametrize("method", ["dynamic", "linear"])
def test_loudness_is_what_was_asked_for(method: str, tmp_path: Path) -> None:
    source = tmp_path / "soft.m4a"
    sound = "anoisesrc=c=pink:r=48000:d=8:a=0.05:seed=7"
    clips.ffmpeg("-f", "lavfi", "-i", sound, "-c:a", "aac", "-b:a", "192k", source)
    assert lufs(source, tmp_path) < -35
    volume = Loudness.model_validate(
        {"method": method, "target_lufs": -20, "peak_db": -1, "range_lu": 7}
    )
    (tmp_path / "out").mkdir()
    spec = RenditionSpec(container="m4a", audio=_SOUND.model_copy(update={"volume": volume}))
    result = run(source, spec, tmp_path / "out")
    assert lufs(result.entry, tmp_path) == pytest.approx(-20, abs=1)
    assert decode(result.entry).sample_rate == 48000


def test_quiet_passages_come_up(colours: Path, tmp_path: Path) -> None:
    audio = _SOUND.model_copy(update={"volume": Loudness(method="auto")})
    result = run(colours / "red.mp4", RenditionSpec(container="m4a", audio=audio), tmp_path)
    assert loudness(result.entry, 0.2, 1.8) > 2 * loudness(colours / "red.mp4", 0.2, 1.8)


def test_sounds_are_mixed(colours: Path, tmp_path: Path) -> None:
    files = {"music": colours / "blue.mp4"}
    for name, longest, seconds in (("first", False, 1.0), ("longest", True, 1.6)):
        mixed = (Mixed(file="music", longest=longest),)
        audio = _SOUND.model_copy(update={"mixed": mixed})
        spec = RenditionSpec(container="m4a", audio=audio, clip=Clip(seconds=1))
        result = run(colours / "red.mp4", spec, tmp_path, name=name, files=files)
        assert decode(result.entry).audio_seconds == pytest.approx(seconds, abs=0.06)
        alone = loudness(colours / "red.mp4", 0.2, 0.8)
        assert loudness(result.entry, 0.2, 0.8) == pytest.approx(alone * 2**0.5, rel=0.1)


def test_streams_of_sound_are_chosen(colours: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.mp4"
    inputs = ["-i", colours / "red.mp4", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono"]
    clips.ffmpeg(*inputs, "-map", "0", "-map", "1:a", "-t", "1", "-c:v", "copy", two)
    (tmp_path / "out").mkdir()

    def made(name: str, **changes: object) -> RenditionResult:
        audio = AudioEncoding.model_validate({"sample_rate": 48000, **changes})
        spec = RenditionSpec(container="m4a", audio=audio)
        return run(two, spec, tmp_path / "out", name=name)

    assert loudness(made("first").entry, 0.2, 0.8) > 0.05
    assert loudness(made("second", stream=1).entry, 0.2, 0.8) < 0.001
    both = made("both", left_right=(0, 1)).entry
    assert decode(both).channels == 2
    assert 0.02 < loudness(both, 0.2, 0.8) < loudness(two, 0.2, 0.8) * 0.8
    with pytest.raises(TargetUnfit, match="stream 2"):
        made("none", stream=2)


def test_surround_is_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    audio = AudioEncoding(channels=6, bitrate_kbps=256, sample_rate=None)
    spec = RenditionSpec(container="m4a", audio=audio, clip=Clip(seconds=1))
    decoded = decode(run(clips.make("normal_720p"), spec, tmp_path).entry)
    assert (decoded.channels, decoded.sample_rate) == (6, 48000)
