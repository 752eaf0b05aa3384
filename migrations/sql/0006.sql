-- Where media come from, and pulls of media from URLs.

-- upload_source: url or register, empty for an upload; upload_ip: the address it was uploaded from.
-- Both are null where the former version wrote the row, and before an upload.
ALTER TABLE media ADD COLUMN IF NOT EXISTS upload_source text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS upload_ip text;

CREATE INDEX IF NOT EXISTS media_by_source ON media (source_key);

-- media: the record (JSON) that the pull makes when it has ended well; until then there is none.
-- url_digest: SHA-256 of source_url, which is too long for an index.
-- multipart_id, validator, total_size: what a pull that was broken off goes on with.
CREATE TABLE IF NOT EXISTS url_pull (
    job_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    source_url text NOT NULL,
    url_digest text NOT NULL,
    media_id text NOT NULL,
    media text NOT NULL,
    user_data text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    lease_owner text NOT NULL,
    due_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    multipart_id text NOT NULL,
    validator text NOT NULL,
    total_size bigint,
    pulled_size bigint NOT NULL,
    error_code text NOT NULL,
    error_message text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS url_pull_by_url ON url_pull (account_id, url_digest, created_at);

CREATE INDEX IF NOT EXISTS url_pull_due ON url_pull (state, due_at);

-- A session id answers for one request only, for as long as it is kept.
CREATE TABLE IF NOT EXISTS url_pull_session (
    account_id text NOT NULL,
    session_id text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, session_id)
);

CREATE INDEX IF NOT EXISTS url_pull_session_by_age ON url_pull_session (created_at);
