"""The policy engine: what is allowed, what is denied, and what is not understood."""

import itertools
import json
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.identity.conditions import Request
from chalicelib.identity.errors import PolicyMalformed, PolicyTooLarge
from chalicelib.identity.patterns import matches
from chalicelib.identity.policies import Rights, allow, allows, check_policy
from chalicelib.identity.system_policies import system_policies

VIDEO = "acs:vod:cn-shanghai:1000:video/43a1"


def asked(
    action: str = "vod:GetPlayInfo",
    resource: str = VIDEO,
    source_ip: str = "192.168.3.4",
    secure: bool = True,
    time: str = "2022-07-13T08:00:00+00:00",
) -> Request:
    return Request(action, resource, source_ip, secure, datetime.fromisoformat(time))


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "vod:*", "Resource": "*", **elements}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


def one(*policies: str) -> Rights:
    return (policies,)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("AliyunVODFullAccess", ["vod:DeleteVideo", "vod:GetPlayInfo"], ["sts:AssumeRole"]),
        (
            "AliyunVODReadOnlyAccess",
            ["vod:GetPlayInfo", "vod:DescribeVodDomains", "vod:SearchMedia", "vod:ListSnapshots"],
            ["vod:DeleteVideo", "vod:CreateUploadVideo", "vod:UpdateVideoInfo"],
        ),
        (
            "AliyunVODPlayAuth",
            ["vod:GetPlayInfo", "vod:GetVideoPlayAuth", "vod:GetVideoInfo"],
            ["vod:GetVideoInfos", "vod:GetMezzanineInfo", "vod:CreateUploadVideo"],
        ),
        (
            "AliyunVODUploadAuth",
            ["vod:CreateUploadVideo", "vod:RefreshUploadVideo", "vod:CreateUploadImage"],
            ["vod:GetPlayInfo", "vod:DeleteVideo"],
        ),
        ("AliyunSTSAssumeRoleAccess", ["sts:AssumeRole"], ["vod:GetPlayInfo"]),
        ("AdministratorAccess", ["vod:DeleteVideo", "sts:AssumeRole", "mts:SubmitJobs"], []),
    ],
)
def test_system_policies(name: str, allowed: list[str], refused: list[str]) -> None:
    for action in allowed:
        assert allows(one(name), asked(action)), action
    for action in refused:
        assert not allows(one(name), asked(action)), action


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("*", "*", True),
        ("vod:*", "acs:vod:*:*", True),
        ("vod:Get*", "acs:vod:*:*:*", True),
        ("vod:getplayinfo", "acs:vod:*:1000:video/43a1", True),
        (["vod:DeleteVideo", "vod:GetPlayInfo"], ["acs:x", VIDEO], True),
        ("vod:GetPlayInf?", "acs:vod:cn-*:1000:video/*", True),
        ("vod:GetPlayInfo", "acs:vod:*:1000:video/43a2", False),
        ("vod:GetPlayInfo", "acs:vod:*:1001:*", False),
        ("vod:GetPlayInfo", "acs:vod:*:1000:video/43", False),
        ("vod:GetPlay", "*", False),
        ("mts:*", "*", False),
        ("vod:Set*", "*", False),
    ],
)
def test_actions_and_resources_have_wildcards(action: Any, resource: Any, expected: bool) -> None:
    policy = document(statement(Action=action, Resource=resource))
    assert allows(one(policy), asked()) is expected


def test_deny_wins_wherever_it_stands() -> None:
    deny = document(statement("Deny", Action="vod:GetPlayInfo"))
    both = document(statement(), statement("Deny", Action="vod:GetPlayInfo"))
    reverse = document(statement("Deny", Action="vod:GetPlayInfo"), statement())
    for rights in (
        one(both),
        one(reverse),
        one("AliyunVODFullAccess", deny),
        one(deny, "AliyunVODFullAccess"),
        one(deny),
    ):
        assert not allows(rights, asked())
    assert allows(one(both), asked("vod:GetVideoInfo"))
    assert not allows(one(deny), asked("vod:GetVideoInfo"))


def test_every_layer_must_allow() -> None:
    role, session = ("AliyunVODFullAccess",), (allow(["vod:Get*"], [VIDEO]),)
    assert allows((role, session), asked())
    assert not allows((role, session), asked("vod:DeleteVideo"))
    assert not allows((role, session), asked(resource=VIDEO + "b"))
    assert not allows((("AliyunVODUploadAuth",), session), asked())
    assert not allows((role, ()), asked())
    assert not allows((), asked())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"IpAddress": {"acs:SourceIp": "192.168.3.4"}}, True),
        ({"IpAddress": {"acs:SourceIp": ["10.0.0.1", "192.168.0.0/16"]}}, True),
        ({"IpAddress": {"acs:SourceIp": "192.168.*"}}, True),
        ({"IpAddress": {"acs:SourceIp": "192.168.30.*"}}, False),
        ({"IpAddress": {"acs:SourceIp": "192.168.3.5"}}, False),
        ({"IpAddress": {"acs:SourceIp": "2001:db8::/32"}}, False),
        ({"NotIpAddress": {"acs:SourceIp": ["10.0.0.0/8", "172.16.0.0/12"]}}, True),
        ({"NotIpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.3.4"]}}, False),
        ({"Bool": {"acs:SecureTransport": "true"}}, True),
        ({"Bool": {"acs:SecureTransport": True}}, True),
        ({"Bool": {"acs:SecureTransport": "false"}}, False),
        ({"DateLessThan": {"acs:CurrentTime": "2022-07-13T16:00:01+08:00"}}, True),
        ({"DateLessThan": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, False),
        ({"DateLessThanEquals": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, True),
        ({"DateGreaterThan": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, False),
        ({"DateGreaterThanEquals": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, True),
        ({"DateEquals": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, True),
        ({"DateNotEquals": {"acs:CurrentTime": "2022-07-13T08:00:00Z"}}, False),
        ({"StringEquals": {"acs:SourceIp": "192.168.3.4"}}, True),
        ({"StringNotEquals": {"acs:SourceIp": "192.168.3.4"}}, False),
        ({"StringEqualsIgnoreCase": {"acs:SecureTransport": "TRUE"}}, True),
        ({"StringNotEqualsIgnoreCase": {"acs:SecureTransport": "TRUE"}}, False),
        ({"StringLike": {"acs:CurrentTime": "2022-07-*"}}, True),
        ({"StringNotLike": {"acs:CurrentTime": ["2021-*", "2023-*"]}}, True),
        (
            {
                "IpAddress": {"acs:SourceIp": "192.168.3.4"},
                "Bool": {"acs:SecureTransport": "false"},
            },
            False,
        ),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    policy = document(statement(Condition=condition))
    assert allows(one(policy), asked()) is expected
    deny = document(statement("Deny", Condition=condition))
    assert allows(one("AliyunVODFullAccess", deny), asked()) is not expected


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"acs:MFAPresent": "false"}},
        {"Bool": {"acs:SecureTransport": "yes"}},
        {"NumericEquals": {"acs:SourceIp": "1"}},
        {"IpAddress": {"acs:SourceIp": "192.168.XX.XX"}},
        {"IpAddress": {"acs:SourceIp": ["192.168.3.4", "192.168.XX.XX"]}},
        {"IpAddress": {"acs:SourceIp": "*.example.com"}},
        {"NotIpAddress": {"acs:SourceIp": "nowhere"}},
        {"IpAddress": {"vod:Something": "192.168.3.4"}},
        {"DateLessThan": {"acs:CurrentTime": "tomorrow"}},
        {"DateLessThan": {"acs:CurrentTime": "2099-01-01T00:00:00"}},
        {"Bool": {"acs:SecureTransport": "true"}, "Strange": {"acs:SourceIp": "x"}},
    ],
)
def test_what_is_not_understood_works_against_the_caller(condition: dict[str, Any]) -> None:
    allowing = document(statement(Condition=condition))
    denying = document(statement("Deny", Condition=condition))
    assert not allows(one(allowing), asked())
    assert not allows(one("AliyunVODFullAccess", denying), asked())
    assert allows(one("AliyunVODFullAccess", allowing), asked())


def test_a_caller_without_a_known_address_matches_no_address_condition() -> None:
    for name in ("IpAddress", "NotIpAddress"):
        condition = {name: {"acs:SourceIp": "192.168.0.0/16"}}
        policy = document(statement(Condition=condition))
        assert not allows(one(policy), asked(source_ip=""))
        assert not allows(one(policy), asked(source_ip="unknown"))


def test_a_mapped_address_is_the_address() -> None:
    condition = {"IpAddress": {"acs:SourceIp": "192.168.0.0/16"}}
    assert allows(
        one(document(statement(Condition=condition))), asked(source_ip="::ffff:192.168.3.4")
    )


MALFORMED = [
    "",
    "NoSuchPolicy",
    "[]",
    "1",
    "{",
    '{"Version":"1"}',
    '{"Version":"2","Statement":[]}',
    '{"Version":1,"Statement":[]}',
    document(),
    document({"Effect": "Allow", "Action": "*"}),
    document({"Effect": "Allow", "Resource": "*"}),
    document(statement("allow")),
    document(statement(Action=[])),
    document(statement(Action="")),
    document(statement(Resource=[""])),
    document(statement(Action=1)),
    document(statement(NotAction="vod:*")),
    document(statement(Principal={"RAM": "*"})),
    document(statement(Condition=[])),
    document(statement(Condition={"Bool": "true"})),
    document(statement(Condition={"Bool": {}})),
    document(statement(Condition={"Bool": {"acs:SecureTransport": []}})),
    document(statement(Condition={"Bool": {"acs:SecureTransport": [None]}})),
    document(statement(Condition={"Bool": {"acs:SecureTransport": {"a": 1}}})),
    '{"Version":"1","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
    "[" * 2000,
    '{"a":' * 400,
]


@pytest.mark.parametrize("text", MALFORMED)
def test_broken_documents_are_refused_and_deny_everything(text: str) -> None:
    with pytest.raises(PolicyMalformed):
        check_policy(text)
    assert not allows(one(text), asked())
    assert not allows(one("AliyunVODFullAccess", text), asked())
    assert not allows(one(text, "AliyunVODFullAccess"), asked())


def test_policies_have_a_largest_size() -> None:
    with pytest.raises(PolicyTooLarge):
        check_policy(document(statement(Resource="x" * 2048)))


def test_a_checked_policy_means_the_same() -> None:
    text = json.dumps(
        {
            "Version": "1",
            "Statement": {
                "Effect": "Allow",
                "Action": "vod:Get*",
                "Resource": "*",
                "Condition": {"Bool": {"acs:SecureTransport": True}},
            },
        },
        indent=4,
    )
    kept = check_policy(text)
    assert len(kept) < len(text)
    for request in (asked(), asked(secure=False), asked("vod:DeleteVideo")):
        assert allows(one(kept), request) is allows(one(text), request)
    assert check_policy("AliyunVODPlayAuth") == "AliyunVODPlayAuth"


def test_patterns_agree_with_regular_expressions() -> None:
    chooser = random.Random(7)
    for _ in range(3000):
        pattern = "".join(chooser.choices("ab*?", k=chooser.randrange(7)))
        text = "".join(chooser.choices("ab", k=chooser.randrange(8)))
        expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        assert matches(pattern, text) is bool(re.fullmatch(expression, text)), (pattern, text)


def test_a_hostile_pattern_is_cheap() -> None:
    steps = "a*" * 1000
    assert not matches(steps + "b", "a" * 1000)
    assert matches(steps, "a" * 1000)


def test_more_policies_never_turn_a_deny_into_an_allow() -> None:
    """Whatever is added to a layer or put on top: Deny stays, and layers only narrow."""
    pool = [
        *system_policies(),
        document(statement("Deny", Action="vod:Get*")),
        document(statement("Deny", Resource=VIDEO)),
        document(statement(Action="vod:GetPlayInfo", Resource=VIDEO)),
        document(statement(Condition={"Bool": {"acs:SecureTransport": "true"}})),
        document(statement("Deny", Condition={"Bool": {"acs:MFAPresent": "false"}})),
        "rubbish",
    ]
    denying = {text for text in pool if '"Deny"' in text or text == "rubbish"}
    actions = ("vod:GetPlayInfo", "vod:DeleteVideo", "sts:AssumeRole")
    requests = [
        asked(action, resource, secure=secure)
        for action, resource, secure in itertools.product(actions, (VIDEO, "other"), (True, False))
    ]
    for first, second, request in itertools.product(pool, pool, requests):
        alone = allows(one(first), request)
        together = allows(one(first, second), request)
        stacked = allows(((first,), (second,)), request)
        assert together is allows(one(second, first), request)
        assert stacked is (alone and allows(one(second), request))
        assert together or not alone or second in denying
        assert alone or not together or allows(one(second), request)


def test_the_time_of_a_request_is_compared_in_any_zone() -> None:
    condition = {"DateGreaterThan": {"acs:CurrentTime": "2012-11-11T23:59:59Z"}}
    policy = document(statement(Condition=condition))
    assert allows(one(policy), asked(time=datetime.now(UTC).isoformat()))
    assert not allows(one(policy), asked(time="2012-11-12T07:59:59+08:00"))
