"""Template groups: what is made of a media. Two are built in, the others are the account's own.

Built in (VOD developer guide 6.2) are one that plays the source as it was uploaded, the default
until another is chosen, and one that makes the standard definition as HLS and as MP4.
"""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.packaging import PackageSettings, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing.built_in_groups import (
    DEFAULT_TRANSCODE_GROUP_ID,
    NO_TRANSCODE_GROUP_ID,
    PREPROCESSING_GROUP_ID,
)
from chalicelib.processing.errors import TemplateGroupNotFound
from chalicelib.store import database, processing_defaults, templates
from chalicelib.store.database import Transaction
from chalicelib.store.outputs import PREPROCESSED
from chalicelib.store.templates import TemplateGroupRow, TemplateRow

# What the players of the field open without transcoding (developer guide 6.2).
PLAYABLE_AS_UPLOADED = frozenset({"mp4", "flv", "m3u8", "mp3", "webm"})

# Stands for whatever the application's default watermark is when the work is asked for.
DEFAULT_WATERMARK = "default"

_ALWAYS = datetime(2020, 1, 1, tzinfo=UTC)


class TemplateConfig(BaseModel):
    """What a template makes, apart from its name.

    ``watermark_ids`` are laid over the picture in this order (``DEFAULT_WATERMARK``: the default).
    ``output_name`` is a naming rule (see ``output_names``), empty for the usual name.
    ``encrypted``: the rendition must not leave the platform in the clear. ``package`` joins it with
    the other renditions of the task that have one into one adaptive stream; with a package and
    without ``spec`` the template adds its subtitles to that stream and makes no rendition.
    """

    model_config = ConfigDict(frozen=True)

    spec: RenditionSpec | None = None
    watermark_ids: tuple[str, ...] = ()
    output_name: str = ""
    encrypted: bool = False
    package: PackageSettings | None = None


class Template(TemplateConfig):
    """One rendition of a group. ``definition`` is the mark that clients choose streams by.

    ``source`` is the document that the template was made of; built-in templates have none.
    """

    template_id: str
    name: str
    definition: str
    source: str = ""


class TemplateGroup(BaseModel):
    """What is made of a media.

    ``app_id`` is empty for the built-in groups: every application has them.
    """

    model_config = ConfigDict(frozen=True)

    group_id: str
    name: str
    templates: tuple[Template, ...]
    app_id: str = ""
    locked: bool = False
    created_at: datetime = _ALWAYS
    modified_at: datetime = _ALWAYS

    @property
    def built_in(self) -> bool:
        return self.group_id in _BUILT_IN

    @property
    def renditions(self) -> list[Template]:
        """The templates that make a rendition: not those that add subtitles to a package."""
        return [template for template in self.templates if template.spec is not None]

    @property
    def makes_something(self) -> bool:
        """Whether there is work to do; a group that nobody has put templates into makes nothing."""
        return self.group_id == NO_TRANSCODE_GROUP_ID or bool(self.renditions)


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
        TemplateGroup(
            group_id=NO_TRANSCODE_GROUP_ID, name="No transcoding", templates=(), locked=True
        ),
        TemplateGroup(
            group_id=DEFAULT_TRANSCODE_GROUP_ID,
            name="Standard definition",
            locked=True,
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


PREPROCESSING_GROUP = TemplateGroup(
    group_id=PREPROCESSING_GROUP_ID,
    name="Preprocessing",
    templates=(
        Template(
            template_id="d3fa017ad15c0de0000000000000021d",
            name="Preprocessed MP4",
            definition=PREPROCESSED,
            spec=RenditionSpec(
                container="mp4",
                video=VideoEncoding(
                    size=PictureSize(width=1920, sides="long_short"),
                    crf=23,
                    maxrate_kbps=6000,
                    bufsize_kb=12_000,
                    # A mixer changes from one source to the next at a keyframe.
                    gop_seconds=1,
                    fps=25,
                    profile="high",
                    preset="veryfast",
                ),
                audio=AudioEncoding(bitrate_kbps=128, sample_rate=48000, channels=2),
            ),
        ),
    ),
)
"""Makes what the action for live mixers asks for (VOD API manual 8.1.3); no client names it."""


def built_in_groups() -> list[TemplateGroup]:
    """The groups that every application has."""
    return list(_BUILT_IN.values())


def find_group(account_id: str, group_id: str, app_id: str = "") -> TemplateGroup:
    """One group with its templates; an empty id names the default of the application.

    Raises TemplateGroupNotFound.
    """
    if group_id in _BUILT_IN:
        return _BUILT_IN[group_id]
    return database.run(lambda tx: group_in(tx, account_id, group_id, app_id))


def group_in(tx: Transaction, account_id: str, group_id: str, app_id: str = "") -> TemplateGroup:
    """As ``find_group``, within a transaction."""
    wanted = group_id or default_group_id(tx, account_id, app_id)
    if wanted in _BUILT_IN:
        return _BUILT_IN[wanted]
    row = templates.get_group(tx, account_id, wanted)
    if row is None:
        raise TemplateGroupNotFound(wanted)
    return group_of(row, templates.templates_of(tx, wanted))


def default_group_id(tx: Transaction, account_id: str, app_id: str) -> str:
    """The group that uploads of the application use when they name none."""
    chosen = processing_defaults.get_defaults(tx, account_id, app_id)
    return chosen.template_group_id or NO_TRANSCODE_GROUP_ID


def group_of(row: TemplateGroupRow, rows: list[TemplateRow]) -> TemplateGroup:
    """A stored group."""
    return TemplateGroup(
        group_id=row.group_id,
        name=row.name,
        templates=tuple(map(template_of, rows)),
        app_id=row.app_id,
        locked=row.locked,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )


def template_of(row: TemplateRow) -> Template:
    """A stored template."""
    config = TemplateConfig.model_validate_json(row.config)
    return Template(
        template_id=row.template_id,
        name=row.name,
        definition=row.definition,
        source=row.source,
        **dict(config),
    )


def plays_as_uploaded(group_id: str, extension: str) -> bool:
    """Whether the source itself is the stream that will be played."""
    return group_id == NO_TRANSCODE_GROUP_ID and extension in PLAYABLE_AS_UPLOADED
