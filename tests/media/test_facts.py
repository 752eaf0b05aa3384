"""The neutral description of a file: lossless as JSON, display size, what counts as video."""

from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts

_COVER = VideoFacts(index=0, codec_name="mjpeg", width=300, height=300, attached_picture=True)
_PHONE = VideoFacts(
    index=1,
    codec_name="h264",
    codec_tag="0x31637661",
    codec_tag_string="avc1",
    profile="High",
    level=31,
    width=1280,
    height=720,
    sar="1:1",
    dar="16:9",
    pix_fmt="yuv420p",
    fps=29.97002997002997,
    avg_fps=29.9,
    start_time=0.033367,
    duration=1 / 3,
    rotate=90,
    has_b_frames=2,
    bitrate_kbps=1234.567,
)
_SOUND = AudioFacts(index=2, codec_name="aac", sample_rate=48000, channels=6, channel_layout="5.1")


def facts(*video: VideoFacts, audio: tuple[AudioFacts, ...] = (_SOUND,)) -> MediaFacts:
    return MediaFacts(
        format_name="mov,mp4,m4a,3gp,3g2,mj2",
        duration=10.1 / 3,
        size=2**40 + 1,
        bitrate_kbps=0.1 + 0.2,
        video=video,
        audio=audio,
    )


def test_json_round_trip_loses_nothing() -> None:
    whole = facts(_COVER, _PHONE)
    assert MediaFacts.model_validate_json(whole.model_dump_json()) == whole


def test_cover_art_is_not_video() -> None:
    song = facts(_COVER)
    assert not song.has_video
    assert (song.width, song.height, song.fps) == (0, 0, 0.0)
    assert facts(_COVER, _PHONE).main_video == _PHONE
    assert song.main_audio == _SOUND
    assert facts(_PHONE, audio=()).main_audio is None


def test_display_size_follows_rotation_and_pixel_shape() -> None:
    upright = facts(_PHONE)
    assert (upright.width, upright.height) == (720, 1280)
    assert upright.fps == 29.9
    turned = _PHONE.model_copy(update={"rotate": 180})
    assert (facts(turned).width, facts(turned).height) == (1280, 720)
    pal = VideoFacts(index=0, codec_name="mpeg2video", width=720, height=576, sar="16:15")
    assert pal.square_size == (768, 576)
    assert pal.model_copy(update={"rotate": 270}).square_size == (576, 768)
    assert pal.model_copy(update={"sar": "0:1"}).square_size == (720, 576)


def test_field_order_tells_interlacing() -> None:
    for order, interlaced in [("tt", True), ("bt", True), ("progressive", False)]:
        assert _PHONE.model_copy(update={"field_order": order}).interlaced is interlaced
