"""Sources of pulls that lead elsewhere, lie, or do not end: nothing is read that may not be."""

import logging
from typing import Any

import pytest

from chalicelib.outbound import target_guard
from chalicelib.store.pulls import PullState
from tests import sources
from tests.pipeline.pulling import pulled
from tests.sources import SourceServer, serving_sources

_MIB = 1024 * 1024


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/iam.mp4",
        "http://[fd00:ec2::254]/x.mp4",
        "http://10.1.2.3/x.mp4",
        "http://[::1]/x.mp4",
        "http://[::ffff:127.0.0.1]/x.mp4",
        "file:///etc/passwd",
        "ftp://example.com/x.mp4",
        "http://user@example.com/x.mp4",
        "//169.254.169.254/x.mp4",
        "http://[/",
        "",
    ],
)
def test_redirects_lead_only_where_the_url_itself_may(
    account_id: str, server: SourceServer, location: str
) -> None:
    server.answers["/away.mp4"] = sources.redirect(location)
    ended = pulled(account_id, server.url("/away.mp4"))
    assert (ended.state, ended.error_code) == (PullState.DOWNLOAD_FAILED, "UrlInvalid")
    assert ended.attempts == 1


def test_redirects_are_followed_a_few_times(account_id: str, server: SourceServer) -> None:
    for number in range(5):
        server.answers[f"/r{number}.mp4"] = sources.redirect(f"/r{number + 1}.mp4")
    server.answers["/r5.mp4"] = sources.file(b"x" * 100)
    assert pulled(account_id, server.url("/r0.mp4")).state is PullState.SUCCEEDED
    server.answers["/r5.mp4"] = sources.redirect("/r6.mp4")
    ended = pulled(account_id, server.url("/r0.mp4"))
    assert ended.error_message == "there are more than 5 redirects"


def test_a_name_that_changes_its_address_between_look_ups_gains_nothing(
    account_id: str, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up is checked and used; there is no second one to lie in."""
    real = target_guard.socket.getaddrinfo
    answers = iter(["127.0.0.1", "169.254.169.254"])
    asked: list[str] = []

    # A stand-in, because no resolver of this machine can be made to lie about a name at will.
    def lying(host: str, *arguments: Any, **options: Any) -> Any:
        if host != "rebinding.example.test":
            return real(host, *arguments, **options)
        asked.append(host)
        return real(next(answers), *arguments, **options)

    monkeypatch.setattr(target_guard.socket, "getaddrinfo", lying)
    server.answers["/rebind.mp4"] = sources.file(b"x" * 100)
    url = server.url("/rebind.mp4", host="rebinding.example.test")
    assert pulled(account_id, url).state is PullState.SUCCEEDED
    assert asked == ["rebinding.example.test"]
    ended = pulled(account_id, url)
    assert "not a public address" in ended.error_message


def test_private_sources_are_refused_unless_they_are_allowed(
    account_id: str, server: SourceServer, setting: Any
) -> None:
    server.answers["/own.mp4"] = sources.file(b"x")
    setting(pull_private_sources="10.0.0.0/8")
    ended = pulled(account_id, server.url("/own.mp4"))
    assert "not a public address" in ended.error_message
    assert server.ranges("/own.mp4") == []


def test_passwords_go_to_their_own_host_and_into_no_log(
    account_id: str, server: SourceServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving_sources() as other:
        other.answers["/there.mp4"] = sources.file(b"x" * 100)
        server.answers["/here.mp4"] = sources.redirect(other.url("/there.mp4"))
        url = server.url("/here.mp4?sig=hush").replace("127.0.0.1", "joe:hidden@127.0.0.1")
        pull = pulled(account_id, url)
        assert pull.state is PullState.SUCCEEDED
        assert server.asked[-1].headers["authorization"] == "Basic am9lOmhpZGRlbg=="
        assert "authorization" not in other.asked[-1].headers
    server.answers["/here.mp4"] = sources.status(403)
    assert pulled(account_id, url).error_message == "the server answers 403"
    assert "hidden" not in caplog.text
    assert "hush" not in caplog.text
    assert "hidden" not in repr(pull)


@pytest.mark.parametrize(
    "uri",
    ["http://169.254.169.254/a.ts", "file:///etc/passwd", "http://10.0.0.1/x.m3u8", "loop.m3u8"],
)
def test_what_a_playlist_names_is_held_to_the_same_rules(
    account_id: str, server: SourceServer, uri: str
) -> None:
    body = f"#EXTM3U\n#EXTINF:4,\n{uri}\n#EXT-X-ENDLIST\n".encode()
    server.answers["/loop.m3u8"] = sources.file(body)
    ended = pulled(account_id, server.url("/loop.m3u8"))
    assert (ended.state, ended.error_code) == (PullState.DOWNLOAD_FAILED, "UrlInvalid")


def test_a_source_that_drips_is_hung_up_on(
    account_id: str, server: SourceServer, setting: Any
) -> None:
    setting(pull_stall_seconds=1, pull_max_attempts=1)
    server.answers["/drip.mp4"] = sources.dripping(server)
    ended = pulled(account_id, server.url("/drip.mp4"))
    assert (ended.state, ended.error_message) == (
        PullState.DOWNLOAD_FAILED,
        "no data came in time",
    )


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/known.mp4", sources.file(b"x" * 2_000_000)),
        ("/unknown.mp4", sources.chunked(b"x" * 2_000_000)),
        ("/bomb.mp4", sources.bomb(64 * _MIB)),
    ],
)
def test_a_source_that_is_too_large_is_given_up(
    account_id: str, server: SourceServer, setting: Any, path: str, answer: sources.Answer
) -> None:
    setting(pull_max_bytes=1_000_000)
    server.answers[path] = answer
    ended = pulled(account_id, server.url(path))
    assert (ended.state, ended.error_code) == (PullState.DOWNLOAD_FAILED, "SourceTooLarge")
    assert ended.multipart_id == ""
