"""What a file really holds: every frame of it decoded."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame


@dataclass
class Decoded:
    """Frames and their times (seconds), picture sizes, samples of sound; keyframes' times."""

    frames: int
    seconds: float
    sizes: set[tuple[int, int]]
    formats: set[str]
    keyframes: list[float]
    times: list[float]
    samples: int
    sample_rate: int
    channels: int

    @property
    def audio_seconds(self) -> float:
        return self.samples / self.sample_rate if self.sample_rate else 0.0


def decode(path: Path) -> Decoded:
    """Decode the whole file; any error of the decoder is an error of the test."""
    times: list[float] = []
    keyframes: list[float] = []
    sizes: set[tuple[int, int]] = set()
    formats: set[str] = set()
    samples = rate = channels = 0
    end = 0.0
    with av.open(str(path)) as container:
        streams = [*container.streams.video[:1], *container.streams.audio[:1]]
        for frame in container.decode(streams):
            if isinstance(frame, VideoFrame):
                times.append(frame.time)
                sizes.add((frame.width, frame.height))
                formats.add(frame.format.name)
                if frame.key_frame:
                    keyframes.append(frame.time)
                end = max(end, frame.time + float(frame.duration * frame.time_base))
            else:
                samples += frame.samples
                rate, channels = frame.sample_rate, frame.layout.nb_channels
    begin = min(times, default=0.0)
    return Decoded(
        frames=len(times),
        seconds=end - begin,
        sizes=sizes,
        formats=formats,
        keyframes=[at - begin for at in keyframes],
        times=[at - begin for at in times],
        samples=samples,
        sample_rate=rate,
        channels=channels,
    )


def jpeg_frame(path: Path) -> VideoFrame:
    """The picture as RGB, from a file that has to be a JPEG."""
    assert path.read_bytes()[:3] == b"\xff\xd8\xff"
    with av.open(str(path), format="jpeg_pipe") as container:
        return next(container.decode(video=0)).reformat(format="rgb24")


def colour(frame: VideoFrame, x: int, y: int) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) at a place of an RGB frame."""
    plane = frame.planes[0]
    at = y * plane.line_size + 3 * x
    red, green, blue = bytes(plane)[at : at + 3]
    return red, green, blue
