"""Where this deployment keeps media, as clients are told."""

from chalicelib.settings import settings


def storage_endpoint() -> str:
    """The URL of the object store that clients upload to."""
    return settings().storage_endpoint or f"https://s3.{settings().storage_region}.amazonaws.com"


def storage_address() -> str:
    """The address of this deployment's media storage, as answers name it."""
    host = storage_endpoint().split("://", 1)[1]
    return f"{settings().media_bucket}.{host}"
