"""What can be wrong with a request to play."""


class NoMatchingStream(Exception):
    """The media has no stream that fits the request."""


class OnlyPrivateStreams(Exception):
    """All streams that fit are privately encrypted, and the request did not ask for such."""
