"""How object keys are laid out in the media bucket.

Sources lie under ``upload/``, so that the bucket can be told to announce exactly these: those of
videos and audio under ``upload/{media id}/``, each in a folder of its own because a playlist brings
its segments, images and auxiliary files under the prefix of their use (``upload/image/``,
``upload/watermark/``, ``upload/subtitle/``, ``upload/material/``). Everything made of a media lies
under ``{media id}/``, where clients expect it (VOD developer guide 6.9), and nothing else is there.
"""

SOURCE_PREFIX = "upload"
SINGLE_FILE_PREFIXES = ("image", "watermark", "subtitle", "material")


def source_key(media_id: str, extension: str) -> str:
    """Where the client uploads a video or audio to."""
    return f"{SOURCE_PREFIX}/{media_id}/original.{extension}"


def single_file_key(prefix: str, media_id: str, extension: str) -> str:
    """Where the client uploads an image or an auxiliary file to; ``prefix`` is one of
    SINGLE_FILE_PREFIXES."""
    return f"{SOURCE_PREFIX}/{prefix}/{media_id}.{extension}"


def media_of_source(key: str) -> str | None:
    """The media that an object under the upload prefix belongs to."""
    parts = key.split("/")
    if len(parts) < 3 or parts[0] != SOURCE_PREFIX:
        return None
    if parts[1] in SINGLE_FILE_PREFIXES:
        return parts[2].partition(".")[0] if len(parts) == 3 else None
    return parts[1]


def media_of(key: str) -> str | None:
    """The media that an object is the source of, or was made of."""
    first = key.partition("/")[0]
    return media_of_source(key) if first == SOURCE_PREFIX else first


def folder(key: str) -> str:
    """The folder of the media that the object belongs to, with its final slash.

    A single file shares its folder with others: for it, its own key is the answer.
    """
    parts = key.split("/")
    if parts[0] != SOURCE_PREFIX:
        return parts[0] + "/"
    if len(parts) > 1 and parts[1] in SINGLE_FILE_PREFIXES:
        return key
    return "/".join(parts[:2]) + "/"
