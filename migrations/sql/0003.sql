-- Events to send, who wants them, and the sending of each.

-- The outbox: written in the transaction that made the event true.
CREATE TABLE IF NOT EXISTS event (
    event_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    event_type text NOT NULL,
    media_id text NOT NULL,
    payload text NOT NULL,
    override_url text NOT NULL,
    extend text NOT NULL,
    occurred_at timestamptz NOT NULL,
    state text NOT NULL,
    announce_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS event_to_announce ON event (state, announce_at);

CREATE TABLE IF NOT EXISTS event_subscription (
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
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, app_id)
);

CREATE INDEX IF NOT EXISTS event_subscription_of_master_key ON event_subscription (master_key_id);

-- delivery_id is a digest of event and target, which makes the pair unique.
CREATE TABLE IF NOT EXISTS delivery (
    delivery_id text PRIMARY KEY,
    event_id text NOT NULL,
    account_id text NOT NULL,
    app_id text NOT NULL,
    media_id text NOT NULL,
    channel text NOT NULL,
    target text NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    claims bigint NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    last_status bigint,
    last_latency_ms bigint,
    last_error text NOT NULL,
    last_excerpt text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, next_attempt_at);

CREATE INDEX IF NOT EXISTS delivery_by_event ON delivery (event_id);

CREATE INDEX IF NOT EXISTS delivery_by_media ON delivery (account_id, media_id, created_at);
