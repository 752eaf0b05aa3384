"""The streams and domains of the edge's tests."""

from tests.edge.conftest import film, play_domains, stack

__all__ = ["film", "play_domains", "stack"]
