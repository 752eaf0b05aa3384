"""The adapter between HTTP and the Chalice app, behind the real server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.stack import gateway_app

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A small app on the server that the stack uses, in a process as there."""
    with gateway_app.running() as port:
        yield f"http://{HOST}:{port}"


def test_a_query_arrives_with_every_value_decoded_once(url: str) -> None:
    answer = requests.get(f"{url}/echo?a=1&a=2&empty=&plus=x+y&escaped=%2B%25%E4%B8%AD", timeout=5)
    assert answer.json()["query"] == {
        "a": ["1", "2"],
        "empty": [""],
        "plus": ["x y"],
        "escaped": ["+%\u4e2d"],
    }


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"name": "\xe4\xb8\xad"}'),
        ("application/x-www-form-urlencoded", b"a=1&b=%20"),
        ("application/x-www-form-urlencoded", b"\xff\xfe not UTF-8"),
        ("application/octet-stream", bytes(range(256))),
        ("video/mp2t", b"\x00G\x80" * 1000),
        ("", b"no type at all"),
    ],
)
def test_every_byte_of_a_body_arrives(url: str, content_type: str, body: bytes) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = requests.post(f"{url}/echo", data=body, headers=headers, timeout=5)
    assert bytes.fromhex(answer.json()["body"]) == body


def test_a_body_in_chunks_arrives_whole(url: str) -> None:
    answer = requests.post(f"{url}/echo", data=iter([b"first ", b"second"]), timeout=5)
    assert bytes.fromhex(answer.json()["body"]) == b"first second"


def test_the_path_comes_decoded_as_parameter_and_raw_for_signatures(url: str) -> None:
    told = requests.get(f"{url}/files/a%20b/%E4%B8%AD.mp4", timeout=5).json()
    assert told["parameters"] == {"folder": "a b", "name": "\u4e2d.mp4"}
    assert told["raw_path"] == "/files/a%20b/%E4%B8%AD.mp4"


def test_the_client_is_known_and_cannot_pretend_to_be_another(url: str) -> None:
    told = requests.get(f"{url}/echo", headers={"X-Forwarded-For": "8.8.8.8"}, timeout=5).json()
    assert told["source_ip"] == HOST
    assert told["forwarded_for"] == HOST


def test_what_the_app_does_not_declare_is_refused_as_on_api_gateway(url: str) -> None:
    for method, path in (("GET", "/nowhere"), ("DELETE", "/echo"), ("OPTIONS", "/files/a/b")):
        answer = requests.request(method, url + path, timeout=5)
        assert answer.status_code == 403
        assert answer.json() == {"message": "Missing Authentication Token"}


def test_a_cors_preflight_is_answered_for_routes_that_allow_it(url: str) -> None:
    answer = requests.options(
        f"{url}/echo",
        headers={"Origin": "http://player.example", "Access-Control-Request-Method": "POST"},
        timeout=5,
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    methods = set(answer.headers["Access-Control-Allow-Methods"].split(","))
    assert methods == {"GET", "POST", "OPTIONS"}


def test_head_has_the_headers_of_the_answer_and_no_body(url: str) -> None:
    answer = requests.head(f"{url}/files/a/b", timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_binary_answers_and_repeated_headers_come_through(url: str) -> None:
    answer = requests.get(f"{url}/binary", headers={"Accept": "image/png"}, timeout=5)
    assert answer.content == bytes(range(256))
    # requests joins repeated headers
    assert answer.headers["X-Several"] == "one, two"


def test_an_exception_in_the_app_is_a_500_and_tells_nothing(url: str) -> None:
    answer = requests.get(f"{url}/broken", timeout=5)
    assert answer.status_code == 500
    assert "the reason" not in answer.text


def test_a_body_over_the_limit_of_api_gateway_is_refused(url: str) -> None:
    answer = requests.post(f"{url}/echo", data=b"x" * (10 * 1024 * 1024 + 1), timeout=30)
    assert answer.status_code == 413


def test_requests_at_the_same_time_do_not_see_each_other(url: str) -> None:
    # The app lets eight requests in before it answers the first.
    with ThreadPoolExecutor(8) as clients:
        told = list(
            clients.map(
                lambda n: requests.get(f"{url}/meet?who={n}", timeout=20).json()["who"], range(8)
            )
        )
    assert told == [str(n) for n in range(8)]


def test_a_server_that_is_asked_to_stop_answers_what_is_under_way_and_lets_nobody_in() -> None:
    with gateway_app.running() as port:
        # The app has the server asked to stop, and answers a second later.
        answer = requests.get(f"http://{HOST}:{port}/stop", timeout=20)
        assert answer.json() == {"stopped": "not yet"}
        with pytest.raises(requests.ConnectionError):
            while True:
                requests.get(f"http://{HOST}:{port}/echo", timeout=5)
