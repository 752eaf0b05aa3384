"""What a file holds, decoded from its first frame to its last."""

from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True)
class Contents:
    """The picture's codec and size, the times of its frames, and how many samples of sound."""

    codec: str
    size: tuple[int, int]
    times: list[float]
    samples: int


def contents(path: Path) -> Contents:
    """Decode picture and sound; raises what the decoder stumbles over."""
    times: list[float] = []
    samples = 0
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        for frame in container.decode(video, container.streams.audio[0]):
            if isinstance(frame, av.VideoFrame):
                times.append(frame.time or 0.0)
            elif isinstance(frame, av.AudioFrame):
                samples += frame.samples
        return Contents(video.codec_context.name, (video.width, video.height), times, samples)
