"""Typed, vendor-neutral descriptions of media: facts of a file, rendition and snapshot specs, HLS.

Pydantic and the standard library only, so that every room (and the API function, which must not
load PyAV) can import it.
"""
