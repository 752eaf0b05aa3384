-- Playback: play domains and their limits, counters, keys of encrypted streams, security addresses.

-- secrets: sealed JSON of the signing keys and the secret shared with the edge; limits: JSON.
CREATE TABLE IF NOT EXISTS play_domain (
    domain text PRIMARY KEY,
    signed boolean NOT NULL,
    validity_seconds bigint NOT NULL,
    sealed_secrets text NOT NULL,
    master_key_id bigint NOT NULL,
    limits text NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS play_domain_of_master_key ON play_domain (master_key_id);

-- How often a signed URL was opened in the period that ends at ends_at.
CREATE TABLE IF NOT EXISTS play_opening (
    url_id text PRIMARY KEY,
    openings bigint NOT NULL,
    addresses text NOT NULL,
    ends_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS play_opening_by_end ON play_opening (ends_at);

-- How often a token for an HLS key was used; a token that was never used has no row.
CREATE TABLE IF NOT EXISTS key_token_use (
    token_id text PRIMARY KEY,
    uses bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS key_token_use_by_end ON key_token_use (expires_at);

-- How a rendition is encrypted. ciphertext: its key as KMS wrapped it; the key itself is stored nowhere.
CREATE TABLE IF NOT EXISTS stream_key (
    job_id text PRIMARY KEY,
    media_id text NOT NULL,
    kind text NOT NULL,
    ciphertext text NOT NULL,
    key_uri text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS stream_key_of_media ON stream_key (media_id);

-- The one key of a media's private streams.
CREATE TABLE IF NOT EXISTS media_key (
    media_id text PRIMARY KEY,
    ciphertext text NOT NULL,
    created_at timestamptz NOT NULL
);

-- From these addresses media under review, and blocked ones, may be played.
CREATE TABLE IF NOT EXISTS security_address_group (
    account_id text NOT NULL,
    group_name text NOT NULL,
    addresses text NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, group_name)
);
