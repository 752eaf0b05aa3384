"""What conditions make of a rendition once the source is known: a pure decision, before any work.

VOD API manual 17.1, TransConfig: the "...Fail" forms are "refuse" here and win over "cap".
"""

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding

_LEAST_VIDEO_KBPS = 10
_LEAST_AUDIO_KBPS = 8


def decided(facts: MediaFacts, spec: RenditionSpec) -> RenditionSpec:
    """The rendition as the source allows it: as it is, or capped.

    A source that does not tell a value (a bit rate is often missing) exceeds nothing. Raises
    ConditionUnmet where the template refuses a target above the source.
    """
    video, audio = spec.video, spec.audio
    if video is not None and facts.main_video is not None and video.codec != "copy":
        video = _resolution(facts, video, spec)
        video = _video_rate(facts, facts.main_video, video, spec)
    if audio is not None and facts.main_audio is not None and audio.codec != "copy":
        audio = _audio_rate(_chosen(facts, audio), audio, spec)
    if video is spec.video and audio is spec.audio:
        return spec
    return spec.model_copy(update={"video": video, "audio": audio})


def _resolution(facts: MediaFacts, video: VideoEncoding, spec: RenditionSpec) -> VideoEncoding:
    condition = spec.conditions.resolution
    if condition == "allow" or facts.main_video is None:
        return video
    width, height = facts.main_video.square_size
    if video.rotate in (90, 270):
        width, height = height, width
    asked = video.size
    across, down = asked.width, asked.height
    if asked.sides == "long_short" and width < height:
        across, down = down, across
    if (across or 0) <= width and (down or 0) <= height and (asked.factor or 1) <= 1:
        return video
    if condition == "refuse":
        target = f"{across or '-'}x{down or '-'}" if asked.factor is None else f"{asked.factor:g}x"
        raise ConditionUnmet(f"the target of {target} pixels exceeds the source's {width}x{height}")
    return video.model_copy(update={"size": PictureSize()})


def _video_rate(
    facts: MediaFacts, stream: VideoFacts, video: VideoEncoding, spec: RenditionSpec
) -> VideoEncoding:
    condition = spec.conditions.video_bitrate
    known = stream.bitrate_kbps or facts.rest_kbps
    if condition == "allow" or video.bitrate_kbps is None or known is None:
        return video
    if video.bitrate_kbps <= known:
        return video
    if condition == "refuse":
        raise ConditionUnmet(
            f"the target of {video.bitrate_kbps} kbit/s of video exceeds the source's {known:.0f}"
        )
    return video.model_copy(update={"bitrate_kbps": max(_LEAST_VIDEO_KBPS, round(known))})


def _audio_rate(stream: AudioFacts, audio: AudioEncoding, spec: RenditionSpec) -> AudioEncoding:
    condition, known = spec.conditions.audio_bitrate, stream.bitrate_kbps
    if condition == "allow" or audio.bitrate_kbps is None or not known:
        return audio
    if audio.bitrate_kbps <= known:
        return audio
    if condition == "refuse":
        raise ConditionUnmet(
            f"the target of {audio.bitrate_kbps} kbit/s of sound exceeds the source's {known:.0f}"
        )
    return audio.model_copy(update={"bitrate_kbps": max(_LEAST_AUDIO_KBPS, round(known))})


def _chosen(facts: MediaFacts, audio: AudioEncoding) -> AudioFacts:
    number = audio.stream or 0
    return facts.audio[number if number < len(facts.audio) else 0]
