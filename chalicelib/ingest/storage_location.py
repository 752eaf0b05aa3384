"""Where this deployment keeps media, as clients are told."""

from urllib.parse import quote

from chalicelib.ingest.errors import StorageNotFound
from chalicelib.settings import settings


def storage_endpoint() -> str:
    """The URL of the object store that clients upload to."""
    return settings().storage_endpoint or f"https://s3.{settings().storage_region}.amazonaws.com"


def storage_address() -> str:
    """The address of this deployment's media storage, as answers name it."""
    host = storage_endpoint().split("://", 1)[1]
    return f"{settings().media_bucket}.{host}"


def object_address(key: str) -> str:
    """Where the object store has an object; it answers there to signed requests alone."""
    if settings().storage_endpoint:
        return f"{settings().storage_endpoint}/{settings().media_bucket}/{quote(key)}"
    return f"https://{storage_address()}/{quote(key)}"


def check_storage(address: str) -> None:
    """Raises StorageNotFound unless the address is this deployment's, or empty; or none is set."""
    if not settings().media_bucket or address not in (
        "",
        settings().media_bucket,
        storage_address(),
    ):
        raise StorageNotFound(address)
