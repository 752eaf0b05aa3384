"""The parameter Tags: up to 16, each up to 32 characters, separated by commas (manual 5.1)."""

from typing import Annotated

from pydantic import AfterValidator

from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxChars, NoEmoji

_MOST = 16
_LONGEST = 32


def _checked(tags: str) -> str:
    words = [word.strip() for word in tags.split(",") if word.strip()]
    if len(words) > _MOST:
        raise ApiError("TagsExceededMax", 400, f"The specified Tags count has exceeded {_MOST}.")
    if any(len(word) > _LONGEST for word in words):
        raise ApiError(
            "LengthExceededMax", 400, f"The specified Tags length has exceeded {_LONGEST} bytes."
        )
    return ",".join(words)


TagList = Annotated[str, MaxChars(2048), NoEmoji, AfterValidator(_checked)]

# Where the manual forbids no emoji (7.3.5, 7.3.6).
ChangedTags = Annotated[str, MaxChars(2048), AfterValidator(_checked)]
