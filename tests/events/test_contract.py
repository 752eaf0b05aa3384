"""All 19 events, from their emitters to the wire, against the facts of the developer guide 12.4."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.apis.aliyun_vod.configuration import GetMessageCallback, SetMessageCallback
from chalicelib.apis.aliyun_vod.event_messages import EVENT_NAMES, render
from chalicelib.apis.protocol.aliyun_rpc.validation import validated
from chalicelib.events import EventGroup, EventType, outbox
from chalicelib.events.types import selects
from chalicelib.store import database
from chalicelib.store import events as store
from tests.events.conftest import caller_of
from tests.events.samples import EMITTERS, EXTEND, MEDIA, Emitter

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parent / "contract.json").read_text("utf-8"))[
    "events"
]
_TYPES: dict[str, type] = {
    "string": str,
    "json text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict,
    "list": list,
    "list of strings": list,
}
CASES = [(name, number) for name, calls in EMITTERS.items() for number in range(len(calls))]


def emitted(account_id: str, emitter: Emitter) -> dict[str, Any]:
    """What a receiver reads of the event: emitted, stored, read, rendered, sent as JSON."""
    event_id = database.run(lambda tx: emitter(tx, account_id))
    row = database.run(lambda tx: store.get_event(tx, event_id))
    assert row is not None
    body: dict[str, Any] = json.loads(json.dumps(render(outbox.read(row)), allow_nan=False))
    return body


def check(value: dict[str, Any], fields: dict[str, Any], status: str, where: str) -> None:
    """Only fields of the contract, of its types and values; all that it requires, none too many."""
    assert set(value) <= set(fields), where
    status = value.get("Status", status)
    for name, rule in fields.items():
        path = f"{where}.{name}"
        if rule.get("required") in (True, status):
            assert name in value, path
        if name not in value:
            continue
        assert rule.get("only", status) == status, path
        check_one(value[name], rule, status, path)


def check_one(value: Any, rule: dict[str, Any], status: str, path: str) -> None:
    assert type(value) is _TYPES[rule["type"]], f"{path} is {value!r}"
    if rule["type"] == "string" and "values" in rule and value:
        assert set(value.split(",")) <= set(rule["values"]), f"{path} is {value!r}"
    if rule["type"] == "list of strings":
        assert {type(item) for item in value} <= {str}, path
    if "fields" in rule:
        inner = json.loads(value) if rule["type"] == "json text" else value
        for one in inner if isinstance(inner, list) else [inner]:
            check(one, rule["fields"], status, path)


def test_every_event_of_the_guide_has_a_type_and_an_emitter() -> None:
    assert len(CONTRACT) == 19
    assert set(EVENT_NAMES.values()) == set(CONTRACT) == set(EMITTERS)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_events_are_as_the_guide_has_them(
    deployment: None, account_id: str, name: str, number: int
) -> None:
    body = emitted(account_id, EMITTERS[name][number])
    assert body["EventType"] == name
    assert body["Extend"] == EXTEND
    check(body, CONTRACT[name]["fields"], "success", name)
    ids = {"VideoId", "ImageId", "MediaId", "AttachedMediaId"} & set(body)
    assert {body[name] for name in ids} <= {MEDIA}


@pytest.mark.parametrize("name", list(EMITTERS))
def test_every_field_of_the_guide_is_printed_by_some_case(
    deployment: None, account_id: str, name: str
) -> None:
    seen: set[str] = set()
    for emitter in EMITTERS[name]:
        seen |= set(emitted(account_id, emitter))
    assert set(CONTRACT[name]["fields"]) == seen


def test_json_texts_hold_what_the_guide_prints(deployment: None, account_id: str) -> None:
    changed = emitted(account_id, EMITTERS["MediaBaseChangeComplete"][1])
    assert changed["OperateMode"] == "update"
    assert {
        name: json.loads(text) for name, text in json.loads(changed["MediaContent"]).items()
    } == {
        "Title": {"OldValue": "A title", "NewValue": "Another"},
        "CateId": {"OldValue": 100},
    }
    removed = emitted(account_id, EMITTERS["MediaBaseChangeComplete"][2])
    assert removed["OperateMode"] == "delete"
    for text in json.loads(removed["MediaContent"]).values():
        assert set(json.loads(text)) == {"OldValue"}
    image = json.loads(
        emitted(account_id, EMITTERS["DynamicImageComplete"][0])["DynamicImageJobInfo"]
    )
    assert urlsplit(image.pop("FileURL")).path == "/b/image/dynamic/e.gif"
    assert image == {
        "JobId": "d" * 32,
        "Status": "success",
        "FileSize": "1834831",
        "Fps": "25",
        "Height": "200",
        "Width": "200",
    }
    dna = json.loads(emitted(account_id, EMITTERS["AIMediaDNAComplete"][0])["Data"])
    assert dna["VideoDNA"][0]["Detail"][0] == {
        "Input": {"Start": "0.0", "Duration": "14.0"},
        "Duplication": {"Start": "0.5", "Duration": "14.4"},
    }


def test_a_pull_that_failed_has_made_no_video(deployment: None, account_id: str) -> None:
    assert "VideoId" not in emitted(account_id, EMITTERS["UploadByURLComplete"][1])


def test_failures_carry_the_vendors_codes(deployment: None, account_id: str) -> None:
    produced = emitted(account_id, EMITTERS["ProduceMediaComplete"][1])
    assert produced["ErrorCode"] == "InvalidParameter.ResourceContentBad"
    deleted = emitted(account_id, EMITTERS["DeleteMediaComplete"][2])
    assert deleted["ErrorCode"] == "InvalidVideo.NotFound"


def test_recognition_says_ok_where_it_went_well(deployment: None, account_id: str) -> None:
    for name in ("AIMediaAuditComplete", "AIMediaDNAComplete", "AIVideoTagComplete"):
        good, *_, bad = (emitted(account_id, emitter) for emitter in EMITTERS[name])
        assert (good["Code"], good["Message"]) == ("0", "OK")
        assert bad["Code"] == "InvalidParameter.ResourceContentBad"


def test_all_names_can_be_chosen(deployment: None, account_id: str) -> None:
    caller = caller_of(account_id)
    chosen = ",".join(CONTRACT)
    parameters = {"CallbackURL": "https://example.com/", "EventTypeList": chosen}
    validated(SetMessageCallback, parameters).perform(caller)
    shown = validated(GetMessageCallback, {}).perform(caller)
    assert shown.model_dump()["MessageCallback"]["EventTypeList"] == chosen


def test_ai_complete_stands_for_the_events_of_models() -> None:
    chosen = {name for kind, name in EVENT_NAMES.items() if selects([EventGroup.AI], kind)}
    assert chosen == {"AIMediaAuditComplete", "AIMediaDNAComplete", "AIVideoTagComplete"}
    assert EventType.AI_AUDIT_COMPLETE in EVENT_NAMES
