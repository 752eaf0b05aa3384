"""How the sound of a rendition is treated and encoded.

The limits are the widest of the four vendors'; a vendor's narrower limit is checked by its own API.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.mediaspec.files import FileRef

AudioCodec = Literal["aac", "mp3", "mp2", "vorbis", "opus", "flac", "copy"]
AacProfile = Literal["aac_low", "aac_he", "aac_he_v2", "aac_ld", "aac_eld"]
SampleRate = Literal[8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000]
Channels = Literal[1, 2, 3, 4, 5, 6, 8]
StreamNumber = Annotated[int, Field(ge=0, le=63)]

_MOST_CHANNELS = {"mp3": 2, "mp2": 2}
_HIGHEST_RATE = {"mp3": 48_000, "mp2": 48_000}
_LOWEST_RATE = {"mp2": 16_000}


class Gain(BaseModel):
    """Louder or softer by so many decibels."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: Literal["gain"] = "gain"
    decibels: Annotated[float, Field(ge=-60, le=60, allow_inf_nan=False)]


class Loudness(BaseModel):
    """Normalised to a loudness (EBU R128).

    `method`: "dynamic" evens the programme out as it goes, within `range_lu`; "linear" measures it
    first and moves the whole by one gain, as far as `peak_db` allows; "auto" lets quiet passages
    come up without a target.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: Literal["loudness"] = "loudness"
    method: Literal["auto", "dynamic", "linear"] = "dynamic"
    target_lufs: Annotated[float, Field(ge=-70, le=-5, allow_inf_nan=False)] = -6.0
    peak_db: Annotated[float, Field(ge=-9, le=0, allow_inf_nan=False)] = -1.0
    range_lu: Annotated[float, Field(ge=1, le=50, allow_inf_nan=False)] = 8.0


Volume = Annotated[Gain | Loudness, Field(discriminator="kind")]


class Mixed(BaseModel):
    """Another sound laid under the main one, such as background music.

    `file` None: another stream of the source itself. `stream` counts the file's audio streams from
    0; `start` and `seconds` choose a span of it. `longest`: the rendition lasts as long as the
    longer of the two, else as long as the main one.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    file: FileRef | None = None
    stream: StreamNumber = 0
    start: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0.0
    seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    longest: bool = False


class AudioEncoding(BaseModel):
    """What is done to the sound and how it is encoded.

    `stream` counts the source's audio streams from 0; `left_right` makes stereo of two of them.
    `channels` is a maximum: mono stays mono unless `upmix`, more are mixed down. `sample_rate` in
    Hz, None keeps the source's; a rate that the codec does not have becomes the nearest it has.
    `bitrate_kbps` None is the codec's default. "copy" takes the stream over as it is;
    `all_streams` then takes all that the source has, not one.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    codec: AudioCodec = "aac"
    profile: AacProfile | None = None
    bitrate_kbps: Annotated[int, Field(ge=8, le=1000)] | None = 128
    sample_rate: SampleRate | None = 44100
    channels: Channels = 2
    upmix: bool = False
    stream: StreamNumber | None = None
    left_right: tuple[StreamNumber, StreamNumber] | None = None
    volume: Volume | None = None
    mixed: Annotated[tuple[Mixed, ...], Field(max_length=4)] = ()
    all_streams: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "AudioEncoding":
        if self.profile is not None and self.codec != "aac":
            raise ValueError(f"{self.codec} has no profile {self.profile}")
        if self.channels > _MOST_CHANNELS.get(self.codec, 8):
            raise ValueError(f"{self.codec} has at most two channels")
        rate = self.sample_rate
        if rate is not None and rate > _HIGHEST_RATE.get(self.codec, rate):
            raise ValueError(f"{self.codec} has no sample rate of {rate} Hz")
        if rate is not None and rate < _LOWEST_RATE.get(self.codec, 0):
            raise ValueError(f"{self.codec} has no sample rate of {rate} Hz")
        if self.stream is not None and self.left_right is not None:
            raise ValueError("stream and left_right exclude each other")
        if self.codec == "copy" and (self.volume or self.mixed or self.left_right):
            raise ValueError("a stream that is copied stays as it is")
        if self.all_streams and (self.codec != "copy" or self.stream is not None):
            raise ValueError("only copying takes all streams")
        return self
