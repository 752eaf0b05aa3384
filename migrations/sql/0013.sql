-- Which account may have which buckets worked on, and where the news of its tasks on files goes.

-- A bucket is one account's at a time. by_agency: not named by the account but first used under its
-- agency, and its own only as long as that lasts.
CREATE TABLE IF NOT EXISTS file_bucket (
    bucket text PRIMARY KEY,
    account_id text NOT NULL,
    by_agency boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS file_bucket_by_account ON file_bucket (account_id, by_agency);

-- Accounts that let every bucket be used that nobody else has.
CREATE TABLE IF NOT EXISTS file_agency (
    account_id text PRIMARY KEY,
    created_at timestamptz NOT NULL
);

-- topic: as the account wrote it; channel and target: what is meant by it.
CREATE TABLE IF NOT EXISTS file_notice (
    account_id text NOT NULL,
    notice text NOT NULL,
    enabled boolean NOT NULL,
    topic text NOT NULL,
    message_type bigint,
    channel text NOT NULL,
    target text NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, notice)
);
