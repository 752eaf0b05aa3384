"""Aurora DSQL's address and token, as far as they can be looked at without a cluster.

What needs AWS, whether the cluster takes the token, is not shown here. That a connection is renewed
before DSQL ends it is shown on PostgreSQL, whose address stands in for the cluster's.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest

from chalicelib.settings import settings
from chalicelib.store import database, dsql

_ENDPOINT = "abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.fixture
def fresh() -> Iterator[None]:
    settings.cache_clear()
    database.close()
    yield
    settings.cache_clear()
    database.close()


@pytest.mark.usefixtures("credentials")
def test_the_token_is_for_this_cluster_its_region_and_15_minutes() -> None:
    url = urlsplit(dsql.database_url(_ENDPOINT))
    assert (url.username, url.hostname, url.path) == ("admin", _ENDPOINT, "/postgres")
    token = urlsplit("https://" + unquote(url.password or ""))
    assert token.hostname == _ENDPOINT
    query = parse_qs(token.query)
    assert query["Action"] == ["DbConnectAdmin"]
    assert query["X-Amz-Expires"] == ["900"]
    assert "/eu-west-1/dsql/aws4_request" in query["X-Amz-Credential"][0]


@pytest.mark.usefixtures("credentials")
def test_libpq_reads_the_token_back_whole_and_checks_the_certificate() -> None:
    url = dsql.database_url(_ENDPOINT)
    read = psycopg.conninfo.conninfo_to_dict(url)
    assert str(read["password"]).startswith(f"{_ENDPOINT}/?Action=DbConnectAdmin&")
    assert read["sslmode"] == "verify-full"
    assert str(read["sslrootcert"]).endswith(".pem")


@pytest.mark.usefixtures("fresh")
def test_a_connection_is_renewed_before_dsql_ends_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_DATABASE_URL", "")
    monkeypatch.setenv("OPENVOD_DSQL_ENDPOINT", _ENDPOINT)
    asked: list[str] = []

    def address(endpoint: str) -> str:
        asked.append(endpoint)
        return database_url

    monkeypatch.setattr(dsql, "database_url", address)

    def session() -> int:
        row = database.run(lambda tx: database.one(tx, "SELECT pg_backend_pid() AS pid"))
        assert row is not None
        return int(row["pid"])

    first = session()
    assert session() == first
    monkeypatch.setattr(dsql, "CONNECTION_SECONDS", 0)
    assert session() != first
    assert asked == [_ENDPOINT, _ENDPOINT]


@pytest.mark.usefixtures("fresh")
def test_a_given_url_wins_over_a_cluster(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENVOD_DSQL_ENDPOINT", "no.such.cluster")
    row = database.run(lambda tx: database.one(tx, "SELECT 1 AS one"))
    assert row == {"one": 1}
