"""The protocol without an SDK: signed by hand, answered in XML unless JSON is asked for."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from tests.sdk.conftest import Library
from tests.sdk.customer import Customer
from tests.sdk.signing import common, send, signed
from tests.stack_fixture import Stack

METHODS = ("GET", "POST")


class App:
    """An app that signs its requests itself."""

    def __init__(self, stack: Stack) -> None:
        self.key = stack.credentials
        self.url = str(stack.info["api_url"])

    def parameters(self, action: str, **more: str) -> dict[str, str]:
        return common(self.key["access_key_id"], action, **more)

    def ask(self, method: str, parameters: dict[str, str]) -> tuple[int, ET.Element]:
        """Status and body of the answer, which has to be XML."""
        answer = send(self.url, method, signed(method, parameters, self.key["access_key_secret"]))
        assert answer.headers["Content-Type"].split(";")[0] == "application/xml"
        return answer.status_code, ET.fromstring(answer.content)

    def refusal(self, method: str, parameters: dict[str, str]) -> tuple[int, str]:
        status, body = self.ask(method, parameters)
        return status, error_code(body)


def error_code(body: ET.Element) -> str:
    """The code of an error, which must be complete."""
    assert body.tag == "Error"
    assert [child.tag for child in body] == ["RequestId", "HostId", "Code", "Message"]
    assert all(child.text for child in body)
    return body.findtext("Code", "")


@pytest.fixture
def app(stack: Stack) -> App:
    return App(stack)


@pytest.mark.parametrize("method", METHODS)
def test_xml_is_the_default(app: App, library: Library, method: str) -> None:
    status, body = app.ask(method, app.parameters("GetPlayInfo", VideoId=library.film))
    assert (status, body.tag) == (200, "GetPlayInfoResponse")
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", body.findtext("RequestId"))
    assert body.findtext("VideoBase/Title") == "A film"
    formats = [item.findtext("Format") for item in body.findall("PlayInfoList/PlayInfo")]
    assert sorted(formats) == ["m3u8", "mp4"]
    assert all("auth_key=" in item.text for item in body.findall("PlayInfoList/PlayInfo/PlayURL"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spelling", ["JSON", "json"])
def test_json_if_asked_for(app: App, library: Library, method: str, spelling: str) -> None:
    asked = app.parameters("GetVideoInfo", VideoId=library.film, Format=spelling)
    answer = send(app.url, method, signed(method, asked, app.key["access_key_secret"]))
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert answer.json()["Video"]["Title"] == "A film"


@pytest.mark.parametrize("method", METHODS)
def test_every_character_survives(app: App, method: str) -> None:
    title = "标题 +*~'()!&=%2F<>\"/?#[]@:;,$|^`{}\\"
    asked = app.parameters("CreateUploadVideo", Title=title, FileName="我的 视频 😀+&.mp4")
    status, body = app.ask(method, asked)
    assert status == 200
    _, found = app.ask(method, app.parameters("GetVideoInfo", VideoId=body.findtext("VideoId")))
    assert found.findtext("Video/Title") == title


@pytest.mark.parametrize("method", METHODS)
def test_a_changed_request_is_refused(app: App, library: Library, method: str) -> None:
    asked = signed(
        method,
        app.parameters("GetVideoInfo", VideoId=library.film),
        app.key["access_key_secret"],
    )
    answer = send(app.url, method, {**asked, "VideoId": library.pending})
    assert (answer.status_code, error_code(ET.fromstring(answer.content))) == (
        400,
        "SignatureDoesNotMatch",
    )


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_stale_or_early_timestamp_is_refused(app: App, library: Library, minutes: int) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    asked = app.parameters("GetVideoInfo", VideoId=library.film)
    asked["Timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert app.refusal("GET", asked) == (400, "InvalidTimeStamp.Expired")


def test_a_timestamp_of_another_form_is_refused(app: App, library: Library) -> None:
    asked = app.parameters("GetVideoInfo", VideoId=library.film)
    asked["Timestamp"] = "yesterday"
    assert app.refusal("GET", asked) == (400, "InvalidTimeStamp.Format")


@pytest.mark.parametrize("method", METHODS)
def test_a_repeated_request_is_refused(app: App, library: Library, method: str) -> None:
    asked = app.parameters("GetVideoInfo", VideoId=library.film)
    assert app.ask(method, asked)[0] == 200
    assert app.refusal(method, asked) == (400, "SignatureNonceUsed")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Action": "GetVideoInformation"}, 400, "UnsupportedOperation"),
        ({"Version": "2017-03-22"}, 400, "InvalidVersion"),
        ({"Version": "2015-04-01"}, 400, "UnsupportedOperation"),
        ({"AccessKeyId": "LTAInobodyhasthiskey"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"SignatureNonce": ""}, 400, "MissingParameter"),
        ({"VideoId": ""}, 400, "MissingParameter"),
        ({"VideoId": "0" * 32}, 404, "InvalidVideo.NotFound"),
        ({"Format": "YAML"}, 400, "InvalidParameter"),
        ({"SignatureMethod": "HMAC-MD5"}, 400, "InvalidParameter"),
    ],
)
def test_what_is_refused(
    app: App, library: Library, changes: dict[str, str], status: int, code: str
) -> None:
    asked = app.parameters("GetVideoInfo", VideoId=library.film)
    assert app.refusal("GET", {**asked, **changes}) == (status, code)


def test_an_unsigned_request_is_refused(app: App, library: Library) -> None:
    answer = send(app.url, "GET", {"Action": "GetVideoInfo", "Version": "2017-03-21"})
    assert (answer.status_code, error_code(ET.fromstring(answer.content))) == (
        400,
        "MissingParameter",
    )


def test_the_older_sdk_may_use_get(legacy: Customer, library: Library) -> None:
    found = legacy.call("GetVideoInfo", method="GET", VideoId=library.film)
    assert found["Video"]["Title"] == "A film"
