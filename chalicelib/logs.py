"""One logger for all rooms: JSON on AWS, plain lines on a terminal.

``OPENVOD_LOG_FORMAT=text`` (the embedded stack sets it) switches to readable lines. Never log a
secret, a token or a signed URL: log identifiers (media, job, request) and the keys of objects.
"""

import logging
import os

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _Formatter(LambdaPowertoolsFormatter):
    """Powertools' JSON, or ``12:00:01 INFO    message  [media_id=...]`` for people."""

    def format(self, record: logging.LogRecord) -> str:
        # Asked at every line: the workers of one machine are forked before they get their settings.
        if os.environ.get("OPENVOD_LOG_FORMAT") != "text":
            return super().format(record)
        extra = " ".join(
            f"{key}={value}"
            for key, value in vars(record).items()
            if key not in _PLAIN and value != ""
        )
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:<7} {record.getMessage()}"
        if extra:
            line += f"  [{extra}]"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


# No line tells of these, and each record would look them up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

log = Logger(
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "openvod"),
    logger_formatter=_Formatter(),
)
