"""The Lambda layer of the media functions: ffmpeg, PyAV, a font for subtitles."""
