"""Chapter 13 of the MPC manual through the official SDK: buckets, agencies, notifications."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.apis.protocol.huawei_rest import projects
from tests import clips
from tests.sdk.driver import ApiFailure
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import MpcFiles

_REPOSITORY = Path(__file__).parents[2]
_EVENTS = [
    *("TranscodeComplete", "TranscodeStart", "ThumbnailComplete", "RemuxComplete"),
    *("AnimatedGraphicsComplete", "ParseComplete", "EditingComplete"),
]
Make = Callable[..., str]


@pytest.fixture
def make_bucket(mpc: MpcCustomer) -> Iterator[Make]:
    """Makes a bucket as its owner does; all are withdrawn and gone after the test."""
    s3 = mpc.stack.aws("s3")
    made = []

    def make(prefix: str = "films", **settings: Any) -> str:
        name = f"{prefix}-{secrets.token_hex(4)}"
        s3.create_bucket(Bucket=name, **settings)
        made.append(name)
        return name

    yield make
    for name in made:
        mpc.call("update_bucket_authorized", bucket=name, operation="0")
        for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=item["Key"])
        s3.delete_bucket(Bucket=name)


class Neighbour:
    """Somebody else who calls with the same SDK: a sub-user, or a user of another account."""

    def __init__(self, mpc: MpcCustomer, account_id: str) -> None:
        command = [sys.executable, "-m", "local", "users", "--data", str(mpc.stack.data)]
        whose = ["--account", account_id] if account_id != mpc.account_id else []
        name = f"user-{secrets.token_hex(4)}"
        printed = subprocess.run(
            [*command, *whose, "add", name, "--policy", "MPC Administrator"],
            cwd=_REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = json.loads(printed)
        self._keys = {name: found[name] for name in ("access_key_id", "access_key_secret")}
        self._project = projects.project_id(account_id)
        self._mpc = mpc

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        answer = self._mpc.answer(
            method, parameters, credentials=self._keys, project_id=self._project
        )
        return answer.body

    def failure(self, method: str, **parameters: Any) -> tuple[int, str, str]:
        with pytest.raises(ApiFailure) as refused:
            self.call(method, **parameters)
        return refused.value.status, refused.value.code, refused.value.message


@pytest.fixture(scope="module")
def other_account(mpc: MpcCustomer) -> Neighbour:
    return Neighbour(mpc, "2000000000000002")


def buckets(customer: MpcCustomer | Neighbour) -> dict[str, int]:
    found = customer.call("list_all_buckets")["buckets"]
    for one in found:
        assert len(one["creation_date"]) == 14
        assert one["creation_date"].isdecimal()
    return {one["bucket"]: one["is_authorized"] for one in found}


def test_a_bucket_is_listed_authorised_and_withdrawn(
    mpc: MpcCustomer, make_bucket: Make, other_account: Neighbour
) -> None:
    bucket = make_bucket()
    assert buckets(mpc)[bucket] == 0
    assert mpc.stack.bucket not in buckets(mpc)
    answer = mpc.answer("update_bucket_authorized", {"bucket": bucket, "operation": "1"})
    assert answer.status == 204
    assert buckets(mpc)[bucket] == 1
    assert bucket not in buckets(other_account)
    refusal = other_account.failure("update_bucket_authorized", bucket=bucket, operation="1")
    assert refusal[:2] == (403, "MPC.10236")
    assert "authorised by another account" in refusal[2]
    assert other_account.failure("list_all_obs_obj_list", bucket=bucket)[:2] == (400, "MPC.10236")
    # The manual's sample sends the number.
    assert mpc.answer("update_bucket_authorized", {"bucket": bucket, "operation": 0}).status == 204
    assert buckets(mpc)[bucket] == 0


def test_what_stands_in_the_way_of_authorising_is_told(mpc: MpcCustomer, make_bucket: Make) -> None:
    def refusal(bucket: str, operation: str = "1") -> tuple[int, str]:
        return mpc.failure("update_bucket_authorized", bucket=bucket, operation=operation)

    assert refusal("films-that-are-not-there") == (403, "MPC.10209")
    assert refusal("No Bucket's Name") == (403, "MPC.10209")
    assert refusal("films-*") == (403, "MPC.10209")
    assert refusal(mpc.stack.bucket) == (403, "MPC.10236")
    assert refusal(mpc.stack.bucket, "0") == (403, "MPC.10236")
    assert refusal(make_bucket(), "2") == (403, "MPC.10202")
    assert mpc.failure("update_bucket_authorized", operation="1") == (403, "MPC.10202")
    encrypted = make_bucket()
    mpc.stack.aws("s3").put_bucket_encryption(
        Bucket=encrypted,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    assert refusal(encrypted) == (403, "MPC.10209")


def test_a_buckets_objects_are_listed(mpc: MpcCustomer, make_bucket: Make) -> None:
    bucket = make_bucket()
    s3 = mpc.stack.aws("s3")
    for key in ("in/a.mp4", "in/ü ö.MP4", "in/c.jpg", "out/a.mp4"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    listing = "list_all_obs_obj_list"
    assert mpc.failure(listing, bucket=bucket) == (400, "MPC.10236")
    assert mpc.failure(listing, bucket=mpc.stack.bucket) == (400, "MPC.10236")
    assert mpc.failure(listing) == (400, "MPC.10202")
    mpc.call("update_bucket_authorized", bucket=bucket, operation="1")

    found = mpc.call(listing, bucket=bucket, prefix="in/", type="mp4")["objects"]
    assert [one["file_name"] for one in found] == ["in/a.mp4", "in/ü ö.MP4"]
    assert [one["size"] for one in found] == [8, len("in/ü ö.MP4".encode())]
    assert all(len(one["last_modified"]) == 14 for one in found)
    assert len(mpc.call(listing, bucket=bucket)["objects"]) == 4
    assert mpc.call(listing, bucket=bucket, prefix="nothing/")["objects"] == []


def test_a_bucket_that_went_away_is_told(mpc: MpcCustomer) -> None:
    s3 = mpc.stack.aws("s3")
    bucket = f"films-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    mpc.call("update_bucket_authorized", bucket=bucket, operation="1")
    s3.delete_bucket(Bucket=bucket)
    assert mpc.failure("list_all_obs_obj_list", bucket=bucket) == (400, "MPC.10209")
    mpc.call("update_bucket_authorized", bucket=bucket, operation="0")


def test_an_agency_gives_all_buckets_and_ends(
    mpc: MpcCustomer, make_bucket: Make, other_account: Neighbour
) -> None:
    bucket = make_bucket()
    assert mpc.call("show_agencies_task") == {"operate_type": "CANCELED"}
    create = {"operate_type": "CREATED", "project_id": mpc.project_id}
    assert mpc.answer("create_agencies_task", create).status == 204
    try:
        assert mpc.call("show_agencies_task") == {"operate_type": "CREATED"}
        assert mpc.failure("create_agencies_task", **create) == (403, "MPC.10223")
        assert buckets(mpc)[bucket] == 1
        assert mpc.call("list_all_obs_obj_list", bucket=bucket)["objects"] == []
        assert bucket not in buckets(other_account)
        single = {"bucket": bucket, "operation": "0"}
        assert mpc.failure("update_bucket_authorized", **single) == (403, "MPC.10223")
        own = {"bucket": mpc.stack.bucket}
        assert mpc.failure("list_all_obs_obj_list", **own) == (400, "MPC.10236")
    finally:
        mpc.call("create_agencies_task", operate_type="CANCELED")
    assert mpc.call("show_agencies_task") == {"operate_type": "CANCELED"}
    assert mpc.failure("list_all_obs_obj_list", bucket=bucket) == (400, "MPC.10236")
    cancel = {"operate_type": "CANCELED"}
    assert mpc.failure("create_agencies_task", **cancel) == (403, "MPC.10224")


def test_agencies_are_for_the_account_itself(mpc: MpcCustomer) -> None:
    create = "create_agencies_task"
    assert mpc.failure(create, operate_type="MAYBE") == (403, "MPC.10202")
    assert mpc.failure(create) == (403, "MPC.10202")
    stranger = {"operate_type": "CREATED", "project_id": "0" * 32}
    assert mpc.failure(create, **stranger) == (403, "MPC.10208")
    sub_user = Neighbour(mpc, mpc.account_id)
    status, code, message = sub_user.failure(create, operate_type="CREATED")
    assert (status, code) == (403, "MPC.10229")
    assert "sub-accounts do not support" in message
    assert sub_user.call("show_agencies_task") == {"operate_type": "CANCELED"}


def test_every_operation_of_the_chapter_is_refused_to_strangers(mpc: MpcCustomer) -> None:
    calls: dict[str, tuple[dict[str, Any], int]] = {
        "notify_smn_topic_config": ({"notifications": []}, 400),
        "list_notify_smn_topic_config": ({}, 400),
        "list_notify_event": ({}, 403),
        "list_all_buckets": ({}, 403),
        "update_bucket_authorized": ({"bucket": "films", "operation": "1"}, 403),
        "list_all_obs_obj_list": ({"bucket": "films"}, 400),
        "create_agencies_task": ({"operate_type": "CREATED"}, 403),
        "show_agencies_task": ({}, 400),
    }
    for method, (parameters, status) in calls.items():
        with pytest.raises(ApiFailure) as refused:
            mpc.answer(method, parameters, project_id="0" * 32)
        assert (refused.value.status, refused.value.code) == (status, "MPC.10208"), method


@pytest.fixture
def topics(mpc: MpcCustomer) -> Iterator[dict[str, str]]:
    """A topic and a queue of the customer's, by "sns" and "sqs"."""
    sns, sqs = mpc.stack.aws("sns"), mpc.stack.aws("sqs")
    name = f"news-{secrets.token_hex(4)}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    yield {"name": name, "sns": topic, "sqs": topic.replace(":sns:", ":sqs:")}
    off = [{"event_name": name, "status": "off"} for name in _EVENTS]
    mpc.call("notify_smn_topic_config", notifications=off)
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=queue)


def notifications(mpc: MpcCustomer) -> dict[str, dict[str, Any]]:
    answer = mpc.call("list_notify_smn_topic_config")
    assert answer["total"] == len(answer["notifications"]) == 7
    return {one["event_name"]: one for one in answer["notifications"]}


def test_notifications_are_set_event_by_event(mpc: MpcCustomer, topics: dict[str, str]) -> None:
    assert mpc.call("list_notify_event") == {"total": 7, "event_name": _EVENTS}
    assert list(notifications(mpc)) == _EVENTS
    wanted = [
        {"event_name": "TranscodeComplete", "topic": topics["sns"], "msg_type": 2, "status": "on"},
        {"event_name": "RemuxComplete", "topic": topics["sqs"], "msg_type": 3, "status": "on"},
        {"event_name": "ParseComplete", "topic": topics["name"], "status": "on"},
        # With the blank of the manual's samples.
        {
            "event_name": "EditingComplete",
            "topic": f"urn: smn:region1:tenantId:{topics['name']}",
            "msg_type": 3,
            "status": "on",
        },
    ]
    assert mpc.answer("notify_smn_topic_config", {"notifications": wanted}).status == 204
    found = notifications(mpc)
    for one in wanted:
        kept = found[str(one["event_name"])]
        assert {name: kept.get(name) for name in one} == one
    assert found["ThumbnailComplete"]["status"] == "off"
    off = [{"event_name": "RemuxComplete", "status": "off"}]
    mpc.call("notify_smn_topic_config", notifications=off)
    remux = notifications(mpc)["RemuxComplete"]
    assert (remux["status"], remux["topic"]) == ("off", topics["sqs"])


def test_notifications_that_cannot_be_are_refused(mpc: MpcCustomer, topics: dict[str, str]) -> None:
    def refusal(**one: Any) -> tuple[int, str]:
        given = [{"event_name": "AnimatedGraphicsComplete", "status": "on", **one}]
        return mpc.failure("notify_smn_topic_config", notifications=given)

    before = notifications(mpc)
    assert refusal(topic=f"{topics['sns']}-gone") == (400, "MPC.10214")
    assert refusal(topic=f"{topics['sqs']}-gone") == (400, "MPC.10214")
    # A topic of another account, of another service, of OpenVOD's own; and none at all.
    arn = topics["sqs"]
    account = arn.split(":")[4]
    for topic in (
        arn.replace(account, "999999999999"),
        arn.replace(":sqs:", ":lambda:"),
        arn.rpartition(":")[0] + ":openvod-local-jobs-quick",
        "urn:smn:too:short",
        "",
    ):
        assert refusal(topic=topic) == (400, "MPC.10202"), topic
    assert refusal(topic=topics["sns"], event_name="NoSuchEvent") == (400, "MPC.10202")
    assert refusal(topic=topics["sns"], status="perhaps") == (400, "MPC.10202")
    assert refusal(topic=topics["sns"], msg_type=-1) == (400, "MPC.10202")
    twice = [{"event_name": "AnimatedGraphicsComplete", "status": "off"}] * 2
    none: list[Any] = []
    for wrong in (twice, none):
        failure = mpc.failure("notify_smn_topic_config", notifications=wrong)
        assert failure == (400, "MPC.10202")
    assert notifications(mpc) == before


class Inbox:
    """A queue of the customer's, and the topic that fills it; `take` waits for a task's message."""

    def __init__(self, mpc: MpcCustomer, topics: dict[str, str]) -> None:
        self._mpc = mpc
        self._sqs = mpc.stack.aws("sqs")
        self._url = self._sqs.get_queue_url(QueueName=topics["name"])["QueueUrl"]
        self._seen: list[dict[str, Any]] = []
        let_in = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": topics["sqs"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [let_in]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        mpc.stack.aws("sns").subscribe(
            TopicArn=topics["sns"],
            Protocol="sqs",
            Endpoint=topics["sqs"],
            Attributes={"RawMessageDelivery": "true"},
        )

    def take(self, event_name: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            self._seen += [json.loads(one["Body"]) for one in answer.get("Messages", [])]
            return next((one for one in self._seen if one["event_name"] == event_name), None)

        found: dict[str, Any] = self._mpc.stack.until(f"{event_name} arrives", look)
        return found


def test_news_of_a_task_arrives_through_a_topic_and_in_a_queue(
    mpc: MpcCustomer, topics: dict[str, str], mpc_files: MpcFiles
) -> None:
    inbox = Inbox(mpc, topics)
    wanted = [
        {"event_name": "RemuxComplete", "topic": topics["sns"], "status": "on"},
        {"event_name": "ParseComplete", "topic": topics["sqs"], "status": "on"},
    ]
    mpc.call("notify_smn_topic_config", notifications=wanted)
    source = mpc_files.source(clips.make("flv"))
    target = mpc_files.target(file_name="film.mp4")
    user_data = 'order "7", ü'
    remux = mpc.call(
        "create_remux_task",
        input=source,
        output=target,
        output_param={"format": "MP4"},
        user_data=user_data,
    )
    message = inbox.take("RemuxComplete")
    assert (message["task_id"], message["status"]) == (int(remux["task_id"]), "SUCCEED")
    assert message["project_id"] == mpc.project_id
    assert message["user_data"] == user_data
    assert message["input"]["object"] == source["object"]
    assert message["output"]["bucket"] == mpc_files.bucket
    assert message["results"] == [{"object": [f"{target['object']}/film.mp4"]}]
    assert "error_code" not in message

    broken = mpc_files.place("in/nothing.mp4")
    parsed = mpc.call("create_extract_task", input=broken, output=mpc_files.target())
    message = inbox.take("ParseComplete")
    assert (message["task_id"], message["status"]) == (int(parsed["task_id"]), "FAILED")
    listed = mpc_files.ended("list_extract_task", parsed["task_id"])
    assert message["error_code"] == listed["error_code"]
    assert message["description"] == listed["description"]


def test_work_on_a_bucket_ends_with_its_authorisation(
    mpc: MpcCustomer, make_bucket: Make, mpc_files: MpcFiles
) -> None:
    bucket = make_bucket()
    clip = mpc_files.source(clips.make("flv"))
    output = {"bucket": bucket, "location": "region01", "object": "out", "file_name": "a.mp4"}
    asked = {"input": clip, "output": output, "output_param": {"format": "MP4"}}
    assert mpc.failure("create_remux_task", **asked) == (400, "MPC.10236")
    mpc.call("update_bucket_authorized", bucket=bucket, operation="1")
    with mpc_files.nobody_works():
        number = mpc.call("create_remux_task", **asked)["task_id"]
        mpc.call("update_bucket_authorized", bucket=bucket, operation="0")
    task = mpc_files.ended("list_remux_task", number)
    assert (task["status"], task["error_code"]) == ("FAILED", "MPC.10236")
    assert "Contents" not in mpc.stack.aws("s3").list_objects_v2(Bucket=bucket)
    # The media library's own bucket is never one of them.
    library = {**output, "bucket": mpc.stack.bucket}
    assert mpc.failure("create_remux_task", **(asked | {"output": library})) == (400, "MPC.10236")
