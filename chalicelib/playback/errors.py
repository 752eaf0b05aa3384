"""What can be wrong with a request to play."""


class NoMatchingStream(Exception):
    """The media has no stream that fits the request."""
