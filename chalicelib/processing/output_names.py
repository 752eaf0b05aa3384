"""Names of outputs (VOD developer guide 6.9): ``{media id}/{random}-{definition}``, or a rule's.

A rule is a path below the media's own folder with the placeholders ``{media}``, ``{job}`` and
``{definition}``. Only letters, digits, ``-`` and ``_`` stand between its slashes, so that no rule
leads out of the folder, and no part begins with a sign. Nothing is ever written over: where a
rendition of the media has a name already, the next one's is made different.
"""

import hashlib
import re

from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.store.jobs import Job

LONGEST_RULE = 128

_PLACEHOLDER = r"\{media\}|\{job\}|\{definition\}"
_PART = rf"(?:[A-Za-z0-9]|{_PLACEHOLDER})(?:[A-Za-z0-9_-]|{_PLACEHOLDER})*"
# What stands behind the name in the keys of a rendition's files: see media.muxers.
_SEGMENT = r"-(?:init(?:-\d+)?\.(?:mp4|m4s)|(?:\d+-)?\d{5,}\.(?:ts|m4s))"
_FILE = re.compile(rf"\.(?:m3u8|mpd)|{_SEGMENT}")
# What stands between the name and the rest in the keys of a set's parts: see media.hls_sets.
_MEMBER = re.compile(r"-(?:video|audio-\d+|subtitles-\d+)(?=[.-])")
_LIKE_A_SEGMENT = re.compile(r".+-(?:init(?:-\d+)?|\d{5,})")
_RULE = re.compile(rf"\{{media\}}(?:/{_PART})+")


def is_rule(rule: str) -> bool:
    """Whether the text is a rule by which outputs can be named."""
    return (
        len(rule) <= LONGEST_RULE
        and _RULE.fullmatch(rule) is not None
        and _LIKE_A_SEGMENT.fullmatch(rule) is None
    )


def ruled_name(rule: str, media_id: str, job_id: str, definition: str) -> str:
    """The object key that a rule gives to a rendition, without its extension."""
    return (
        rule.replace("{media}", media_id)
        .replace("{job}", job_id)
        .replace("{definition}", definition.lower())
    )


def distinct_name(name: str, job_id: str) -> str:
    """A name of the job's own, where another rendition of the media has this one already."""
    return f"{name}-v{_unique(job_id)[:8]}"


def files_name(name: str, spec: RenditionSpec) -> str:
    """What tells a rendition's files from those of all others: see ``is_file_of``.

    A single file has its whole name; a manifest shares the beginning of its own with its segments.
    """
    return name if spec.segmented else f"{name}.{spec.extension}"


def is_file_of(files: str, key: str) -> bool:
    """Whether the object is one of these files, not of a rendition whose name begins so."""
    rest = key[len(files) :]
    return key.startswith(files) and (not rest or _FILE.fullmatch(rest) is not None)


def may_write(name: str, spec: RenditionSpec, key: str) -> bool:
    """Whether a rendition of this name can have an object of this key among its files."""
    files = files_name(name, spec)
    if not key.startswith(files):
        return False
    if not spec.is_set:
        return is_file_of(files, key)
    rest = _MEMBER.sub("", key[len(name) :], count=1)
    return rest == ".vtt" or is_file_of(name, f"{name}{rest}")


def usual_name(media_id: str, job_id: str, definition: str, *, encrypted: bool) -> str:
    """The object key of a rendition that no rule names, without its extension.

    The "random" part follows from the job's id: a job that runs twice writes the same objects.
    """
    name = f"{media_id}/{_unique(job_id)}-{definition.lower()}"
    return f"{name}-encrypt-stream" if encrypted else name


def rendition_name(job: Job) -> str:
    """The object key of a rendition without its extension."""
    return job.output_name or usual_name(job.media_id, job.job_id, job.definition, encrypted=False)


def snapshot_pattern(job: Job, folder: str) -> str:
    """The key pattern of snapshots in a folder such as "covers", with a placeholder for the
    five-digit number."""
    return f"{job.media_id}/{folder}/{_unique(job.job_id)}-{{SnapshotCount}}.jpg"


def index_key(pattern: str) -> str:
    """The key of the WebVTT index beside the pictures of a pattern."""
    return pattern.replace("-{SnapshotCount}.jpg", ".vtt")


def animated_image_id(job: Job) -> str:
    """The id of the animated image that a job makes: the same however often it runs."""
    return hashlib.sha256(f"animated {job.job_id}".encode()).hexdigest()[:32]


def animated_key(job: Job, extension: str) -> str:
    """The object key of an animated image (VOD API manual 7.6.1)."""
    return f"{job.media_id}/image/dynamic/{animated_image_id(job)}.{extension}"


def _unique(job_id: str) -> str:
    digest = hashlib.sha256(job_id.encode()).hexdigest()
    return f"{digest[:24]}-{digest[24:44]}"
