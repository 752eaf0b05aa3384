"""The five events on the wire, against the tables of the VOD developer guide, chapter 12.

A field is (JSON type, always present). Extend is common to all events (12.1).
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chalicelib.apis.aliyun_vod.event_messages import EVENT_NAMES, render
from chalicelib.events import Event, EventType
from chalicelib.events.types import FILE_TASK_TYPES

Table = dict[str, tuple[type, bool]]

COMMON: Table = {"EventTime": (str, True), "EventType": (str, True), "VideoId": (str, True)}
STREAM: Table = {
    "Status": (str, True),
    "Bitrate": (str, False),
    "Definition": (str, False),
    "Duration": (float, False),
    "Encrypt": (bool, False),
    "ErrorCode": (str, False),
    "ErrorMessage": (str, False),
    "FileUrl": (str, False),
    "Format": (str, False),
    "Fps": (str, False),
    "Height": (int, False),
    "Size": (int, False),
    "Width": (int, False),
    "JobId": (str, False),
}
TABLES: dict[str, Table] = {
    "FileUploadComplete": {**COMMON, "Size": (int, False), "FileUrl": (str, False)},
    "StreamTranscodeComplete": {**COMMON, **STREAM},
    "TranscodeComplete": {**COMMON, "Status": (str, True), "StreamInfos": (list, False)},
    "SnapshotComplete": {
        **COMMON,
        "Status": (str, True),
        "SubType": (str, False),
        "ErrorCode": (str, False),
        "ErrorMessage": (str, False),
        "CoverUrl": (str, False),
        "SnapshotInfos": (list, False),
    },
    "VideoAnalysisComplete": {
        **COMMON,
        "Status": (str, True),
        "Width": (int, False),
        "Height": (int, False),
        "Duration": (float, False),
        "Bitrate": (str, False),
        "Fps": (str, False),
        "Size": (int, False),
        "ErrorCode": (str, False),
        "ErrorMessage": (str, False),
    },
}
SNAPSHOT_INFO: Table = {
    "Status": (str, True),
    "SnapshotType": (str, True),
    "SnapshotCount": (int, True),
    "SnapshotFormat": (str, True),
    "SnapshotRegular": (str, True),
    "JobId": (str, True),
}
ERRORS = {"ErrorCode", "ErrorMessage"}

UPLOAD = {"size": 1439213, "file_url": "http://example.com/source.mp4"}
STREAM_OK = {
    "status": "success",
    "job_id": "d" * 32,
    "definition": "LD",
    "format": "mp4",
    "bitrate_kbps": 925,
    "duration": 15,
    "encrypt": False,
    "file_url": "http://example.com/ld.mp4",
    "fps": 29.97002997,
    "width": 540,
    "height": 960,
    "size": 1815321,
}
STREAM_FAILED = {
    "status": "fail",
    "job_id": "e" * 32,
    "definition": "HD",
    "format": "mp4",
    "error_code": "SourceBad",
    "error_message": "it is cut off",
}
ANALYSIS = {
    "status": "success",
    "width": 630,
    "height": 360,
    "duration": 12,
    "bitrate_kbps": 499.12,
    "fps": 30.0,
    "size": 1234568,
}
FAILURE = {"status": "fail", "error_code": "Bad", "error_message": "It is bad"}
SNAPSHOTS = {
    "status": "success",
    "cover_url": "http://example.com/covers/1-00002.jpg",
    "snapshots": [
        {
            "status": "success",
            "kind": kind,
            "count": 8,
            "path_pattern": "m/covers/1-{SnapshotCount}.jpg",
            "url_pattern": "http://example.com/m/covers/1-{SnapshotCount}.jpg",
            "job_id": "f" * 32,
        }
        for kind in ("cover", "normal", "sprite")
    ],
}


def wire(event_type: EventType, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = Event(
        id="0" * 32,
        account_id="1",
        app_id="app-1000000",
        event_type=event_type,
        media_id="43q91jdh7df",
        payload=payload,
        occurred_at=datetime(2017, 3, 20, 7, 49, 17, 999999, UTC),
        **more,
    )
    # Through JSON and back, as the receiver gets it.
    read: dict[str, Any] = json.loads(json.dumps(render(event), allow_nan=False))
    return read


def check(body: dict[str, Any], table: Table) -> None:
    """Only fields of the table, of its types, and all that it requires."""
    assert set(body) - {"Extend"} <= set(table)
    assert {name for name, (_, required) in table.items() if required} <= set(body)
    for name, value in body.items():
        expected = str if name == "Extend" else table[name][0]
        assert type(value) is expected, f"{name} is {value!r}"


CASES: list[tuple[EventType, dict[str, Any], set[str]]] = [
    (EventType.FILE_UPLOAD_COMPLETE, UPLOAD, {"Size", "FileUrl"}),
    (EventType.FILE_UPLOAD_COMPLETE, {}, set()),
    (EventType.STREAM_TRANSCODE_COMPLETE, STREAM_OK, set(STREAM) - ERRORS),
    (
        EventType.STREAM_TRANSCODE_COMPLETE,
        STREAM_FAILED,
        {"Status", "Definition", "Format", "JobId", *ERRORS},
    ),
    (
        EventType.TRANSCODE_COMPLETE,
        {"status": "success", "streams": [STREAM_OK, STREAM_FAILED]},
        {"Status", "StreamInfos"},
    ),
    (EventType.SNAPSHOT_COMPLETE, SNAPSHOTS, {"Status", "CoverUrl", "SnapshotInfos"}),
    (
        EventType.SNAPSHOT_COMPLETE,
        {**SNAPSHOTS, "submitted": True},
        {"Status", "SubType", "CoverUrl", "SnapshotInfos"},
    ),
    (EventType.SNAPSHOT_COMPLETE, {**SNAPSHOTS, **FAILURE}, {"Status", *ERRORS}),
    (
        EventType.VIDEO_ANALYSIS_COMPLETE,
        ANALYSIS,
        {"Status", "Width", "Height", "Duration", "Bitrate", "Fps", "Size"},
    ),
    (
        EventType.VIDEO_ANALYSIS_COMPLETE,
        {**ANALYSIS, "width": None, "height": None, "fps": None},
        {"Status", "Duration", "Bitrate", "Size"},
    ),
    (
        EventType.VIDEO_ANALYSIS_COMPLETE,
        {**ANALYSIS, "width": 0, "height": 0, "fps": 0},
        {"Status", "Duration", "Bitrate", "Size"},
    ),
    (EventType.VIDEO_ANALYSIS_COMPLETE, {**ANALYSIS, **FAILURE}, {"Status", *ERRORS}),
]


@pytest.mark.parametrize(("event_type", "payload", "fields"), CASES)
def test_fields_and_types(event_type: EventType, payload: dict[str, Any], fields: set[str]) -> None:
    body = wire(event_type, payload)
    check(body, TABLES[EVENT_NAMES[event_type]])
    assert set(body) == {*COMMON, *fields}
    assert body["EventTime"] == "2017-03-20T07:49:17Z"
    assert body["EventType"] == EVENT_NAMES[event_type]
    assert body["VideoId"] == "43q91jdh7df"


def test_values_of_a_stream() -> None:
    body = wire(EventType.STREAM_TRANSCODE_COMPLETE, STREAM_OK)
    assert (body["Bitrate"], body["Fps"], body["Duration"]) == ("925", "29.97", 15.0)
    assert body["Encrypt"] is False
    assert body["Status"] == "success"


def test_streams_of_a_video() -> None:
    body = wire(
        EventType.TRANSCODE_COMPLETE, {"status": "success", "streams": [STREAM_OK, STREAM_FAILED]}
    )
    good, bad = body["StreamInfos"]
    for stream in (good, bad):
        check(stream, STREAM)
    assert set(good) == set(STREAM) - ERRORS
    assert (good["Status"], bad["Status"], body["Status"]) == ("success", "fail", "success")
    assert bad["ErrorCode"] == "InvalidParameter.ResourceContentBad"


def test_snapshot_infos() -> None:
    body = wire(EventType.SNAPSHOT_COMPLETE, {**SNAPSHOTS, "submitted": True})
    for info in body["SnapshotInfos"]:
        check(info, SNAPSHOT_INFO)
    assert [info["SnapshotType"] for info in body["SnapshotInfos"]] == [
        "CoverSnapshot",
        "NormalSnapshot",
        "SpriteSnapshot",
    ]
    assert body["SnapshotInfos"][0]["SnapshotFormat"] == "m/covers/1-{SnapshotCount}.jpg"
    assert body["SubType"] == "SpecifiedTime"


@pytest.mark.parametrize("event_type_and_payload", [(case[0], case[1]) for case in CASES])
def test_extend_comes_back_as_it_was_given(
    event_type_and_payload: tuple[EventType, dict[str, Any]],
) -> None:
    text = '{ "localId":"x",  "n":1.0, "名":"\\u0041" }'
    assert wire(*event_type_and_payload, extend=text)["Extend"] == text


def test_times_are_utc() -> None:
    event = Event(
        id="0" * 32,
        account_id="1",
        app_id="a",
        event_type=EventType.FILE_UPLOAD_COMPLETE,
        media_id="m",
        payload={},
        occurred_at=datetime(2017, 3, 20, 15, 49, 17, tzinfo=timezone(timedelta(hours=8))),
    )
    assert render(event)["EventTime"] == "2017-03-20T07:49:17Z"


def test_every_type_has_a_name_of_its_own() -> None:
    assert set(EVENT_NAMES) == set(EventType) - FILE_TASK_TYPES
    assert len(set(EVENT_NAMES.values())) == 19
