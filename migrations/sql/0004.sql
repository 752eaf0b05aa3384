-- Several subscribers for one application, the history of attempts, and the health of endpoints.

-- endpoint_id: a digest of account, channel and address, by which deliveries share a fate.
-- subscriber_id: whose key signs it; empty: the key of the subscription of the vendors' APIs.
-- claims_before: how many claims an earlier life of a replayed delivery had.
-- hint_at: when the timer may hint at it again.
-- All are null in rows from before this migration.
ALTER TABLE delivery ADD COLUMN IF NOT EXISTS endpoint_id text;
ALTER TABLE delivery ADD COLUMN IF NOT EXISTS subscriber_id text;
ALTER TABLE delivery ADD COLUMN IF NOT EXISTS event_type text;
ALTER TABLE delivery ADD COLUMN IF NOT EXISTS claims_before bigint;
ALTER TABLE delivery ADD COLUMN IF NOT EXISTS hint_at timestamptz;

CREATE INDEX IF NOT EXISTS delivery_by_endpoint ON delivery (endpoint_id, state, created_at);

CREATE INDEX IF NOT EXISTS delivery_by_account ON delivery (account_id, created_at);

CREATE INDEX IF NOT EXISTS delivery_by_state ON delivery (state, created_at);

CREATE TABLE IF NOT EXISTS delivery_attempt (
    attempt_id text PRIMARY KEY,
    delivery_id text NOT NULL,
    started_at timestamptz NOT NULL,
    latency_ms bigint NOT NULL,
    status bigint,
    error text NOT NULL,
    excerpt text NOT NULL
);

CREATE INDEX IF NOT EXISTS delivery_attempt_of ON delivery_attempt (delivery_id, started_at);

-- Subscribers beside the one that the vendors' APIs set; the columns mean what they mean there.
CREATE TABLE IF NOT EXISTS event_subscriber (
    subscriber_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    channel text NOT NULL,
    callback_url text NOT NULL,
    selectors text NOT NULL,
    signed boolean NOT NULL,
    sealed_auth_key text NOT NULL,
    master_key_id bigint NOT NULL,
    queue_endpoint text NOT NULL,
    queue_name text NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS event_subscriber_of ON event_subscriber (account_id, app_id, subscriber_id);

CREATE INDEX IF NOT EXISTS event_subscriber_of_master_key ON event_subscriber (master_key_id);

-- Only endpoints that fail, or failed a moment ago, have a row.
CREATE TABLE IF NOT EXISTS event_endpoint (
    endpoint_id text PRIMARY KEY,
    account_id text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    state text NOT NULL,
    failures bigint NOT NULL,
    openings bigint NOT NULL,
    failing_since timestamptz NOT NULL,
    probe_at timestamptz NOT NULL,
    last_error text NOT NULL,
    disabled_at timestamptz
);

CREATE INDEX IF NOT EXISTS event_endpoint_to_probe ON event_endpoint (state, probe_at);

CREATE INDEX IF NOT EXISTS event_endpoint_by_account ON event_endpoint (account_id, endpoint_id);
