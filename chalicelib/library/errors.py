"""What can be wrong with a request for something in the media library."""

from chalicelib.store.media import MediaStatus


class MediaNotFound(Exception):
    """The account owns no media with this id."""

    def __init__(self, media_id: str) -> None:
        super().__init__(f"no media {media_id}")
        self.media_id = media_id


class IllegalStatus(Exception):
    """The media's status does not permit what was asked for."""

    def __init__(self, status: MediaStatus) -> None:
        super().__init__(f"the media's status is {status.value}")
        self.status = status
