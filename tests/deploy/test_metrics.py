"""Metrics are lines of CloudWatch's embedded format, with closed sets of dimensions."""

import json

import pytest

from chalicelib import metrics
from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.apis.protocol.http import HttpRequest


def _lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if '"_aws"' in line]


def test_a_duration_is_one_line_that_cloudwatch_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENVOD_LOG_FORMAT", raising=False)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "heavy-jobs")
    metrics.seconds("JobDuration", 12.34567, kind="transcode")
    (line,) = _lines(capsys.readouterr().out)
    assert line["JobDuration"] == [12.346]
    directive = line["_aws"]["CloudWatchMetrics"][0]  # type: ignore[index]
    assert directive["Namespace"] == "OpenVOD"
    # The dashboard and the alarms of the template name exactly these.
    assert set(directive["Dimensions"][0]) == {"stage", "service", "kind"}
    assert directive["Metrics"] == [{"Name": "JobDuration", "Unit": "Seconds"}]


def test_a_refused_request_counts_under_its_code_without_what_the_client_wrote(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENVOD_LOG_FORMAT", raising=False)
    request = HttpRequest(
        method="GET",
        path="/",
        query=[("Action", "Made-up-by-a-client"), ("Version", "2017-03-21")],
        headers={},
        body=b"",
        source_ip="192.0.2.1",
        secure=True,
    )
    answer(request)
    lines = _lines(capsys.readouterr().out)
    assert [name for line in lines for name in ("Requests", "Errors") if name in line] == [
        "Requests",
        "Errors",
    ]
    assert "Made-up-by-a-client" not in json.dumps(lines)


def test_people_are_not_shown_metrics(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_LOG_FORMAT", "text")
    metrics.count("Requests")
    assert capsys.readouterr().out == ""
