"""Looks through the logs of a deployed run for what must never be in one."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3

# What gives access whoever holds it: signatures and tokens in URLs and headers.
_PATTERNS = {
    "a presigned URL": re.compile(r"X-Amz-Signature=[0-9a-f]{16}|X-Amz-Security-Token="),
    "a signed play URL": re.compile(r"auth_key=\d+-[0-9a-f]+-"),
    "a request's signature": re.compile(r"[?&]Signature=|Authorization['\"]?: ['\"]?ACS3"),
    "a database password": re.compile(r"postgresql://[^\s:@/]+:[^\s@]+@"),
}


def find_leaks(emulator_log: Path, secrets: Mapping[str, str]) -> tuple[list[str], int]:
    """The secrets, by name, that the functions' logs hold, and how many lines were looked at."""
    found: dict[str, None] = {}
    lines = 0
    for text in _function_logs(emulator_log):
        lines += 1
        for name, secret in secrets.items():
            if secret and secret in text:
                found[name] = None
        for name, pattern in _PATTERNS.items():
            if pattern.search(text):
                found[name] = None
    return list(found), lines


def _function_logs(emulator_log: Path) -> Iterator[str]:
    """What the functions wrote: to CloudWatch Logs, and what the emulator shows of it itself."""
    client = boto3.client("logs")
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            pages = client.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"]
            )
            for events in pages:
                for event in events["events"]:
                    yield event["message"]
    with emulator_log.open(encoding="utf-8", errors="replace") as lines:
        # Lines of functions are JSON; the emulator's own begin with a date.
        yield from (line for line in lines if line.startswith("{"))
