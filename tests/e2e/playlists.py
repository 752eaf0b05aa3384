"""Uploading an HLS playlist with its segments: one credential, several objects."""

from pathlib import Path

from tests import clips
from tests.sdk.customer import Customer, Upload


def send_playlist(customer: Customer, group: str) -> str:
    """The segments first, as the guide advises, then the playlist; returns the video's id."""
    upload = customer.create("index.m3u8", group)
    segments, playlist = segments_and_playlist(upload)
    for segment, key in segments:
        upload.send(segment, key)
    upload.send(playlist)
    return upload.video_id


def segments_and_playlist(upload: Upload) -> tuple[list[tuple[Path, str]], Path]:
    """The segments of the HLS clip with the keys that they go to, and the playlist."""
    playlist = clips.make("hls_source")
    prefix = upload.address["ObjectPrefix"]
    segments = sorted(playlist.parent.glob("*.ts"))
    assert len(segments) == 3
    return [(path, f"{prefix}/{path.name}") for path in segments], playlist
