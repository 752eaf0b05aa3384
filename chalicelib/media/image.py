"""Reading the size of an image with PyAV: PNG, JPEG and GIF, over HTTP or from a path."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame

from chalicelib.media.errors import SourceBad
from chalicelib.media.probe import main_video_stream
from chalicelib.media.source import Deadline, Source, check_source, network_options, translated
from chalicelib.media.streams import video_facts
from chalicelib.mediaspec.facts import MediaFacts

# Demuxers of one picture each; none of them opens what a file names.
_IMAGE_FORMATS = "png_pipe,apng,jpeg_pipe,gif"
# Of the largest cameras; decoded it takes 400 MB.
_MAX_PIXELS = 100_000_000
_NETWORK_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class _Image(Source):
    @property
    def formats(self) -> str:
        return _IMAGE_FORMATS


def probe_image(source: str | Path, *, timeout_seconds: float = 30) -> MediaFacts:
    """The facts of the image at an http(s) URL or a path: one video stream, no duration.

    Its picture, of a moving GIF the first one, is decoded: a damaged image is no image. Raises
    SourceBad (none of PNG, JPEG, GIF, or damaged), SourceUnsupported (more than 100 megapixels),
    SourceUnreachable, TimeLimitExceeded.
    """
    checked = check_source(source)
    image = _Image(checked.url, checked.remote, playlist=False)
    deadline = Deadline(timeout_seconds)
    options = network_options(image) | {"max_pixels": str(_MAX_PIXELS)}
    with (
        translated(image, deadline),
        av.open(
            image.url,
            mode="r",
            container_options=options,
            options={"max_pixels": str(_MAX_PIXELS)},
            timeout=(deadline.left, _NETWORK_TIMEOUT_SECONDS),
        ) as container,
    ):
        stream = main_video_stream(container)
        frame = next(iter(container.decode(stream)), None) if stream is not None else None
        if stream is None or not isinstance(frame, VideoFrame):
            raise SourceBad("the image is damaged: there is no picture in it")
        return MediaFacts(
            format_name=container.format.name,
            duration=0,
            size=container.size if container.size > 0 else None,
            video=(video_facts(stream, frame, attached_picture=False),),
        )
