"""SetMessageCallback and GetMessageCallback (VOD API manual 16.1)."""

import re
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from chalicelib import events
from chalicelib.apis.aliyun_vod import event_messages
from chalicelib.apis.aliyun_vod.configuration import (
    DeleteMessageCallback,
    GetMessageCallback,
    SetMessageCallback,
)
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.validation import validated
from chalicelib.events.fan_out import fan_out
from chalicelib.identity import master_keys
from chalicelib.identity.caller import Caller
from chalicelib.store import database
from tests.events.conftest import APP, caller_of, recorded

URL = "https://callbacks.example.com/vod?a=1"


@pytest.fixture
def caller(deployment: None, account_id: str) -> Caller:
    return caller_of(account_id)


def put(caller: Caller, **parameters: str) -> None:
    result = validated(SetMessageCallback, parameters).perform(caller)
    assert result.model_dump() == {}


def get(caller: Caller, **parameters: str) -> dict[str, Any]:
    result = validated(GetMessageCallback, parameters).perform(caller)
    shown = result.model_dump(exclude_none=True)
    assert set(shown) == {"MessageCallback"}
    callback: dict[str, Any] = shown["MessageCallback"]
    return callback


def refused(caller: Caller, **parameters: str) -> str:
    """The code of the refusal and the parameter that it names; nothing is stored."""
    before = get(caller)
    with pytest.raises(ApiError) as caught:
        put(caller, **parameters)
    assert get(caller) == before
    assert caught.value.status in (400, 403)
    name = re.search(r"parameter \"(\w+)\"|The specified (\w+) length", caught.value.message)
    return f"{caught.value.code} {name[1] or name[2] if name else ''}".strip()


def test_an_account_without_settings(caller: Caller) -> None:
    assert get(caller) == {"AppId": APP}


def test_everything_comes_back(caller: Caller) -> None:
    put(
        caller,
        CallbackType="HTTP",
        CallbackURL=URL,
        EventTypeList="FileUploadComplete, TranscodeComplete,AIComplete,FileUploadComplete",
        AuthSwitch="on",
        AuthKey="Secret123",
        AppId=APP,
    )
    assert get(caller, AppId=APP) == {
        "AppId": APP,
        "CallbackType": "HTTP",
        "CallbackURL": URL,
        "EventTypeList": "FileUploadComplete,TranscodeComplete,AIComplete",
        "AuthSwitch": "on",
        "AuthKey": "Secret123",
    }


def test_the_callback_type_is_http_by_itself(caller: Caller) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL")
    assert get(caller) == {
        "AppId": APP,
        "CallbackType": "HTTP",
        "CallbackURL": URL,
        "EventTypeList": "ALL",
        "AuthSwitch": "off",
    }


def test_every_event_of_the_manual_can_be_chosen(caller: Caller) -> None:
    chosen = (
        "FileUploadComplete,StreamTranscodeComplete,TranscodeComplete,SnapshotComplete,AIComplete,"
        "AddLiveRecordVideoComplete,CreateAuditComplete,UploadByURLComplete,ProduceMediaComplete,"
        "LiveRecordVideoComposeStart,ImageUploadComplete,VideoAnalysisComplete,"
        "DynamicImageComplete,AttachedMediaUploadComplete,DeleteMediaComplete,"
        "MediaBaseChangeComplete,SubmitMediaRefreshComplete,AIMediaAuditComplete,"
        "AIMediaDNAComplete,AIVideoTagComplete"
    )
    put(caller, CallbackURL=URL, EventTypeList=chosen)
    assert get(caller)["EventTypeList"] == chosen


@pytest.mark.parametrize("empty", [{}, {"EventTypeList": ""}, {"EventTypeList": ","}])
def test_no_types_switch_everything_off(caller: Caller, empty: dict[str, str]) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL")
    put(caller, CallbackURL=URL, **empty)
    assert get(caller)["EventTypeList"] == ""


def test_the_key_stays_until_another_is_set(caller: Caller) -> None:
    put(caller, CallbackURL=URL, AuthKey="Secret123")
    assert (get(caller)["AuthSwitch"], get(caller)["AuthKey"]) == ("on", "Secret123")
    put(caller, CallbackURL="http://other.example.com/", AuthSwitch="off")
    assert (get(caller)["AuthSwitch"], get(caller)["AuthKey"]) == ("off", "Secret123")
    put(caller, CallbackURL=URL, AuthKey="Other4567")
    assert (get(caller)["AuthSwitch"], get(caller)["AuthKey"]) == ("off", "Other4567")


def test_mns(caller: Caller) -> None:
    mns = {"MnsEndpoint": "http://1234567.mns.example.com/", "MnsQueueName": "vodcallback"}
    put(caller, CallbackType="MNS", EventTypeList="ALL", **mns)
    assert get(caller) == {
        "AppId": APP,
        "CallbackType": "MNS",
        "EventTypeList": "ALL",
        "AuthSwitch": "off",
        **mns,
    }
    put(caller, CallbackType="HTTP", CallbackURL=URL)
    assert get(caller)["MnsQueueName"] == "vodcallback"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingParameter CallbackURL"),
        ({"CallbackType": "HTTP"}, "MissingParameter CallbackURL"),
        ({"CallbackType": "MNS"}, "MissingParameter MnsEndpoint"),
        (
            {"CallbackType": "MNS", "MnsEndpoint": "http://mns.example.com/"},
            "MissingParameter MnsQueueName",
        ),
        (
            {"CallbackType": "MNS", "MnsEndpoint": "mns", "MnsQueueName": "q"},
            "InvalidParameter MnsEndpoint",
        ),
        (
            {
                "CallbackType": "MNS",
                "MnsEndpoint": "http://mns.example.com/",
                "MnsQueueName": "openvod-local-jobs-heavy",
            },
            "InvalidParameter MnsQueueName",
        ),
        (
            {
                "CallbackType": "MNS",
                "MnsEndpoint": "http://mns.example.com/",
                "MnsQueueName": "../other",
            },
            "InvalidParameter MnsQueueName",
        ),
        ({"CallbackType": "http", "CallbackURL": URL}, "InvalidParameter CallbackType"),
        ({"CallbackURL": "ftp://example.com/"}, "InvalidParameter CallbackURL"),
        ({"CallbackURL": "callbacks.example.com"}, "InvalidParameter CallbackURL"),
        ({"CallbackURL": "http://me:secret@example.com/"}, "InvalidParameter CallbackURL"),
        ({"CallbackURL": f"{URL} {URL}"}, "InvalidParameter CallbackURL"),
        ({"CallbackURL": "http://example.com/" + "a" * 238}, "LengthExceededMax CallbackURL"),
        ({"CallbackURL": URL, "EventTypeList": "NoSuchEvent"}, "InvalidParameter EventTypeList"),
        (
            {"CallbackURL": URL, "EventTypeList": "fileuploadcomplete"},
            "InvalidParameter EventTypeList",
        ),
        ({"CallbackURL": URL, "AuthSwitch": "yes"}, "InvalidParameter AuthSwitch"),
        ({"CallbackURL": URL, "AuthSwitch": "on"}, "MissingParameter AuthKey"),
        ({"CallbackURL": URL, "AuthKey": "dsf346dvet"}, "InvalidParameter AuthKey"),
        ({"CallbackURL": URL, "AuthKey": "ABC123"}, "InvalidParameter AuthKey"),
        ({"CallbackURL": URL, "AuthKey": "Abcdef"}, "InvalidParameter AuthKey"),
        ({"CallbackURL": URL, "AuthKey": "Aa1" * 11}, "LengthExceededMax AuthKey"),
    ],
)
def test_refusals(caller: Caller, parameters: dict[str, str], code: str) -> None:
    assert refused(caller, **parameters) == code


def test_the_longest_address(caller: Caller) -> None:
    url = "http://example.com/" + "a" * 237
    assert len(url) == 256
    put(caller, CallbackURL=url)
    assert get(caller)["CallbackURL"] == url


def test_the_key_is_not_in_the_table_nor_in_a_repr(caller: Caller) -> None:
    put(caller, CallbackURL=URL, AuthKey="Secret123")
    (row,) = database.run(lambda tx: database.many(tx, "SELECT * FROM event_subscription"))
    assert "Secret123" not in str(row)
    assert "Secret123" not in repr(events.get_subscription(caller.account_id, APP))


def test_a_sealed_key_opens_in_its_own_row_only(caller: Caller) -> None:
    put(caller, CallbackURL=URL, AuthKey="Secret123")

    def move(tx: database.Transaction) -> None:
        database.change(tx, "UPDATE event_subscription SET app_id = 'app-stolen'")

    database.run(move)
    with pytest.raises(InvalidTag):
        events.get_subscription(caller.account_id, "app-stolen")


def test_keys_move_to_a_new_master_key(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    put(caller, CallbackURL=URL, AuthKey="Secret123")
    assert events.reseal_auth_keys() == 0
    # A new master key is used ten minutes after it was made; here at once.
    monkeypatch.setattr(master_keys, "PUBLISH_SECONDS", 0)
    master_keys.add_master_key()
    assert events.reseal_auth_keys() == 1
    assert events.reseal_auth_keys() == 0
    assert get(caller)["AuthKey"] == "Secret123"


def test_accounts_do_not_share_settings(caller: Caller) -> None:
    put(caller, CallbackURL=URL)
    other = caller_of(f"{caller.account_id}0")
    assert get(other) == {"AppId": APP}


def test_delete_removes_one_applications_settings(caller: Caller) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL", AuthKey="Secret123")
    assert validated(DeleteMessageCallback, {"AppId": APP}).perform(caller).model_dump() == {}
    assert get(caller) == {"AppId": APP}
    # Once more, and without AppId: as it was.
    assert validated(DeleteMessageCallback, {}).perform(caller).model_dump() == {}


def test_after_a_deletion_events_go_nowhere_but_to_further_subscribers(
    caller: Caller, account_id: str
) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL")
    wish = events.SubscriptionChange(
        callback_url="https://other.example.com/", selectors=(events.EventGroup.ALL,)
    )
    events.add_subscriber(account_id, APP, wish)
    validated(DeleteMessageCallback, {}).perform(caller)
    claimed = fan_out([recorded(account_id)], event_messages.render).claimed
    assert [one.delivery.target for one in claimed] == ["https://other.example.com/"]


def test_the_keys_of_further_subscribers_are_resealed_too(caller: Caller, account_id: str) -> None:
    wish = events.SubscriptionChange(callback_url=URL, auth_key="Secret123")
    events.add_subscriber(account_id, APP, wish)
    master_keys.add_master_key()
    assert events.reseal_auth_keys() == 1
    assert events.reseal_auth_keys() == 0
    (found,) = events.list_subscribers(account_id)
    assert (found.auth_key, found.signed) == ("Secret123", True)


def test_an_application_has_a_bounded_number_of_subscribers(
    caller: Caller, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.events.subscriptions.MAX_SUBSCRIBERS", 2)
    wish = events.SubscriptionChange(callback_url=URL)
    for _ in range(2):
        events.add_subscriber(account_id, APP, wish)
    with pytest.raises(events.TooManySubscribers):
        events.add_subscriber(account_id, APP, wish)


def test_an_address_that_two_subscribers_name_gets_an_event_once(
    caller: Caller, account_id: str
) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL")
    wish = events.SubscriptionChange(callback_url=URL, selectors=(events.EventGroup.ALL,))
    events.add_subscriber(account_id, APP, wish)
    claimed = fan_out([recorded(account_id)], event_messages.render).claimed
    assert len(claimed) == 1
    assert claimed[0].delivery.subscriber_id == ""


def test_a_request_s_address_replaces_the_main_one_and_no_other(
    caller: Caller, account_id: str
) -> None:
    put(caller, CallbackURL=URL, EventTypeList="ALL")
    other = "https://other.example.com/"
    wish = events.SubscriptionChange(callback_url=other, selectors=(events.EventGroup.ALL,))
    events.add_subscriber(account_id, APP, wish)
    event_id = recorded(account_id, override_url="https://request.example.com/")
    claimed = fan_out([event_id], event_messages.render).claimed
    targets = {one.delivery.target for one in claimed}
    assert targets == {"https://request.example.com/", other}
