"""MPC's protocol through the official SDK, with nothing but the endpoint changed."""

from tests.sdk.mpc import MpcCustomer


def test_the_sdk_is_answered(mpc: MpcCustomer) -> None:
    answer = mpc.answer("list_notify_event", {})
    assert answer.status == 200
    assert answer.body["total"] == len(answer.body["event_name"]) == 7
    assert "TranscodeComplete" in answer.body["event_name"]
