"""What a person is told on the terminal."""

from local.layout import PROJECT, Layout
from local.terminal import say

_SNIPPET = """
import json
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vod20170321 import client, models

stack = json.load(open("{stack_file}"))
vod = client.Client(Config(
    access_key_id=stack["access_key_id"], access_key_secret=stack["access_key_secret"],
    endpoint=stack["api_url"].removeprefix("http://"), protocol="HTTP"))
request = models.CreateUploadVideoRequest(title="First clip", file_name="clip.mp4")
print(vod.create_upload_video(request).body)
"""


def up(layout: Layout, bucket: str, database_url: str, seconds: float) -> None:
    """What listens where, and what to try next."""
    stack_file = _short(layout.stack_file)
    say(
        f"OpenVOD is up ({seconds:.1f} s).\n"
        f"  API       {layout.api_url}\n"
        f"  play      {layout.edge_url}\n"
        f"  S3        {layout.emulator_url}/{bucket}\n"
        f"  database  {database_url}\n"
        f"  key       access_key_id and access_key_secret in {stack_file}\n"
        f"  logs      {_short(layout.logs)}/, one for each process\n"
        "\nTry it with the official SDK (`make setup-sdk` puts it into .venv-sdk), or see\n"
        "docs/running-locally.md:\n"
        f"{_indented(_SNIPPET.format(stack_file=stack_file))}\n"
        "Ctrl-C stops everything; the data stays for the next time."
    )


def _short(path: object) -> str:
    text = str(path)
    prefix = f"{PROJECT}/"
    return text.removeprefix(prefix)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
