"""Alibaba Cloud's RPC protocol: one action per request, at the path ``/`` (VOD API manual 4)."""
