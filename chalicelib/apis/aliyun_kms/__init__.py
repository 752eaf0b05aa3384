"""Alibaba Cloud KMS, API 2016-01-20: the data keys of HLS standard encryption (guide 13.5)."""
