"""HLS playlists that grow while a rendition is made (RFC 8216 4.3.3.5, EVENT), as text."""


def as_far_as(playlist: str, names: set[str]) -> str | None:
    """The playlist cut off before the first segment that is not among `names`, the file names.

    None if no segment is left. Without its last segment a playlist does not say that it has ended.
    """
    kept: list[str] = []
    pending: list[str] = []
    segments = 0
    for line in playlist.splitlines():
        pending.append(line)
        if line.startswith("#") and line != "#EXT-X-ENDLIST":
            continue
        if line != "#EXT-X-ENDLIST":
            if line not in names:
                break
            segments += 1
        kept += pending
        pending = []
    return "\n".join(kept) + "\n" if segments else None


def as_finished(playlist: str) -> str:
    """A playlist that grew, now that it is complete: players need not ask for it again."""
    return playlist.replace("#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-PLAYLIST-TYPE:VOD", 1)
