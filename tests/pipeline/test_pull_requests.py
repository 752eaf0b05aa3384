"""Asking for pulls, asking how they are, cancelling them."""

import json

import pytest

from chalicelib import ingest
from chalicelib.ingest import NewUpload, WantedPull
from chalicelib.processing.built_in_groups import DEFAULT_TRANSCODE_GROUP_ID
from chalicelib.store import database
from tests.pipeline.library import APP
from tests.pipeline.pulling import payloads, submit


def test_urls_are_found_and_cancelled_while_nobody_has_begun(account_id: str) -> None:
    url = "http://example.com/a.mp4"
    first, second = submit(account_id, url, "http://example.com/b.mp4")
    (again,) = submit(account_id, url)
    found, missing = ingest.find_pulls(account_id, urls=[url, "http://example.com/c.mp4"])
    assert [one.job_id for one in found] == [again.job_id, first.job_id]
    assert missing == ["http://example.com/c.mp4"]
    assert ingest.cancel_pulls(account_id, job_ids=[second.job_id, "f" * 32]) == (
        [second.job_id],
        ["f" * 32],
    )
    assert ingest.cancel_pulls(account_id, job_ids=[second.job_id]) == ([], [])
    assert ingest.run_pull(second.job_id) is False
    assert ingest.find_pulls("another account", job_ids=[first.job_id]) == ([], [first.job_id])
    assert payloads(account_id) == []


def test_a_session_id_stands_for_one_request(account_id: str) -> None:
    submit(account_id, "http://example.com/a.mp4", session_id="s1")
    with pytest.raises(ingest.SessionIdUsed):
        submit(account_id, "http://example.com/b.mp4", session_id="s1")
    assert ingest.find_pulls(account_id, urls=["http://example.com/b.mp4"])[0] == []
    submit(f"{account_id}0", "http://example.com/a.mp4", session_id="s1")
    database.run(
        lambda tx: database.change(
            tx, "UPDATE url_pull_session SET created_at = created_at - interval '11 minutes'"
        )
    )
    submit(account_id, "http://example.com/b.mp4", session_id="s1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/a.mp4",
        "http://example.com/a",
        "http://example.com/a.exe",
        "http:///a.mp4",
        "http://[/a.mp4",
        "file:///etc/a.mp4",
        "a.mp4",
    ],
)
def test_urls_that_cannot_be_sources_are_refused_at_once(account_id: str, url: str) -> None:
    with pytest.raises(ingest.UrlUnusable):
        submit(account_id, "http://example.com/fine.mp4", url)
    assert ingest.find_pulls(account_id, urls=["http://example.com/fine.mp4"])[0] == []


def test_an_extension_that_is_given_wins(account_id: str) -> None:
    upload = NewUpload(title="t", file_name="", template_group_id=DEFAULT_TRANSCODE_GROUP_ID)
    (pull,) = ingest.submit_pulls(
        account_id, APP, [WantedPull("http://example.com/get?id=1", upload, extension="FLV")]
    )
    record = json.loads(pull.media)
    assert (record["extension"], record["file_name"]) == ("flv", "get.flv")
