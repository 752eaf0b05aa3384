"""Traces in AWS X-Ray through Powertools' Tracer, where the operator has switched them on.

``OPENVOD_TRACING=on`` at deployment does (docs/deploying.md). Everywhere else a span is nothing:
neither the X-Ray SDK nor botocore is imported for it. Annotations are identifiers and codes, never
what a client sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from chalicelib.settings import settings


@contextmanager
def span(name: str) -> Iterator[None]:
    """Measure the work inside as a part of the function's trace; an exception marks it as failed.

    Calls of AWS inside appear as parts of their own.
    """
    tracer = _tracer() if settings().tracing else None
    if tracer is None:
        yield
        return
    with tracer.provider.in_subsegment(name=name):
        yield


def annotate(**identifiers: str) -> None:
    """Note what the innermost span is about, so that traces can be searched for it."""
    tracer = _tracer() if settings().tracing else None
    if tracer is not None:
        for name, value in identifiers.items():
            if value:
                tracer.put_annotation(name, value)


@lru_cache(maxsize=1)
def _tracer() -> Any:
    from aws_lambda_powertools import Tracer

    return Tracer(patch_modules=("botocore", "requests"))
