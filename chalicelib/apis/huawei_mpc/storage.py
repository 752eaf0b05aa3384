"""Buckets: listing and authorising them, agencies, and the objects inside (MPC API manual 13.4 to
13.8)."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest import projects
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.identity.accounts import ADMIN_USER
from chalicelib.identity.caller import Caller
from chalicelib.processing import file_buckets

BucketName = Annotated[str, Field(min_length=1, max_length=255)]


class ObsBucket(RestResult):
    """A bucket; ``creation_date`` is UTC, ``is_authorized`` 1 or 0."""

    bucket: str
    creation_date: str
    is_authorized: int


class ListBucketsResult(RestResult):
    """The buckets that the account has or may have."""

    buckets: tuple[ObsBucket, ...]


class ListBuckets(RestOperation):
    """List buckets with their authorisation (manual 13.4).

    They are those of the AWS account and region that OpenVOD runs in that its operator has opened,
    without the ones that another account has.
    """

    def perform(self, caller: Caller) -> ListBucketsResult:
        found = file_buckets.list_buckets(caller.account_id)
        return ListBucketsResult(
            buckets=tuple(
                ObsBucket(
                    bucket=one.name,
                    creation_date=_moment(one.created_at),
                    is_authorized=int(one.authorised),
                )
                for one in found
            )
        )


class SetBucketAuthority(RestOperation):
    """Authorise a bucket (``operation`` 1) or withdraw it (0) (manual 13.5).

    Authorising looks whether the bucket can be worked with, and tells what stands in the way.
    """

    bucket: BucketName
    operation: Annotated[str, OneOf("0", "1")]

    def perform(self, caller: Caller) -> None:
        change = file_buckets.authorise if self.operation == "1" else file_buckets.revoke
        change(caller.account_id, self.bucket)


class ObsObject(RestResult):
    """An object: its key, its size in bytes, and when it was last written, UTC."""

    file_name: str
    size: int
    last_modified: str


class ListBucketObjectsResult(RestResult):
    """The objects, by key."""

    objects: tuple[ObsObject, ...]


class ListBucketObjects(RestOperation):
    """List a bucket's objects (manual 13.6): the first 1,000 by key among 10,000 looked at.

    ``type``, of which the manual prints no values, is an extension, or several with commas between
    them: "mp4", "mp4,mov".
    """

    bucket: BucketName
    prefix: Annotated[str, Field(max_length=1024)] = ""
    type: Annotated[str, Field(max_length=255)] = ""

    def perform(self, caller: Caller) -> ListBucketObjectsResult:
        extensions = [part.strip() for part in self.type.split(",") if part.strip()]
        found = file_buckets.list_objects(caller.account_id, self.bucket, self.prefix, extensions)
        return ListBucketObjectsResult(
            objects=tuple(
                ObsObject(file_name=one.key, size=one.size, last_modified=_moment(one.modified_at))
                for one in found
            )
        )


class SetAgency(RestOperation):
    """Let all buckets that no other account has be used, or end that (manual 13.7).

    "Sub-accounts do not support agency authorisation": only the account's first user, its
    administrator, may.
    """

    project_id: str | None = None
    operate_type: Annotated[str, OneOf("CREATED", "CANCELED")]

    def perform(self, caller: Caller) -> None:
        if self.project_id not in (None, "", projects.project_id(caller.account_id)):
            raise failure("MPC.10208")
        if caller.principal != f"user/{ADMIN_USER}":
            raise failure("MPC.10229", "sub-accounts do not support agency authorisation")
        if self.operate_type == "CREATED":
            file_buckets.create_agency(caller.account_id)
        else:
            file_buckets.cancel_agency(caller.account_id)


class GetAgencyResult(RestResult):
    """CREATED or CANCELED; the latter also where there never was an agency."""

    operate_type: str


class GetAgency(RestOperation):
    """Whether there is an agency (manual 13.8)."""

    def perform(self, caller: Caller) -> GetAgencyResult:
        created = file_buckets.has_agency(caller.account_id)
        return GetAgencyResult(operate_type="CREATED" if created else "CANCELED")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
