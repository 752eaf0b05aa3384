"""Whose buckets tasks on files may touch: one account's at a time, and only what is open to it."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import boto3
import pytest

from chalicelib.processing import file_buckets
from chalicelib.processing.errors import (
    AgencyExists,
    AgencyMissing,
    BucketDenied,
    BucketNotAuthorised,
    BucketUnusable,
    CoveredByAgency,
)
from chalicelib.processing.file_buckets import (
    authorise,
    cancel_agency,
    create_agency,
    list_buckets,
    list_objects,
    revoke,
)
from chalicelib.store import bucket_access, database

Make = Callable[..., str]


@pytest.fixture
def make_bucket(deployment: dict[str, str]) -> Iterator[Make]:
    """Makes a bucket as its owner does; all are gone after the test."""
    s3 = boto3.client("s3")
    made = []

    def make(prefix: str = "films", **settings: Any) -> str:
        name = f"{prefix}-{secrets.token_hex(4)}"
        s3.create_bucket(Bucket=name, **settings)
        made.append(name)
        return name

    yield make
    for name in made:
        for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=item["Key"])
        s3.delete_bucket(Bucket=name)


@pytest.fixture
def other_id() -> str:
    """Another account of the same deployment."""
    return str(10**15 + secrets.randbelow(10**15))


def may_use(account_id: str, bucket: str) -> bool:
    """Whether a task of the account would be let at the bucket."""
    try:
        database.run(partial(file_buckets.require_authorised, account_id=account_id, bucket=bucket))
    except BucketNotAuthorised as error:
        assert error.bucket == bucket
        return False
    return True


def listed(account_id: str) -> dict[str, bool]:
    return {one.name: one.authorised for one in list_buckets(account_id)}


def test_a_bucket_is_the_first_accounts_until_it_is_withdrawn(
    make_bucket: Make, account_id: str, other_id: str
) -> None:
    bucket = make_bucket()
    assert not may_use(account_id, bucket)
    authorise(account_id, bucket)
    authorise(account_id, bucket)  # a second time changes nothing
    assert may_use(account_id, bucket)
    assert listed(account_id)[bucket]

    assert not may_use(other_id, bucket)
    assert bucket not in listed(other_id)
    with pytest.raises(BucketDenied, match="by another account"):
        authorise(other_id, bucket)
    revoke(other_id, bucket)  # is not its own to withdraw
    assert may_use(account_id, bucket)

    revoke(account_id, bucket)
    revoke(account_id, bucket)
    assert not may_use(account_id, bucket)
    assert listed(account_id)[bucket] is False
    authorise(other_id, bucket)
    assert may_use(other_id, bucket)


def test_of_many_accounts_at_once_one_gets_the_bucket(make_bucket: Make) -> None:
    bucket = make_bucket()
    accounts = [f"racer-{number}-{bucket}" for number in range(6)]

    def race(account: str) -> bool:
        try:
            authorise(account, bucket)
        except BucketDenied:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(len(accounts)) as pool:
        won = list(pool.map(race, accounts))
    assert won.count(True) == 1
    assert [may_use(account, bucket) for account in accounts] == won


def test_what_cannot_be_worked_with_is_not_authorised(make_bucket: Make, account_id: str) -> None:
    with pytest.raises(BucketUnusable, match="there is no bucket films-gone"):
        authorise(account_id, "films-gone")
    encrypted = make_bucket("secret")
    boto3.client("s3").put_bucket_encryption(
        Bucket=encrypted,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    with pytest.raises(BucketUnusable, match="encrypted with KMS"):
        authorise(account_id, encrypted)
    distant = make_bucket("distant", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(BucketUnusable, match="in the region eu-west-1"):
        authorise(account_id, distant)
    for bucket in (encrypted, distant, "films-gone"):
        assert not may_use(account_id, bucket)


@pytest.mark.parametrize("name", ["", "*", "Films", "../films", "films/a", "a" * 64, "films\n"])
def test_no_names_are_refused(deployment: dict[str, str], account_id: str, name: str) -> None:
    for change in (authorise, revoke):
        with pytest.raises(BucketUnusable):
            change(account_id, name)
    assert not may_use(account_id, name)


def test_the_deployments_own_buckets_are_nobodys(
    deployment: dict[str, str], account_id: str
) -> None:
    own = {deployment["MediaBucketName"], deployment["ArtifactsBucketName"]}
    create_agency(account_id)
    for bucket in own:
        with pytest.raises(BucketDenied, match="belongs to OpenVOD itself"):
            authorise(account_id, bucket)
        assert not may_use(account_id, bucket)
    assert own.isdisjoint(listed(account_id))
    cancel_agency(account_id)


def test_what_the_operator_has_not_opened_is_not_even_shown(
    make_bucket: Make, account_id: str, setting: Callable[..., None]
) -> None:
    films, payroll = make_bucket("films"), make_bucket("payroll")
    authorise(account_id, payroll)
    setting(file_buckets="trailers, films-*")
    assert (films in listed(account_id), payroll in listed(account_id)) == (True, False)
    with pytest.raises(BucketDenied, match="has not opened"):
        authorise(account_id, payroll)
    assert not may_use(account_id, payroll)  # also where it was opened once
    revoke(account_id, payroll)
    setting(file_buckets="")
    assert listed(account_id) == {}


def test_a_bucket_whose_own_policy_refuses_us_is_told_at_once(
    make_bucket: Make, account_id: str
) -> None:
    bucket = make_bucket()
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",'
        f' "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::{bucket}"}}]}}'
    )
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    with pytest.raises(BucketDenied, match="AWS denies OpenVOD access"):
        authorise(account_id, bucket)
    assert not may_use(account_id, bucket)


def test_a_deployment_without_the_role_for_files_says_so(
    make_bucket: Make, account_id: str, setting: Callable[..., None]
) -> None:
    bucket = make_bucket()
    bucket_access.forget_clients()
    setting(files_role_arn="")
    with pytest.raises(BucketDenied, match="not set up for tasks on files"):
        authorise(account_id, bucket)


def test_an_agency_gives_what_nobody_else_has(
    make_bucket: Make, account_id: str, other_id: str
) -> None:
    named, used, taken, free = (make_bucket() for _ in range(4))
    authorise(account_id, named)
    authorise(other_id, taken)
    create_agency(account_id)
    with pytest.raises(AgencyExists):
        create_agency(account_id)
    assert file_buckets.has_agency(account_id)
    assert may_use(account_id, used)
    assert not may_use(account_id, taken)
    shown = listed(account_id)
    assert (shown[named], shown[used], shown[free], taken in shown) == (True, True, True, False)
    # One agency does not reach into what another account, by agency too, works with already.
    create_agency(other_id)
    assert not may_use(other_id, used)
    assert may_use(other_id, free)
    assert not may_use(account_id, free)
    for bucket in (named, used):
        with pytest.raises(CoveredByAgency):
            revoke(account_id, bucket)

    cancel_agency(account_id)
    with pytest.raises(AgencyMissing):
        cancel_agency(account_id)
    assert not file_buckets.has_agency(account_id)
    assert (may_use(account_id, named), may_use(account_id, used)) == (True, False)
    assert may_use(other_id, used)
    cancel_agency(other_id)


def test_an_agency_that_ended_leaves_no_right_behind(
    make_bucket: Make, account_id: str, other_id: str
) -> None:
    bucket = make_bucket()
    create_agency(account_id)
    assert may_use(account_id, bucket)
    # As if the process had died between the two steps of cancelling.
    database.run(
        lambda tx: database.change(
            tx, "DELETE FROM file_agency WHERE account_id = %(one)s", one=account_id
        )
    )
    assert not may_use(account_id, bucket)
    authorise(other_id, bucket)
    with pytest.raises(AgencyMissing):
        cancel_agency(account_id)
    assert may_use(other_id, bucket)


def test_naming_a_bucket_outlasts_the_agency_that_it_was_used_by(
    make_bucket: Make, account_id: str
) -> None:
    bucket = make_bucket()
    create_agency(account_id)
    assert may_use(account_id, bucket)
    authorise(account_id, bucket)
    cancel_agency(account_id)
    assert may_use(account_id, bucket)


def test_objects_are_listed_by_prefix_and_extension(
    make_bucket: Make, account_id: str, other_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = make_bucket()
    s3 = boto3.client("s3")
    for key in ("in/a.mp4", "in/b.MP4", "in/c.jpg", "in/ä b.mov", "out/a.mp4"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    with pytest.raises(BucketNotAuthorised):
        list_objects(account_id, bucket)
    authorise(account_id, bucket)
    with pytest.raises(BucketNotAuthorised):
        list_objects(other_id, bucket)

    def keys(**wanted: Any) -> list[str]:
        return [one.key for one in list_objects(account_id, bucket, **wanted)]

    assert keys() == ["in/a.mp4", "in/b.MP4", "in/c.jpg", "in/ä b.mov", "out/a.mp4"]
    assert keys(prefix="in/", extensions=["mp4"]) == ["in/a.mp4", "in/b.MP4"]
    assert keys(extensions=[".mov", "jpg"]) == ["in/c.jpg", "in/ä b.mov"]
    assert keys(prefix="nothing/") == []
    (found,) = list_objects(account_id, bucket, "out/")
    assert found.size == len("out/a.mp4")
    monkeypatch.setattr(file_buckets, "_MOST_LISTED", 2)
    assert keys() == ["in/a.mp4", "in/b.MP4"]
    monkeypatch.setattr(file_buckets, "_MOST_SEEN", 3)
    assert keys(extensions=["mov"]) == []


def test_a_bucket_that_was_deleted_meanwhile_is_told(
    deployment: dict[str, str], account_id: str
) -> None:
    s3 = boto3.client("s3")
    bucket = f"films-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    authorise(account_id, bucket)
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(BucketUnusable, match="there is no bucket"):
        list_objects(account_id, bucket)
    assert bucket not in listed(account_id)
