"""Domain errors under codes as Alibaba Cloud VOD has them."""

from chalicelib.apis.aliyun_vod.errors import ERRORS

__all__ = ["ERRORS"]
