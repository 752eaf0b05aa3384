"""Further buckets: each credential reaches its own bucket, and IAM refuses everything else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.store import aws, bucket_access
from chalicelib.store.bucket_access import BucketNameInvalid, BucketReserved, client
from tests.store.conftest import deployed

Make = Callable[[str], str]


def refused(call: Callable[..., object], **values: object) -> bool:
    """Whether IAM, and not something else, is why the call fails."""
    with pytest.raises(ClientError) as failure:
        call(**values)
    return failure.value.response["Error"]["Code"] in ("AccessDenied", "403")


def test_a_credential_does_all_that_a_task_needs(
    as_worker: dict[str, str], make_bucket: Make
) -> None:
    bucket = make_bucket("films")
    files = client(bucket)
    files.put_object(Bucket=bucket, Key="in/a.mp4", Body=b"film")
    assert files.get_object(Bucket=bucket, Key="in/a.mp4")["Body"].read() == b"film"
    assert files.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] == "in/a.mp4"
    upload = files.create_multipart_upload(Bucket=bucket, Key="out/a.mp4")["UploadId"]
    files.abort_multipart_upload(Bucket=bucket, Key="out/a.mp4", UploadId=upload)
    files.delete_object(Bucket=bucket, Key="in/a.mp4")
    assert refused(files.delete_bucket, Bucket=bucket)
    assert refused(files.put_bucket_policy, Bucket=bucket, Policy="{}")


def test_a_credential_reaches_no_other_bucket(as_worker: dict[str, str], make_bucket: Make) -> None:
    own, other = make_bucket("films"), make_bucket("films")
    files = client(own)
    assert refused(files.put_object, Bucket=other, Key="a", Body=b"")
    assert refused(files.get_object, Bucket=other, Key="a")
    assert refused(files.list_objects_v2, Bucket=other)
    assert refused(files.get_object, Bucket=as_worker["MediaBucketName"], Key="a")


def test_the_role_reaches_only_what_the_operator_has_named(
    as_worker: dict[str, str], make_bucket: Make
) -> None:
    private = make_bucket("payroll")
    assert refused(client(private).list_objects_v2, Bucket=private)
    assert refused(client(private).put_object, Bucket=private, Key="a", Body=b"")


def test_without_a_session_policy_the_role_still_keeps_off_own_buckets(
    as_worker: dict[str, str], make_bucket: Make
) -> None:
    bucket = make_bucket("films")
    lent = aws.sts().assume_role(
        RoleArn=as_worker["ProcessingFilesRoleArn"], RoleSessionName="whole-role"
    )["Credentials"]
    whole = aws.s3_with(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"])
    whole.put_object(Bucket=bucket, Key="a", Body=b"")
    for own in ("MediaBucketName", "ArtifactsBucketName"):
        assert refused(whole.list_objects_v2, Bucket=as_worker[own])
        assert refused(whole.get_object, Bucket=as_worker[own], Key="a")


def test_a_worker_reaches_no_further_bucket_by_itself(
    as_worker: dict[str, str], make_bucket: Make
) -> None:
    bucket = make_bucket("films")
    assert refused(aws.s3().get_object, Bucket=bucket, Key="a")
    assert refused(aws.s3().put_object, Bucket=bucket, Key="a", Body=b"")


@pytest.mark.parametrize("role", ["DeliveriesRoleArn", "PullerRoleArn", "StorageEventsRoleArn"])
def test_no_other_function_may_cut_such_credentials(
    infrastructure: dict[str, str], role: str
) -> None:
    lent = boto3.client("sts").assume_role(RoleArn=infrastructure[role], RoleSessionName="other")[
        "Credentials"
    ]
    other = boto3.client(
        "sts",
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
    arn = infrastructure["ProcessingFilesRoleArn"]
    assert refused(other.assume_role, RoleArn=arn, RoleSessionName="other")


def test_many_threads_share_one_credential_until_it_is_due(
    as_worker: dict[str, str], make_bucket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = make_bucket("films")
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(client, [bucket] * 16))
    assert len(set(map(id, clients))) == 1
    # A credential that lives for less than a job takes is replaced before it is used.
    monkeypatch.setattr(bucket_access, "_SPARE_SECONDS", bucket_access._SESSION_SECONDS + 1)
    bucket_access.forget_clients()
    assert client(bucket) is not client(bucket)


def test_what_is_kept_is_bounded(
    as_worker: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_access, "_MOST_CLIENTS", 2)
    first = client("films-one")
    assert client("films-two") is not first
    assert client("films-one") is first
    client("films-three")
    assert client("films-one") is first
    client("films-two")  # had to go for the third, comes anew
    assert len(bucket_access._known) == 2


_NO_NAMES = (
    *("", "ab", "a" * 64, "Films", "films_1", "films\n", "films\0", "f\u00edlms", "\ufb01lms"),
    *("*", "films-*", "films?", "${aws:username}", "films/..", "films,other", "arn:aws:s3:::films"),
    *("-films", "films-", "a..b", "a.-b", "192.168.0.1", "xn--films", "films-s3alias"),
    'films","Action":"s3:*',
)


@pytest.mark.parametrize("name", _NO_NAMES)
def test_what_is_no_plain_name_never_becomes_part_of_a_policy(name: str) -> None:
    with pytest.raises(BucketNameInvalid):
        client(name)


def test_the_deployments_own_buckets_are_refused_before_iam_is_asked(
    as_worker: dict[str, str],
) -> None:
    for name in (as_worker["MediaBucketName"], "openvod-other-media-123456789012-us-east-1"):
        with pytest.raises(BucketReserved):
            client(name)


def test_until_the_operator_names_buckets_the_role_reaches_none(
    ministack_endpoint: str, make_bucket: Make
) -> None:
    nothing_open = deployed(file_buckets="")
    bucket = make_bucket("films")
    worker = boto3.client("sts").assume_role(
        RoleArn=nothing_open["MediaWorkerRoleArn"], RoleSessionName="worker"
    )["Credentials"]
    mine = {
        "aws_access_key_id": worker["AccessKeyId"],
        "aws_secret_access_key": worker["SecretAccessKey"],
        "aws_session_token": worker["SessionToken"],
    }
    lent = boto3.client("sts", **mine).assume_role(
        RoleArn=nothing_open["ProcessingFilesRoleArn"], RoleSessionName="films"
    )["Credentials"]
    files = aws.s3_with(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"])
    assert refused(files.list_objects_v2, Bucket=bucket)
    assert refused(files.put_object, Bucket=bucket, Key="a", Body=b"")
