"""Addresses of files that requests name: pictures of watermarks, subtitles, openings."""

from chalicelib import processing
from chalicelib.apis.aliyun_vod.errors import no_such_resource


def own_file(account_id: str, parameter: str, url: str) -> str:
    """The key of a file of the account; raises NoSuchResource, naming the parameter."""
    try:
        return processing.find_file(account_id, url)
    except processing.FileNotFound as error:
        raise no_such_resource(parameter) from error
