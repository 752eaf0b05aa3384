"""The template groups that every account has.

Two are built in (VOD developer guide 6.2): one that plays the source as it was uploaded, which is
the default, and one that makes the standard definition as HLS and as MP4.
"""

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing.errors import TemplateGroupNotFound

NO_TRANSCODE_GROUP_ID = "no-transcode"
DEFAULT_TRANSCODE_GROUP_ID = "d3fa017ad15c0de0000000000000001d"

# What the players of the field open without transcoding (developer guide 6.2).
PLAYABLE_AS_UPLOADED = frozenset({"mp4", "flv", "m3u8", "mp3", "webm"})


class Template(BaseModel):
    """One rendition of a group. ``definition`` is the mark that clients choose streams by."""

    model_config = ConfigDict(frozen=True)

    template_id: str
    name: str
    definition: str
    spec: RenditionSpec


class TemplateGroup(BaseModel):
    """What is made of a media. A group without templates makes nothing."""

    model_config = ConfigDict(frozen=True)

    group_id: str
    name: str
    templates: tuple[Template, ...]


# The range of the standard definition ends at 720x540 (VOD API manual 17.7).
_LD_VIDEO = VideoEncoding(
    size=PictureSize(width=720, sides="long_short"),
    crf=24,
    maxrate_kbps=1200,
    bufsize_kb=2400,
    gop_seconds=2,
    max_fps=30,
    profile="high",
    preset="veryfast",
)
_AUDIO = AudioEncoding(bitrate_kbps=96, sample_rate=44100, channels=2)

_BUILT_IN = {
    group.group_id: group
    for group in (
        TemplateGroup(group_id=NO_TRANSCODE_GROUP_ID, name="No transcoding", templates=()),
        TemplateGroup(
            group_id=DEFAULT_TRANSCODE_GROUP_ID,
            name="Standard definition",
            templates=(
                Template(
                    template_id="d3fa017ad15c0de0000000000000011d",
                    name="LD HLS",
                    definition="LD",
                    spec=RenditionSpec(
                        container="m3u8",
                        video=_LD_VIDEO,
                        audio=_AUDIO,
                        segments=Segments(seconds=10),
                    ),
                ),
                Template(
                    template_id="d3fa017ad15c0de0000000000000012d",
                    name="LD MP4",
                    definition="LD",
                    spec=RenditionSpec(container="mp4", video=_LD_VIDEO, audio=_AUDIO),
                ),
            ),
        ),
    )
}


def find_group(account_id: str, group_id: str) -> TemplateGroup:
    """The group; an empty id names the default. Raises TemplateGroupNotFound."""
    del account_id  # groups of an account's own come with the actions that make them
    group = _BUILT_IN.get(group_id or NO_TRANSCODE_GROUP_ID)
    if group is None:
        raise TemplateGroupNotFound(group_id)
    return group


def plays_as_uploaded(group_id: str, extension: str) -> bool:
    """Whether the source itself is the stream that will be played."""
    return group_id == NO_TRANSCODE_GROUP_ID and extension in PLAYABLE_AS_UPLOADED
