"""How object keys are laid out in the media bucket.

Sources lie under ``upload/{media id}/``, so that the bucket can be told to announce exactly these;
everything made of a media lies under ``{media id}/``, where clients expect it (VOD developer guide
6.9). Everything of one media shares one folder, and nothing else is in it.
"""

SOURCE_PREFIX = "upload"


def source_key(media_id: str, extension: str) -> str:
    """Where the client uploads to."""
    return f"{SOURCE_PREFIX}/{media_id}/original.{extension}"


def media_of_source(key: str) -> str | None:
    """The media whose upload folder this object lies in."""
    parts = key.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == SOURCE_PREFIX else None


def folder(key: str) -> str:
    """The folder of the media that the object belongs to, with its final slash."""
    parts = key.split("/")
    return "/".join(parts[:2] if parts[0] == SOURCE_PREFIX else parts[:1]) + "/"
