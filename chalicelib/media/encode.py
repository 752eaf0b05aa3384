"""A typed rendition spec and the facts of a source into ffmpeg's arguments: no string of a user's.

The output is what every browser plays: H.264 4:2:0 8 bits, upright, square pixels, progressive,
ordinary dynamic range, and AAC-LC in at most stereo.
"""

import math

from chalicelib.media.errors import NoStreams, SourceUnsupported
from chalicelib.media.source import Source, network_options
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import AudioEncoding, RenditionSpec, VideoEncoding, scaled_size

_DEFAULT_CRF = 23
# Reads on after a dropped connection. It soon gives up: the job is tried again, with a new URL.
_RECONNECT = {
    "reconnect": "1",
    "reconnect_on_network_error": "1",
    "reconnect_on_http_error": "5xx,429",
    "reconnect_delay_max": "2",
}
# PQ or HLG to BT.709 through linear light, in which 1 is reference white (203 cd/m2, ITU-R BT.2408)
# and 5 the brightest of what is usually mastered. What is darker than half of white stays as it is.
_TONE_MAP = (
    "zscale=t=linear:npl=203",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=mobius:param=0.5:desat=0:peak=5",
    "zscale=t=bt709:m=bt709:r=tv",
)
_HDR_COLOURS = {"HDR10": "smpte2084", "HLG": "arib-std-b67"}


def arguments(
    source: Source, facts: MediaFacts, spec: RenditionSpec, base_name: str, *, picky_hls: bool
) -> list[str]:
    """ffmpeg's arguments for one rendition into its working folder.

    `base_name` is checked by the caller; `picky_hls` tells that this ffmpeg's HLS demuxer judges
    segments by their extension. Raises NoStreams if spec and source have no kind of stream in
    common, SourceUnsupported if the streams' codecs are unknown.
    """
    video = facts.main_video if spec.video is not None else None
    audio = facts.main_audio if spec.audio is not None else None
    if video is None and audio is None:
        raise NoStreams("the source has none of the streams that are to be encoded")
    for stream in (video, audio):
        if stream is not None and stream.codec_name == "unknown":
            raise SourceUnsupported("the source's codec is not supported")
    command = _input(source, picky_hls=picky_hls)
    if video is not None and spec.video is not None:
        command += _video(video, spec.video, _keyframe_seconds(spec, spec.video))
    if audio is not None and spec.audio is not None:
        command += _audio(audio, spec.audio)
    command += ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"]
    command += ["-max_muxing_queue_size", "4096"]
    return command + (_hls(spec, base_name) if spec.container == "m3u8" else _mp4(base_name))


def _input(source: Source, *, picky_hls: bool) -> list[str]:
    options = network_options(source)
    if source.playlist:
        options |= {"f": "hls", "seg_max_retry": "3"}
        if picky_hls:
            options |= {"extension_picky": "0", "allowed_segment_extensions": "ALL"}
    elif source.remote:
        options |= _RECONNECT
    options["fflags"] = "+genpts"
    flat = [part for name, value in options.items() for part in (f"-{name}", value)]
    return [*flat, "-i", source.url]


def _keyframe_seconds(spec: RenditionSpec, video: VideoEncoding) -> float:
    """The distance of forced keyframes: at most a GOP, and one at every segment boundary."""
    if spec.container != "m3u8":
        return video.gop_seconds
    return spec.segment_seconds / math.ceil(spec.segment_seconds / video.gop_seconds)


def _video(facts: VideoFacts, encoding: VideoEncoding, keyframes: float) -> list[str]:
    # V: video that is not cover art, as main_video has it.
    command = ["-map", "0:V:0", "-vf", ",".join(_filters(facts, encoding))]
    command += ["-c:v", "libx264", "-preset", encoding.preset, "-profile:v", encoding.profile]
    command += ["-pix_fmt", encoding.pix_fmt, *_rate_control(encoding)]
    # By the clock and not by counting frames: right for variable frame rates too, and the same
    # moments in every rendition of a source, so that a player can change between them.
    grid = f"floor((t+0.0001)/{keyframes:.6f})"
    before = f"floor((prev_forced_t+0.0001)/{keyframes:.6f})"
    command += ["-force_key_frames", f"expr:if(isnan(prev_forced_t),1,gt({grid},{before}))"]
    # Forced keyframes end the GOP; the frame count only has to stay out of their way.
    command += ["-forced-idr", "1", "-g", str(math.ceil(keyframes * 120))]
    return [*command, "-fps_mode", "vfr"]


def _rate_control(encoding: VideoEncoding) -> list[str]:
    if encoding.bitrate_kbps is not None:
        control = ["-b:v", f"{encoding.bitrate_kbps}k"]
    else:
        control = ["-crf", str(_DEFAULT_CRF if encoding.crf is None else encoding.crf)]
    if encoding.maxrate_kbps is not None:
        buffer = encoding.bufsize_kb or 2 * encoding.maxrate_kbps
        control += ["-maxrate", f"{encoding.maxrate_kbps}k", "-bufsize", f"{buffer}k"]
    return control


def _filters(facts: VideoFacts, encoding: VideoEncoding) -> list[str]:
    """ffmpeg turns the picture upright before these."""
    filters = []
    if facts.interlaced:
        filters.append("bwdif=mode=send_frame:deint=interlaced")
    if encoding.max_fps is not None and (facts.avg_fps or facts.fps or 0) > encoding.max_fps:
        filters.append(f"fps={encoding.max_fps:g}")
    width, height = scaled_size(*facts.square_size, encoding.long_side)
    hdr = _HDR_COLOURS.get(facts.hdr_type)
    if hdr is not None:
        filters.append(f"scale={width}:{height}:flags=bicubic")
        # Streams often name the transfer only; zscale wants all three.
        colours = f"color_primaries=bt2020:color_trc={hdr}:colorspace=bt2020nc"
        filters += [f"setparams={colours}", *_TONE_MAP]
    else:
        filters.append(f"scale={width}:{height}:flags=bicubic:out_range=tv")
    return [*filters, "setsar=1", f"format={encoding.pix_fmt}"]


def _audio(facts: AudioFacts, encoding: AudioEncoding) -> list[str]:
    channels = min(encoding.channels, facts.channels or encoding.channels)
    command = ["-map", "0:a:0", "-c:a", "aac", "-profile:a", "aac_low"]
    command += ["-b:a", f"{encoding.bitrate_kbps}k", "-ar", str(encoding.sample_rate)]
    # Gaps in the source's sound become silence instead of moving what follows.
    return [*command, "-ac", str(channels), "-af", "aresample=async=1:first_pts=0"]


def _mp4(base_name: str) -> list[str]:
    return ["-movflags", "+faststart", "-f", "mp4", f"file:{base_name}.mp4"]


def _hls(spec: RenditionSpec, base_name: str) -> list[str]:
    return [
        *("-f", "hls", "-hls_time", f"{spec.segment_seconds:g}", "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "mpegts", "-hls_flags", "independent_segments"),
        *("-start_number", "1", "-hls_segment_filename", f"{base_name}-%05d.ts"),
        f"{base_name}.m3u8",
    ]
