"""ffmpeg and PyAV: probe, snapshot, transcode. URLs and files in, files and facts out.

Pure: knows no AWS, no vendor and no database, and imports no other room but `mediaspec`. Nothing
that the API function loads may import it.
"""
