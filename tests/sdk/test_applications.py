"""Applications as a customer uses them: roles' sessions, moved media, the cross-domain file."""

import json
import subprocess
import sys

import pytest
import requests

from tests.sdk.customer import Customer
from tests.sdk.driver import ApiFailure
from tests.stack_fixture import known_secrets


@pytest.fixture(scope="module")
def apps(tea: Customer) -> tuple[str, str]:
    made = [tea.call("CreateAppInfo", AppName=name)["AppId"] for name in ("web", "phone")]
    return made[0], made[1]


def _session(customer: Customer) -> dict[str, str]:
    """A temporary key of the role that every account has."""
    account = customer.stack.info["account_id"]
    keys = customer.call(
        "AssumeRole",
        product="sts",
        RoleArn=f"acs:ram::{account}:role/vod",
        RoleSessionName="phone-1",
    )["Credentials"]
    known_secrets.update((keys["AccessKeySecret"], keys["SecurityToken"]))
    return {
        "access_key_id": keys["AccessKeyId"],
        "access_key_secret": keys["AccessKeySecret"],
        "security_token": keys["SecurityToken"],
    }


def test_a_roles_session_is_held_to_the_roles_policies(
    tea: Customer, apps: tuple[str, str]
) -> None:
    web, phone = apps
    session = _session(tea)
    mine = tea.create("a.mp4", AppId=phone).video_id
    video = {"Title": "from a phone", "FileName": "b.mp4"}
    with pytest.raises(ApiFailure) as refused:
        tea.call("CreateUploadVideo", credentials=session, **video, AppId=phone)
    assert (refused.value.code, refused.value.status) == ("Forbidden.OperateApp", 403)

    role = {"IdentityType": "RamRole", "IdentityName": "vod", "AppId": phone}
    tea.call("AttachAppPolicyToIdentity", **role, PolicyNames="VODAppFullAccess")
    try:
        tea.call("CreateUploadVideo", credentials=session, **video, AppId=phone)
        assert (
            tea.call("GetVideoInfo", credentials=session, VideoId=mine)["Video"]["AppId"] == phone
        )
        listed = tea.call("ListAppInfo", credentials=session)
        assert [item["AppId"] for item in listed["AppInfoList"]] == [phone]

        tea.call("MoveAppResource", TargetAppId=web, ResourceType="video", ResourceIds=mine)
        with pytest.raises(ApiFailure) as gone:
            tea.call("GetVideoInfo", credentials=session, VideoId=mine)
        assert gone.value.code == "InvalidVideo.NotFound"
    finally:
        # Other tests use the role in the default application.
        role["AppId"] = "app-1000000"
        tea.call("AttachAppPolicyToIdentity", **role, PolicyNames="VODAppFullAccess")


def test_the_cross_domain_file_is_served_where_players_look_for_it(tea: Customer) -> None:
    url = f"http://{tea.stack.endpoint}/crossdomain.xml"
    content = (
        '<cross-domain-policy><allow-access-from domain="*.example.com"/></cross-domain-policy>'
    )
    tea.call("SetCrossdomainContent", Content=content, StorageLocation=tea.stack.bucket)
    answer = requests.get(url, timeout=30)
    assert (answer.status_code, answer.text) == (200, content)
    assert answer.headers["Content-Type"] == "text/x-cross-domain-policy"
    # Players of the Flash kind ask the play domain, and have no signature for it.
    played = requests.get(f"{tea.stack.info['play_url']}/crossdomain.xml", timeout=30)
    assert (played.status_code, played.text) == (200, content)
    assert played.headers["Content-Type"] == "text/x-cross-domain-policy"

    entity = '<!DOCTYPE a [<!ENTITY b "c">]><cross-domain-policy>&b;</cross-domain-policy>'
    for hostile in (entity, "<html/>", "<cross-domain-policy>", json.dumps({})):
        with pytest.raises(ApiFailure) as refused:
            tea.call("SetCrossdomainContent", Content=hostile, StorageLocation=tea.stack.bucket)
        assert refused.value.code == "InvalidParameter"
    assert requests.get(url, timeout=30).text == content


def test_operators_make_users_and_roles(tea: Customer) -> None:
    data = str(tea.stack.process.data)

    def users(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "local", "users", "--data", data, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    made = users("add", "reader", "--policy", "AliyunVODReadOnlyAccess")
    keys = json.loads(made.stdout)
    known_secrets.add(keys["access_key_secret"])
    assert tea.call("ListAppInfo", credentials=keys)["Total"] == 1
    again = users("add", "reader", "--policy", "AliyunVODReadOnlyAccess")
    assert (again.returncode != 0, "UserExists" in again.stderr) == (True, True)
    assert users("add-role", "watcher", "--policy", "AliyunVODPlayAuth").stdout == (
        f"acs:ram::{tea.stack.info['account_id']}:role/watcher\n"
    )
    # Keys and play URLs of before are good after it.
    assert users("rotate-master-key").returncode == 0
    assert tea.call("ListAppInfo", credentials=keys)["Total"] == 1
    users("deactivate", keys["access_key_id"])
