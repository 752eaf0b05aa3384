"""Alibaba Cloud STS, API 2015-04-01: temporary keys for roles (VOD developer guide 3.3)."""
