"""Metrics in CloudWatch's embedded format: a line of JSON in the log, which CloudWatch reads.

Dimensions are few and closed sets (stage, error code, kind of job, and Powertools' own: the
service, which is the function): each combination is a metric that is paid for. Identifiers never
are one; they are keys of log lines. With ``OPENVOD_LOG_FORMAT=text`` nothing is written.
"""

import os

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.settings import settings

NAMESPACE = "OpenVOD"


def count(name: str, **dimensions: str) -> None:
    """One more of something."""
    _emit(name, MetricUnit.Count, 1, dimensions)


def seconds(name: str, value: float, **dimensions: str) -> None:
    """How long something took."""
    _emit(name, MetricUnit.Seconds, round(value, 3), dimensions)


def _emit(name: str, unit: MetricUnit, value: float, dimensions: dict[str, str]) -> None:
    if os.environ.get("OPENVOD_LOG_FORMAT") == "text":
        return
    fixed = {"stage": settings().stage}
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for dimension, text in (fixed | dimensions).items():
            metric.add_dimension(name=dimension, value=text)
