"""One rendition out of the pieces of its pictures and of its sound, without encoding again.

The pieces go through `joining` and a pipe into one ffmpeg, which packs them as it packs what it
encodes itself: whatever the container, and however long the source, nothing of it is stored here
but what comes out.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from chalicelib.media import encode, ffmpeg
from chalicelib.media.encode import Output
from chalicelib.media.errors import Cancelled, EncoderFailed
from chalicelib.media.joining import JoinedVideo, join_video
from chalicelib.media.keys import write_key
from chalicelib.media.muxers import PIECE_FORMAT, Target, muxer_arguments
from chalicelib.media.readback import RenditionResult, read_back
from chalicelib.media.segments import SegmentFile, Segments
from chalicelib.media.source import check_source, network_options
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec

_PIPE = "pictures"
_OPEN_EVERY_SECONDS = 0.02
_HELD_SECONDS = 0.1
_PARTIAL_PREFIX = ".partial-"


def join_rendition(
    pictures: Sequence[str | Path],
    frames: int,
    sound: str | Path | None,
    facts: MediaFacts,
    output: Output,
    out_dir: Path,
    *,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    time_limit_seconds: float,
    max_output_bytes: int,
    on_file: Callable[[SegmentFile], None] | None = None,
    held: Callable[[], bool] = lambda: False,
) -> RenditionResult:
    """Pack `pictures` (pieces in their order, URLs or paths) and `sound` as `output` says.

    `frames` is how many pictures there are in all pieces together; `facts` are the source's. The
    callbacks, the files and the errors are those of `transcode_renditions`; EncoderFailed too where
    the pieces do not fit together or a frame is missing.
    """
    with TemporaryDirectory(prefix=_PARTIAL_PREFIX, dir=out_dir) as partial:
        folder = Path(partial)
        own = folder / encode.folder_name(0)
        own.mkdir()
        if output.spec.encryption is not None:
            write_key(own, output.spec.encryption, output.key)
        os.mkfifo(folder / _PIPE, 0o600)
        segments = Segments(folder, [output], on_file)
        feeder = _Feeder(folder / _PIPE, pictures, on_progress, cancelled, held, time_limit_seconds)
        began = time.monotonic()
        with feeder:
            ffmpeg.run(
                _command(sound, facts, output),
                folder=folder,
                duration=facts.duration,
                limits=ffmpeg.Limits(time_limit_seconds, max_output_bytes),
                on_progress=lambda _: None,
                cancelled=lambda: feeder.failed or cancelled(),
                on_watch=segments.hand_over,
                held=held,
            )
        if feeder.joined.frames != frames:
            raise EncoderFailed(f"{feeder.joined.frames} of {frames} frames were joined")
        seconds = time.monotonic() - began
        segments.finish()
        handed = segments.of(0)
        made = read_back(own, output, handed.files, handed.sample).moved_to(out_dir)
    on_progress(1.0)
    return replace(made, encoder_seconds=seconds)


def _command(sound: str | Path | None, facts: MediaFacts, output: Output) -> list[str]:
    command = ["-f", PIECE_FORMAT, "-i", f"file:{_PIPE}"]
    if sound is not None:
        source = check_source(sound)
        options = network_options(source)
        command += [part for name, value in options.items() for part in (f"-{name}", value)]
        command += ["-i", source.url]
    command += ["-map", "0:v:0", *(["-map", "1:a:0"] if sound is not None else []), "-c", "copy"]
    command += _tag(output.spec)
    command += ["-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096"]
    target = Target(encode.folder_name(0), output.base_name)
    return command + muxer_arguments(output.spec, target, facts.duration, growing=output.growing)


def _tag(spec: RenditionSpec) -> list[str]:
    """What kind of MP4 sample the pictures are; the pieces have a name of their own for it."""
    mp4 = spec.container in ("mp4", "fmp4", "mpd")
    mp4 = mp4 or (spec.container == "m3u8" and spec.segments.kind == "fmp4")
    if spec.video is None or not mp4:
        return []
    return ["-tag:v", "hvc1" if spec.video.codec == "h265" else "avc1"]


@dataclass
class _Feeder:
    """A thread that writes the joined pictures into the pipe; what it raises, leaving raises.

    ffmpeg takes the end of the pipe for the end of the pictures. So a feeder that has failed is
    asked after by `cancelled`, and what ffmpeg made of the beginning is thrown away.
    """

    pipe: Path
    pictures: Sequence[str | Path]
    on_progress: Callable[[float], None]
    cancelled: Callable[[], bool]
    held: Callable[[], bool]
    seconds: float
    joined: JoinedVideo = field(default_factory=JoinedVideo)
    error: BaseException | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def failed(self) -> bool:
        return self.error is not None

    def __enter__(self) -> "_Feeder":
        self._thread = threading.Thread(target=self._feed, name="join", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: object,
    ) -> None:
        self._over.set()
        self._thread.join()
        # What the feeder stumbled over is the cause; ffmpeg then only says that it was stopped. But
        # if it stumbled over ffmpeg's end, ffmpeg knows why.
        if self.error is not None and (error is None or isinstance(error, Cancelled)):
            raise self.error from None

    def _feed(self) -> None:
        try:
            with self._opened() as sink:
                self.joined = join_video(
                    self.pictures,
                    sink,
                    on_progress=self.on_progress,
                    cancelled=self._stopped,
                    time_limit_seconds=self.seconds,
                )
        except (BrokenPipeError, Cancelled) as error:
            # ffmpeg has ended before: it says why itself, unless it believes that it was all.
            if not self._over.is_set():
                self.error = Cancelled("the work was cancelled")
                self.error.__cause__ = error
        except BaseException as error:
            self.error = error

    def _stopped(self) -> bool:
        """Whether the joining has to end; it waits here until what came out has been taken away."""
        while not self._over.is_set() and not self.cancelled():
            if not self.held():
                return False
            time.sleep(_HELD_SECONDS)
        return True

    def _opened(self) -> IO[bytes]:
        """The pipe's writing end, once ffmpeg has opened the other; it may never do so."""
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                number = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
                os.set_blocking(number, True)
                return os.fdopen(number, "wb")
            time.sleep(_OPEN_EVERY_SECONDS)
        raise BrokenPipeError
