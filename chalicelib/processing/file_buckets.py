"""Which buckets an account lets be read and written: authorised one by one, or by an agency.

They are buckets of the AWS account that OpenVOD runs in, as far as its operator has opened them
(``OPENVOD_FILE_BUCKETS``). Two accounts never have the same one: it belongs to the first that
authorises it, until that withdraws it. An account with an agency need not name any: what it uses
first and nobody else has becomes its own as long as the agency lasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.identity.patterns import matches
from chalicelib.processing.errors import BucketNotAuthorised
from chalicelib.settings import settings
from chalicelib.store import bucket_access, file_buckets, foreign_buckets
from chalicelib.store.bucket_access import BucketNameInvalid, BucketReserved
from chalicelib.store.database import Transaction, run
from chalicelib.store.file_buckets import BucketHold
from chalicelib.store.objects import StoredObject

# What is looked through for one list, and what is given back of it.
_MOST_SEEN = 10_000
_MOST_LISTED = 1_000
_BATCH = 500


class BucketUnusable(Exception):
    """The bucket cannot be authorised; the message, for its owner, says why."""


class BucketDenied(Exception):
    """The bucket is not this account's to authorise; the message, for the account, says why."""


class AgencyExists(Exception):
    """The account has an agency already."""


class AgencyMissing(Exception):
    """The account has no agency."""


class CoveredByAgency(Exception):
    """A single bucket cannot be withdrawn while the agency gives all of them."""


@dataclass(frozen=True)
class FileBucket:
    """A bucket that an account may have, and whether it has it."""

    name: str
    created_at: datetime
    authorised: bool


def require_authorised(tx: Transaction, account_id: str, bucket: str) -> None:
    """Let nobody but the account that has the bucket go on. Raises BucketNotAuthorised."""
    if not _is_open(bucket):
        raise BucketNotAuthorised(bucket)
    hold = file_buckets.hold_of(tx, bucket)
    if hold is None and file_buckets.has_agency(tx, account_id):
        hold = BucketHold(bucket=bucket, account_id=account_id, by_agency=True)
        file_buckets.put_hold(tx, hold)
    if hold is None or hold.account_id != account_id:
        raise BucketNotAuthorised(bucket)


def authorise(account_id: str, bucket: str) -> None:
    """Let the account's tasks read and write the bucket; one that it has already stays so.

    Raises BucketUnusable for one that is not there or cannot be worked with, BucketDenied for one
    that another account has or that OpenVOD is not let into, StorageUnavailable.
    """
    _require_open(bucket)

    def look(tx: Transaction) -> BucketHold | None:
        return file_buckets.hold_of(tx, bucket)

    def write(tx: Transaction) -> None:
        hold = file_buckets.hold_of(tx, bucket)
        _require_free(hold, account_id)
        if hold is None or hold.by_agency:
            mine = BucketHold(bucket=bucket, account_id=account_id, by_agency=False)
            file_buckets.put_hold(tx, mine)

    # First of all, so that whoever asks for another account's bucket does not learn more of it.
    _require_free(run(look), account_id)
    _require_usable(bucket)
    run(write)


def revoke(account_id: str, bucket: str) -> None:
    """Withdraw the bucket: no more work is begun on it. No harm if the account did not have it.

    Raises BucketUnusable and BucketDenied for what can be nobody's, CoveredByAgency.
    """
    _require_foreign(bucket)

    def write(tx: Transaction) -> None:
        if file_buckets.has_agency(tx, account_id):
            raise CoveredByAgency("the agency gives all buckets; cancel the agency first")
        file_buckets.delete_hold(tx, account_id, bucket)

    run(write)


def list_buckets(account_id: str) -> list[FileBucket]:
    """The buckets that the account has or may have, by name: no other account's, none of our own.

    Raises StorageUnavailable.
    """
    there = [one for one in foreign_buckets.list_all() if _is_open(one.name)]

    def read(tx: Transaction) -> tuple[dict[str, BucketHold], bool]:
        names = [one.name for one in there]
        return file_buckets.holds_of(tx, names), file_buckets.has_agency(tx, account_id)

    holds, agency = run(read)
    return [
        FileBucket(one.name, one.created_at, authorised=agency or one.name in holds)
        for one in there
        if one.name not in holds or holds[one.name].account_id == account_id
    ]


def list_objects(
    account_id: str, bucket: str, prefix: str = "", extensions: Sequence[str] = ()
) -> list[StoredObject]:
    """The first 1,000 objects, by key, whose keys begin with ``prefix`` and end with one of the
    ``extensions`` ("mp4"; none: any), among the first 10,000 with the prefix.

    Raises BucketNotAuthorised, BucketUnusable, BucketDenied, StorageUnavailable.
    """
    run(partial(require_authorised, account_id=account_id, bucket=bucket))
    wanted = tuple(f".{one.lstrip('.').lower()}" for one in extensions)
    found: list[StoredObject] = []
    try:
        for one in foreign_buckets.objects(bucket, prefix, _MOST_SEEN):
            if not wanted or one.key.lower().endswith(wanted):
                found.append(one)
            if len(found) == _MOST_LISTED:
                break
    except _UNREACHABLE as error:
        raise _told(error, bucket) from error
    return found


def has_agency(account_id: str) -> bool:
    """Whether the account has an agency."""
    return run(lambda tx: file_buckets.has_agency(tx, account_id))


def create_agency(account_id: str) -> None:
    """Let the account's tasks use every bucket that no other account has. Raises AgencyExists."""
    if not run(lambda tx: file_buckets.add_agency(tx, account_id)):
        raise AgencyExists(account_id)


def cancel_agency(account_id: str) -> None:
    """Leave the account only the buckets that it has authorised. Raises AgencyMissing."""
    ended = run(lambda tx: file_buckets.delete_agency(tx, account_id))
    # Without the agency they give no right; this only tidies up, also after a broken-off attempt.
    while run(lambda tx: file_buckets.delete_holds_by_agency(tx, account_id, _BATCH)) == _BATCH:
        pass
    if not ended:
        raise AgencyMissing(account_id)


_UNREACHABLE = (
    foreign_buckets.BucketMissing,
    foreign_buckets.BucketElsewhere,
    foreign_buckets.BucketRefused,
    bucket_access.FilesNotConfigured,
)


def _is_open(bucket: str) -> bool:
    """Whether it is a bucket's name, not one of our own, and one that the operator has opened."""
    try:
        _require_open(bucket)
    except (BucketUnusable, BucketDenied):
        return False
    return True


def _require_foreign(bucket: str) -> None:
    try:
        bucket_access.require_foreign(bucket)
    except BucketNameInvalid as error:
        raise BucketUnusable(str(error)) from error
    except BucketReserved as error:
        raise BucketDenied(str(error)) from error


def _require_open(bucket: str) -> None:
    _require_foreign(bucket)
    patterns = [one.strip() for one in settings().file_buckets.split(",")]
    if not any(matches(pattern, bucket) for pattern in patterns if pattern):
        raise BucketDenied(f"the operator has not opened the bucket {bucket} for tasks")


def _require_free(hold: BucketHold | None, account_id: str) -> None:
    if hold is not None and hold.account_id != account_id:
        raise BucketDenied(f"the bucket {hold.bucket} is authorised by another account")


def _require_usable(bucket: str) -> None:
    try:
        encryption = foreign_buckets.check(bucket)
    except _UNREACHABLE as error:
        raise _told(error, bucket) from error
    if encryption.startswith("aws:kms"):
        raise BucketUnusable(f"the bucket {bucket} is encrypted with KMS, which is not supported")


def _told(error: Exception, bucket: str) -> Exception:
    if isinstance(error, foreign_buckets.BucketMissing):
        return BucketUnusable(f"there is no bucket {bucket}")
    if isinstance(error, foreign_buckets.BucketElsewhere):
        return BucketUnusable(f"{error}, OpenVOD in {settings().storage_region}")
    if isinstance(error, foreign_buckets.BucketRefused):
        return BucketDenied(f"AWS denies OpenVOD access to the bucket {bucket}")
    return BucketDenied("the deployment is not set up for tasks on files")
