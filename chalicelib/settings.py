"""Every environment variable that OpenVOD reads, as one typed model.

All names carry the prefix ``OPENVOD_``; ``docs/settings.md`` lists them for operators. AWS's own
variables (``AWS_REGION``, ``AWS_ENDPOINT_URL``, credentials) are read by boto3, not here.
"""

import os
from collections.abc import Mapping
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator

_PREFIX = "OPENVOD_"


class Settings(BaseModel):
    """The deployment's configuration; immutable for the life of a process."""

    # Plain pydantic: pydantic-settings would take a tenth of a cold start to read a dictionary.
    model_config = ConfigDict(frozen=True)

    stage: str = Field("local", description="Deployment stage; part of every resource's name.")
    region: str = Field("cn-shanghai", description="Region that the vendors' answers carry.")
    account_id: str = Field("1000000000000001", description="The default account's id.")
    database_url: str = Field("", description="PostgreSQL URL (libpq form).", repr=False)
    dsql_endpoint: str = Field(
        "", description="Aurora DSQL cluster to use, by IAM token, when there is no database URL."
    )

    public_url: str = Field(
        "http://127.0.0.1:8700",
        description="Base URL under which clients reach the API, no final slash.",
    )
    play_url: str = Field(
        "http://127.0.0.1:8702",
        description="Base URL of the edge: its host is the default play domain, no final slash.",
    )
    host_id: str = Field("vod.openvod", description="HostId of error answers.")

    media_bucket: str = Field("", description="Bucket that holds sources and outputs.")
    upload_role_arn: str = Field("", description="Role that upload credentials are cut from.")
    files_role_arn: str = Field(
        "", description="Role that credentials for further buckets are cut from."
    )
    file_buckets: str = Field(
        "",
        description="Further buckets that accounts may authorise for tasks on files, as"
        " `films,customer-*`; empty: none, `*`: every bucket of the AWS account but OpenVOD's own.",
    )
    storage_endpoint: str = Field(
        "", description="S3 endpoint written into UploadAddress; empty: the region's own endpoint."
    )
    storage_region: str = Field("us-east-1", description="AWS region of the bucket.")
    edge_store_arn: str = Field(
        "", description="KeyValueStore of the edge; empty: the edge reads the database itself."
    )
    kms_key_id: str = Field("", description="KMS key that wraps the master keys.")

    quick_jobs_queue_url: str = Field("", description="Queue of probes and snapshots.")
    heavy_jobs_queue_url: str = Field("", description="Queue of transcodes.")
    deliveries_queue_url: str = Field("", description="Queue of events to send.")
    pulls_queue_url: str = Field("", description="Queue of pulls from URLs.")

    upload_credential_seconds: PositiveInt = Field(
        3000, description="Life of an UploadAuth; the vendor's own is 3000."
    )
    play_url_seconds: PositiveInt = Field(
        3600, description="Validity of URLs on a play domain that is made without saying another."
    )
    forwarded_address_key: str = Field(
        "",
        repr=False,
        description="AES key (16, 24 or 32 characters) of PlayConfig.XForwardedFor; empty: unused.",
    )
    timestamp_window_seconds: PositiveInt = Field(
        900, description="Requests whose timestamp is further off than this are refused."
    )

    job_lease_seconds: PositiveInt = Field(
        30, description="A job whose worker has not renewed its lease for this long is run again."
    )
    job_max_attempts: PositiveInt = Field(
        5, description="How often a job may be started before it fails for good."
    )
    transcode_seconds: PositiveInt = Field(
        840, description="Time limit of one transcode; on AWS below the function's 900 s."
    )
    transcode_target_seconds: PositiveInt = Field(
        300, description="A transcode that would take longer is shared out among workers."
    )
    transcode_workers: PositiveInt = Field(
        50, description="How many workers one source may be shared out to at the same time."
    )
    playable_while_transcoding: bool = Field(
        False, description="Let HLS renditions be played from their first segments on."
    )
    max_output_bytes: PositiveInt = Field(
        50 * 1024**3, description="A rendition that grows beyond this is stopped."
    )
    lost_upload_seconds: PositiveInt = Field(
        60, description="How old a pending upload is before the timer looks for its object itself."
    )

    pull_max_bytes: PositiveInt = Field(
        5 * 1024**3,
        le=80_000 * 1024**2,
        description="The largest file that is pulled from a URL; the vendor's own limit is 5 GB.",
    )
    pull_seconds: PositiveInt = Field(
        86_400, description="A pull that has not ended this long after its start has failed."
    )
    pull_slice_seconds: PositiveInt = Field(
        780,
        description="How long one run of the puller goes on before the next takes over; on AWS well"
        " below the function's 900 s.",
    )
    pull_stall_seconds: PositiveInt = Field(
        20, description="A source that does not send 64 KiB within this long is hung up on."
    )
    pull_max_attempts: PositiveInt = Field(
        5, description="How often in a row a pull may break off without progress before it fails."
    )
    pull_private_sources: str = Field(
        "",
        description="Networks beside the public internet that may be pulled from, as"
        " `10.1.0.0/16,192.168.7.3`; metadata services never may.",
    )
    pull_retention_days: PositiveInt = Field(
        30, description="Pulls that ended longer ago than this are forgotten; their media stay."
    )

    applications: bool = Field(
        True, description="Let accounts make applications of their own beside the default one."
    )
    rate_limits: bool = Field(
        True,
        description="Refuse calls beyond the vendor's limits per account and action.",
    )

    long_retries: bool = Field(
        True,
        description="Go on sending an event for up to 27 hours after the vendor's three attempts.",
    )
    endpoint_concurrency: PositiveInt = Field(
        4, description="How many callbacks one process sends to one receiver at the same time."
    )
    tracing: bool = Field(False, description="Send traces to X-Ray; the deployment sets it.")

    event_retention_days: PositiveInt = Field(
        30, description="Events, deliveries and dead letters older than this are deleted."
    )
    allow_private_callbacks: bool = Field(
        False,
        description="Let callbacks go to loopback and private addresses. Only for one machine.",
    )

    @field_validator("pull_private_sources")
    @classmethod
    def _networks(cls, text: str) -> str:
        # Here, because a function that starts is noticed, and a pull that fails much later is not.
        from ipaddress import ip_network

        for part in text.split(","):
            if part.strip():
                ip_network(part.strip())
        return text


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ)


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment says. Raises ValueError for what cannot be one."""
    names = {_PREFIX + name.upper(): name for name in Settings.model_fields}
    given = {names[key]: value for key, value in environment.items() if key in names}
    return Settings.model_validate(given)
