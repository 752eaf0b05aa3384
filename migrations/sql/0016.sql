-- Totals of searches that took long to count are remembered, and kept exact by what has changed
-- since: the same conditions are asked of these few rows.

-- Each change of a media that a search could notice, as two rows: the media as it was (amount -1)
-- and as it is (amount 1). Columns after change_id and amount are those of media.
CREATE TABLE IF NOT EXISTS media_change (
    account_id text NOT NULL,
    change_id text NOT NULL,
    amount bigint NOT NULL,
    app_id text NOT NULL,
    media_type text NOT NULL,
    media_id text NOT NULL,
    category_id bigint,
    category_ids text NOT NULL,
    status text NOT NULL,
    business_type text NOT NULL,
    preprocessing text NOT NULL,
    title text NOT NULL,
    tags text NOT NULL,
    description text NOT NULL,
    file_name text NOT NULL,
    source_size bigint,
    duration_ms bigint,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, change_id)
);

-- Counted up whenever changes of the account are cleared away: what was remembered before it is
-- not worth anything then.
CREATE TABLE IF NOT EXISTS media_total_epoch (
    account_id text PRIMARY KEY,
    epoch bigint NOT NULL
);

-- amount: the total without the changes that are there. slot: a few bits of the question, so that
-- an account has only so many rows; question: a digest of scope and filter.
CREATE TABLE IF NOT EXISTS media_total (
    account_id text NOT NULL,
    slot bigint NOT NULL,
    question text NOT NULL,
    epoch bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (account_id, slot)
);

-- Ended pulls are forgotten after a while.
CREATE INDEX IF NOT EXISTS url_pull_finished ON url_pull (finished_at);
